"""A Word file of before 2007, as small as its readers take one: a compound file of two streams."""

from __future__ import annotations

import struct

_SECTOR = 512
_LEAST = 4096  # bytes of a stream that has sectors of its own
_END, _TABLE, _NONE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_TEXT = 0x600  # where the text begins in its stream


def make_doc(text: str) -> bytes:
    """Return a file that holds a text as one piece in UTF-16.

    The fields are those of [MS-DOC] and [MS-CFB].
    """
    body = text.replace("\n", "\r").encode("utf-16-le")
    piece = struct.pack("<IIHIH", 0, len(text), 0, _TEXT, 0)
    pieces = b"\x02" + struct.pack("<I", len(piece)) + piece
    block = bytearray(_TEXT)
    struct.pack_into("<HHHHHHHI", block, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0x1200, 0xBF, 0)
    struct.pack_into("<II", block, 0x18, _TEXT, _TEXT + len(body))
    struct.pack_into("<H", block, 0x20, 14)
    struct.pack_into("<H", block, 0x3E, 22)
    struct.pack_into("<I", block, 0x4C, len(text))
    struct.pack_into("<H", block, 0x98, 93)
    struct.pack_into("<II", block, 0x1A2, 0, len(pieces))
    return _compound({"WordDocument": bytes(block) + body, "1Table": pieces})


def _compound(streams: dict[str, bytes]) -> bytes:
    chain, data = [_TABLE, _END], b""
    entries = [_entry("Root Entry", 5, child=1)]
    for number, (name, content) in enumerate(streams.items(), start=1):
        content = content.ljust(max(_LEAST, -(-len(content) // _SECTOR) * _SECTOR), b"\0")
        first, count = len(chain), len(content) // _SECTOR
        chain += [*range(first + 1, first + count), _END]
        data += content
        left = number + 1 if number < len(streams) else _NONE
        entries.append(_entry(name, 2, first=first, size=len(content), left=left))
    directory = b"".join(entries).ljust(_SECTOR, b"\0")
    table = b"".join(struct.pack("<I", value) for value in chain).ljust(_SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, _LEAST, _END, 0, _END, 0, 0)
    return head.ljust(_SECTOR, b"\xff") + table + directory + data


def _entry(name: str, kind: int, *, child: int = _NONE, first: int = _END, size: int = 0, left: int = _NONE) -> bytes:
    raw = f"{name}\0".encode("utf-16-le")
    places = struct.pack("<HBBIII", len(raw), kind, 1, left, _NONE, child)
    return raw.ljust(64, b"\0") + places + bytes(36) + struct.pack("<IQ", first, size)
