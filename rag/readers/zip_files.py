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
        raise ReadError(f"{content.name} is damaged, or cut short. Fetch it again") from None
    with archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ReadError(f"{content.name} holds {len(members):,} members, more than {MOST_MEMBERS:,}. Unpack it")
        total, most = sum(member.file_size for member in members), MOST_UNPACKED * content.max_bytes
        if total > most:
            raise ReadError(f"{content.name} unpacks to {total:,} bytes, more than the limit of {most:,}. Unpack it")
        yield archive


def member_bytes(content: Content, archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the bytes of one member; what it claims of its size is not believed.

    Raises:
        ReadError: it is missing, encrypted, damaged or too large.
    """
    parts: list[bytes] = []
    length = 0
    try:
        with archive.open(name) as stream:
            while block := stream.read(_BLOCK):
                length += len(block)
                if length > content.max_bytes:
                    break
                parts.append(block)
    except MemoryError:
        raise
    except Exception as error:  # RuntimeError for encryption, zlib.error, BadZipFile, NotImplementedError, KeyError
        why = "is encrypted" if "encrypted" in str(error) else "is damaged or missing"
        raise ReadError(f"{content.name}: member {name[:100]!r} {why}. Fetch it again, without a password") from None
    if length > content.max_bytes:
        limit = f"has more than {content.max_bytes:,} bytes"
        raise ReadError(f"{content.name}: member {name[:100]!r} {limit}. Unpack it, or raise RAG_MAX_FILE_BYTES")
    return b"".join(parts)
