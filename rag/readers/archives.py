"""ZIP, TAR, gzip, bzip2 and xz files of articles: each member is read like a file, with the id `path#member`.

Nothing is written to disk, so that no name can lead out of a folder. What members unpack to is counted, not believed.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath

from rag.errors import ReadError
from rag.readers.compression import TooLarge, unpack
from rag.readers.content import Content
from rag.readers.leftovers import leftover_members
from rag.readers.zip_files import MOST_MEMBERS, MOST_UNPACKED, member_bytes, opened
from rag.records import Document, Failure

_WARC = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)
_DEEPEST = 2  # an archive in an archive is common, one in that is a mistake or an attack


def read_zip(content: Content) -> Iterator[Document | Failure]:
    """Yield the articles of a ZIP file's members.

    Raises:
        ReadError: it is damaged, nested too deep, or unpacks to too much.
    """
    _check_depth(content)
    seen: set[str] = set()
    with opened(content) as archive:
        if all(_is_folder(member) for member in archive.infolist()):
            raise ReadError("archive_empty", name=content.name)
        left = leftover_members(member.filename for member in archive.infolist() if not _is_folder(member))
        for member in archive.infolist():
            name = _key(member.filename, seen)
            if _is_folder(member) or member.filename in left:
                continue
            try:
                data = member_bytes(content, archive, member)
            except ReadError as error:
                yield Failure.from_error(f"{content.id}#{name}", error)
                continue
            yield from _member(content, name, data, PurePosixPath(member.filename).suffix)


def read_tar(content: Content) -> Iterator[Document | Failure]:
    """Yield the articles of a TAR file's members; links and devices are left out.

    Raises:
        ReadError: it is damaged, nested too deep, or too large.
    """
    _check_depth(content)
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(content.data), mode="r:") as archive:
            members = list(islice(archive, MOST_MEMBERS + 1))
            if len(members) > MOST_MEMBERS:
                raise ReadError("archive_too_many_members", name=content.name, limit=MOST_MEMBERS)
            left = leftover_members(member.name for member in members if not member.isdir())
            for member in members:
                name = _key(member.name, seen)
                stream = archive.extractfile(member) if member.isreg() and member.name not in left else None
                if stream is not None:
                    suffix = PurePosixPath(member.name).suffix
                    yield from _member(content, name, stream.read(content.max_bytes + 1), suffix)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        raise ReadError("archive_damaged", name=content.name) from None


def read_packed(content: Content) -> Iterator[Document | Failure]:
    """Yield the articles of what a gzip, bzip2 or xz file holds: a TAR archive, or one file.

    Raises:
        ReadError: it is damaged, or unpacks to too much.
    """
    from rag.readers import read_content

    _check_depth(content)
    most = MOST_UNPACKED * content.max_bytes
    try:
        data = unpack(content.data, most, content.name)
    except TooLarge:
        raise ReadError("archive_too_large", name=content.name, limit=most) from None
    suffix = _inner_suffix(content.id)
    is_tar = data[257:262] == b"ustar"
    if not is_tar and len(data) > content.max_bytes:
        raise ReadError("file_over_limit", name=content.name, limit=content.max_bytes)
    if not data:
        raise ReadError("file_empty", name=content.name)
    inner = replace(content, data=data, suffix=suffix, depth=content.depth + (0 if is_tar else 1))
    yield from read_content(inner)


def read_wacz(content: Content) -> Iterator[Document | Failure]:
    """Yield the pages of a packed web archive (WACZ), each once; its lists of pages and indexes hold no others.

    Raises:
        ReadError: it is damaged, or unpacks to too much.
    """
    from rag.readers.warc import read_warc

    most = MOST_UNPACKED * content.max_bytes
    parts: list[bytes] = []
    with opened(content) as archive:
        members = [m for m in archive.infolist() if m.filename.startswith("archive/") and _WARC.search(m.filename)]
        packed = [member_bytes(content, archive, member) for member in members]
    for data in packed if len({data[:2] for data in packed}) > 1 else ():
        try:
            parts.append(unpack(data, most, content.name) if data.startswith(b"\x1f\x8b") else data)
        except TooLarge:
            raise ReadError("archive_too_large", name=content.name, limit=most) from None
    whole = b"\r\n".join(parts) if parts else b"".join(packed)
    if not whole:
        raise ReadError("wacz_without_pages", name=content.name)
    yield from read_warc(replace(content, data=whole, suffix=".warc"))


def _inner_suffix(name: str) -> str:
    """Return the ending that a packed file's name has before that of the packing."""
    path = PurePosixPath(name)
    packing = path.suffix.lower()
    return ".tar" if packing in (".tgz", ".tbz2", ".txz", ".tbz") else path.with_suffix("").suffix.lower()


def _member(content: Content, name: str, data: bytes, suffix: str) -> Iterator[Document | Failure]:
    from rag.readers import read_content

    part = content.part(name, data, suffix)
    try:
        if len(data) > content.max_bytes:
            raise ReadError("file_over_limit", name=part.name, limit=content.max_bytes)
        if not data:
            raise ReadError("file_empty", name=part.name)
        yield from read_content(part)
    except ReadError as error:
        yield Failure.from_error(part.id, error)


def _check_depth(content: Content) -> None:
    if content.depth >= _DEEPEST:
        raise ReadError("archive_nested", name=content.name, depth=content.depth)


def _key(name: str, seen: set[str]) -> str:
    """Return a member's name as a key: what no database takes is escaped, a name said twice is numbered."""
    key = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\x00", "")
    number = 2
    unique = key
    while unique in seen:
        unique, number = f"{key}@{number}", number + 1
    seen.add(unique)
    return unique


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is a folder; the standard library fails where damage left it no name."""
    return member.filename.endswith("/")
