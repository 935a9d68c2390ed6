"""Zstandard files of several frames, bounded: RFC 8878, and the dictionary in front of `.warc.zst` files.

Where each frame ends is read from the headers of its blocks, so that a damaged one does not lose those after it, and
nothing is unpacked to find out. (https://iipc.github.io/warc-specifications/specifications/warc-zstd/)
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.indexing.readers.codings import TooLarge

if TYPE_CHECKING:
    from zstandard import ZstdCompressionDict

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


def unzstd(data: bytes, most: int) -> bytes:
    """Return what all frames hold together.

    Raises:
        TooLarge: that is more than `most` bytes.
        ValueError: one is damaged or cut short; the message goes on after a name.
    """
    found: list[bytes] = []
    for _, part in zstd_members(data, most):
        if part is None:
            raise ValueError("is compressed and damaged, or cut short. Fetch it again")
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
