"""ZIP files opened with bounds: no bomb is unpacked, no name leaves its archive, nothing is written to disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import ReadError
from rag.readers.content import Content

MOST_MEMBERS = 10_000
MOST_UNPACKED = 10
"""How many times the size limit all members together may have: their texts are held in memory together."""

_BLOCK = 1_000_000


@contextmanager
def opened(content: Content) -> Iterator[zipfile.ZipFile]:
    """Open the ZIP file that a content is.

    Raises:
        ReadError: it is damaged, or has too many members, or unpacks to too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content.data))
    except MemoryError:
        raise
    except Exception:  # the library raises more than it documents on damaged archives
        raise ReadError("archive_damaged", name=content.name) from None
    with archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ReadError("archive_too_many_members", name=content.name, limit=MOST_MEMBERS)
        total, most = sum(member.file_size for member in members), MOST_UNPACKED * content.max_bytes
        if total > most:
            raise ReadError("archive_too_large", name=content.name, limit=most)
        yield archive


def member_bytes(content: Content, archive: zipfile.ZipFile, member: str | zipfile.ZipInfo) -> bytes:
    """Return the bytes of one member; what it claims of its size is not believed.

    Of several members of one name, only the entry itself tells which is meant.

    Raises:
        ReadError: it is missing, encrypted, damaged or too large.
    """
    name = member if isinstance(member, str) else member.filename
    parts: list[bytes] = []
    length = 0
    try:
        with archive.open(member) as stream:
            while block := stream.read(_BLOCK):
                length += len(block)
                if length > content.max_bytes:
                    break
                parts.append(block)
    except MemoryError:
        raise
    except Exception as error:  # RuntimeError for encryption, zlib.error, BadZipFile, NotImplementedError, KeyError
        if "encrypted" in str(error):
            raise ReadError("member_encrypted", name=content.name, member=name[:100]) from None
        raise ReadError("member_damaged", name=content.name, member=name[:100]) from None
    if length > content.max_bytes:
        raise ReadError("member_over_limit", name=content.name, member=name[:100], limit=content.max_bytes)
    return b"".join(parts)
