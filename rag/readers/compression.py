"""Bytes that travel compressed: HTTP content codings, and gzip files of several members.

What they unpack to is bounded.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rag.errors import ReadError
from rag.readers.packages import require

if TYPE_CHECKING:
    from zstandard import ZstdCompressionDict

XZ = b"\xfd7zXZ\x00"
_MOST_XZ_MEMORY = 200_000_000  # bytes; the highest usual level takes 65 MB
_GZIP = b"\x1f\x8b\x08"
_BLOCK = 65_536  # what follows a member is copied once for each block, not once for each member


class TooLarge(ValueError):
    """The bytes unpack to more than the limit."""


def decode_codings(data: bytes, codings: str, most: int, name: str) -> bytes:
    """Undo the content codings of an HTTP message (``gzip``, ``deflate``, ``br``, ``zstd``, or several after commas).

    Example:
        >>> decode_codings(zlib.compress(b"vest"), "deflate", 10, "a.html")
        b'vest'

    Raises:
        TooLarge: more than `most` bytes come out.
        ReadError: the coding is unknown, or the bytes are damaged or cut short; `name` is what the error calls them.
    """
    for coding in reversed([coding.strip().lower() for coding in codings.split(",")]):
        data = _undo(data, coding, most, name)
    return data


def gunzip(data: bytes, most: int, name: str) -> bytes:
    """Return what a gzip file holds, all its members together.

    Raises:
        TooLarge: that is more than `most` bytes.
        ReadError: it is damaged or cut short; `name` is what the error calls it.
    """
    found: list[bytes] = []
    at = 0
    while not found or data[at:].strip(b"\x00"):  # some tools fill the last block up
        parts, end, wrong = _member(memoryview(data)[at:], most)
        if wrong:
            raise ReadError("compression_damaged", name=name)
        found.append(b"".join(parts))
        at, most = at + end, most - len(found[-1])
    return b"".join(found)


def unpack(data: bytes, most: int, name: str) -> bytes:
    """Return what a gzip, bzip2 or xz file holds, all its members together.

    Raises:
        TooLarge: that is more than `most` bytes.
        ReadError: it is damaged or cut short; `name` is what the error calls it.
    """
    if not data.startswith((b"BZh", XZ)):
        return gunzip(data, most, name)
    import bz2
    import lzma

    form = "bzip2" if data.startswith(b"BZh") else "xz"
    found: list[bytes] = []
    while data.strip(b"\x00"):
        unpacker: Any = bz2.BZ2Decompressor() if form == "bzip2" else lzma.LZMADecompressor(memlimit=_MOST_XZ_MEMORY)
        try:
            found.append(unpacker.decompress(data, most + 1))
        except (OSError, EOFError, ValueError, lzma.LZMAError):
            raise ReadError("compression_damaged", name=name) from None
        most -= len(found[-1])
        if most < 0:
            raise TooLarge
        if not unpacker.eof:
            raise ReadError("compression_damaged", name=name)
        data = unpacker.unused_data
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


def _member(data: memoryview, most: int) -> tuple[list[bytes], int, bool]:
    """Return what the first member of the data holds, where it ends, and whether it is damaged or cut short."""
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    at = 0
    while not unpacker.eof and at < len(data):
        block = data[at : at + _BLOCK]
        try:
            parts.append(unpacker.decompress(block, most + 1))
        except zlib.error:
            return parts, at, True
        most -= len(parts[-1])
        if most < 0:
            raise TooLarge
        at += len(block)
    return parts, at - len(unpacker.unused_data), not unpacker.eof


def _undo(data: bytes, coding: str, most: int, name: str) -> bytes:
    if coding in ("", "identity"):
        return data
    if coding == "br":
        require("brotli", extra="warc", name=name)
        return _brotli(data, most, name)
    if coding == "zstd":
        require("zstandard", extra="warc", name=name)
        return unzstd(data, most, name)
    if coding in ("gzip", "x-gzip"):
        return _inflate(data, 31, most, name)
    if coding == "deflate":  # with zlib's header by the standard, without one from some servers
        return _inflate(data, 15 if data[:1] and data[0] & 0x0F == 8 else -15, most, name)
    raise ReadError("coding_unknown", name=name, coding=coding[:20])


def _inflate(data: bytes, wbits: int, most: int, name: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=wbits)
    try:
        found = unpacker.decompress(data, most + 1)
    except zlib.error:
        raise ReadError("compression_damaged", name=name) from None
    if len(found) > most:
        raise TooLarge
    if not unpacker.eof:
        raise ReadError("compression_damaged", name=name)
    return found


def _brotli(data: bytes, most: int, name: str) -> bytes:
    import brotli

    unpacker = brotli.Decompressor()
    try:
        found: bytes = unpacker.process(data, output_buffer_limit=most + 1)
        while len(found) <= most and (more := unpacker.process(b"", output_buffer_limit=most + 1 - len(found))):
            found += more
    except brotli.error:
        raise ReadError("compression_damaged", name=name) from None
    if len(found) > most:
        raise TooLarge
    if not unpacker.is_finished():
        raise ReadError("compression_damaged", name=name)
    return found


FRAME = b"\x28\xb5\x2f\xfd"
DICTIONARY = b"\x5d\x2a\x4d\x18"
"""A skippable frame of this number holds the dictionary, raw or compressed, where it is the first."""

_SKIPPABLE = bytes(range(0x50, 0x60))  # first bytes; 2a 4d 18 follow
_MOST_DICTIONARY = 16_000_000  # bytes; they are of 0.1 MB as a rule
_RLE, _RESERVED = 1, 3


def zstd_members(data: bytes, most: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield where each frame begins and what it holds, or None for one that is damaged or cut short.

    Raises:
        TooLarge: all frames together have more than `most` bytes.
    """
    dictionary, at = _dictionary(data)
    while at < len(data):
        if _is_skippable(data, at):
            at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
            continue
        end = _frame_end(data, at)
        found = _unpack(data[at:end], most, dictionary) if end is not None else None
        if found is not None:
            most -= len(found)
        yield at, found
        at = end if end is not None else _next_frame(data, at + 1)


def unzstd(data: bytes, most: int, name: str) -> bytes:
    """Return what all frames hold together.

    Raises:
        TooLarge: that is more than `most` bytes.
        ReadError: one is damaged or cut short; `name` is what the error calls them.
    """
    found: list[bytes] = []
    for _, part in zstd_members(data, most):
        if part is None:
            raise ReadError("compression_damaged", name=name)
        found.append(part)
    return b"".join(found)


def zstd_start(data: bytes) -> bytes:
    """Return the first bytes of the first frame; none where it is damaged."""
    dictionary, at = _dictionary(data)
    return _read(data[at:], 16, dictionary) or b""


def _dictionary(data: bytes) -> tuple[ZstdCompressionDict | None, int]:
    """Return the dictionary in front, and where the frames begin."""
    if not data.startswith(DICTIONARY) or len(data) < 8:
        return None, 0
    import zstandard

    end = 8 + int.from_bytes(data[4:8], "little")
    raw: bytes | None = data[8:end]
    if raw is not None and raw.startswith(FRAME):
        raw = _read(raw, _MOST_DICTIONARY, None)
    return (zstandard.ZstdCompressionDict(raw) if raw else None), end


def _frame_end(data: bytes, at: int) -> int | None:
    """Return where a frame ends, or None where none begins or it is cut short."""
    if data[at : at + 4] != FRAME or at + 5 > len(data):
        return None
    flags = data[at + 4]
    single, checksum = flags >> 5 & 1, flags >> 2 & 1
    size = (1 if single else 0, 2, 4, 8)[flags >> 6]
    at += 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + size
    while at + 3 <= len(data):
        header = int.from_bytes(data[at : at + 3], "little")
        kind = header >> 1 & 3
        if kind == _RESERVED:
            return None
        at += 3 + (1 if kind == _RLE else header >> 3)
        if header & 1:
            at += 4 * checksum
            return at if at <= len(data) else None
    return None


def _next_frame(data: bytes, at: int) -> int:
    following = data.find(FRAME, at)
    return following if following >= 0 else len(data)


def _is_skippable(data: bytes, at: int) -> bool:
    return data[at : at + 1] in {bytes((first,)) for first in _SKIPPABLE} and data[at + 1 : at + 4] == DICTIONARY[1:]


def _unpack(frame: bytes, most: int, dictionary: ZstdCompressionDict | None) -> bytes | None:
    found = _read(frame, most + 1, dictionary)
    if found is not None and len(found) > most:
        raise TooLarge
    return found


def _read(frame: bytes, most: int, dictionary: ZstdCompressionDict | None) -> bytes | None:
    """Return at most so many bytes of a frame, or None where it is damaged."""
    import zstandard

    parts: list[bytes] = []
    try:
        with zstandard.ZstdDecompressor(dict_data=dictionary).stream_reader(io.BytesIO(frame)) as reader:
            while most > 0 and (part := reader.read(most)):
                parts.append(part)
                most -= len(part)
    except zstandard.ZstdError:
        return None
    return b"".join(parts)
