"""Bytes that travel compressed: HTTP content codings, and gzip files of several members.

What they unpack to is bounded.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_GZIP = b"\x1f\x8b\x08"
_BLOCK = 65_536  # what follows a member is copied once for each block, not once for each member


class TooLarge(ValueError):
    """The bytes unpack to more than the limit."""


def decode_codings(data: bytes, codings: str, most: int) -> bytes:
    """Undo the content codings of an HTTP message (``gzip``, ``deflate``, ``br``, ``zstd``, or several after commas).

    Example:
        >>> decode_codings(zlib.compress(b"vest"), "deflate", 10)
        b'vest'

    Raises:
        TooLarge: more than `most` bytes come out.
        ValueError: the coding is unknown, or the bytes are damaged or cut short; the message goes on after a name.
    """
    for coding in reversed([name.strip().lower() for name in codings.split(",")]):
        data = _undo(data, coding, most)
    return data


def gunzip(data: bytes, most: int) -> bytes:
    """Return what a gzip file holds, all its members together.

    Raises:
        TooLarge: that is more than `most` bytes.
        ValueError: it is damaged or cut short; the message goes on after a name.
    """
    found: list[bytes] = []
    at = 0
    while not found or data[at:].strip(b"\x00"):  # some tools fill the last block up
        parts, end, wrong = _member(memoryview(data)[at:], most)
        if wrong:
            raise ValueError(f"is a gzip file {wrong}. Fetch it again")
        found.append(b"".join(parts))
        at, most = at + end, most - len(found[-1])
    return b"".join(found)


def gzip_members(data: bytes, most: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield where each member of a gzip file begins and its bytes, or None for one that is damaged or cut short.

    Raises:
        TooLarge: all members together have more than `most` bytes.
    """
    at = data.find(_GZIP)
    while at >= 0:
        parts, end, wrong = _member(memoryview(data)[at:], most)
        most -= sum(map(len, parts))  # damaged ones count too: looking for the next must not take for ever
        yield at, None if wrong else b"".join(parts)
        # After a whole member the next one follows at once; after a damaged one it has to be looked for.
        at = data.find(_GZIP, at + (1 if wrong else end))


def _member(data: memoryview, most: int) -> tuple[list[bytes], int, str]:
    """Return what the member at the beginning of the data holds, where it ends, and what is wrong with it, if so."""
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    at = 0
    while not unpacker.eof and at < len(data):
        block = data[at : at + _BLOCK]
        try:
            parts.append(unpacker.decompress(block, most + 1))
        except zlib.error:
            return parts, at, "that is damaged"
        most -= len(parts[-1])
        if most < 0:
            raise TooLarge
        at += len(block)
    return parts, at - len(unpacker.unused_data), "" if unpacker.eof else "cut short"


def _undo(data: bytes, coding: str, most: int) -> bytes:
    if coding in ("", "identity"):
        return data
    if coding == "br":
        return _brotli(data, most)
    if coding == "zstd":
        from rag.indexing.readers.zstd import unzstd

        return unzstd(data, most)
    if coding in ("gzip", "x-gzip"):
        return _inflate(data, 31, most)
    if coding == "deflate":  # with zlib's header by the standard, without one from some servers
        return _inflate(data, 15 if data[:1] and data[0] & 0x0F == 8 else -15, most)
    raise ValueError(f"has the content coding {coding[:20]!r}, which cannot be undone. Fetch it again without it")


def _inflate(data: bytes, wbits: int, most: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=wbits)
    try:
        found = unpacker.decompress(data, most + 1)
    except zlib.error:
        raise ValueError("is compressed and damaged. Fetch it again") from None
    if len(found) > most:
        raise TooLarge
    if not unpacker.eof:
        raise ValueError("is compressed and cut short. Fetch it again")
    return found


def _brotli(data: bytes, most: int) -> bytes:
    import brotli

    unpacker = brotli.Decompressor()
    try:
        found: bytes = unpacker.process(data, output_buffer_limit=most + 1)
        while len(found) <= most and (more := unpacker.process(b"", output_buffer_limit=most + 1 - len(found))):
            found += more
    except brotli.error:
        raise ValueError("is compressed and damaged. Fetch it again") from None
    if len(found) > most:
        raise TooLarge
    if not unpacker.is_finished():
        raise ValueError("is compressed and cut short. Fetch it again")
    return found
