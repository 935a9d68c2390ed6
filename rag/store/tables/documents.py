"""Documents as rows of the database, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypeVar

from rag.records import Document, Failure, Filters
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.rows import FileRecord

Text = str | bytes | None
T = TypeVar("T")
_CHUNK = 500  # values in one `IN (...)`; well below SQLite's limit, and few enough to be quick to prepare


def pack(text: str | None) -> Text:
    """Return text as SQLite takes it. Lone surrogates, which UTF-8 does not know, go in as bytes."""
    try:
        if text is not None:
            text.encode()
    except UnicodeEncodeError:
        return str(text).encode("utf-8", "surrogatepass")
    return text


def unpack(value: Text) -> str | None:
    """Undo `pack`.

    Raises:
        IndexDamaged: the bytes are no text.
    """
    try:
        return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value
    except UnicodeDecodeError as error:
        raise damaged("text", error) from error


def insert_document(database: sqlite3.Connection, document: Document, origin: str | None, stored: str) -> int:
    """Store a document that is not there yet, whose text came in at `stored`, and return its number."""
    cursor = database.execute(
        "INSERT INTO documents (id, origin, title, source, outlet, author, published, modified, language, sha256,"
        " masked, pages, evidence, characters, stored) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            pack(document.id),
            pack(origin),
            pack(document.title),
            pack(document.source),
            pack(document.outlet),
            pack(document.author),
            _write_date(document.published),
            _write_date(document.modified),
            pack(document.language),
            document.sha256,
            json.dumps(document.masked),
            json.dumps(document.pages),
            json.dumps(dict(document.evidence)),
            len(document.text),
            stored,
        ),
    )
    number = int(cursor.lastrowid or 0)
    database.execute("INSERT INTO texts (document, text) VALUES (?, ?)", (number, pack(document.text)))
    return number


def select_documents(database: sqlite3.Connection, numbers: Iterable[int]) -> Iterator[tuple[int, Document]]:
    """Yield number and document for those of `numbers` that are there, in no particular order."""
    for chunk in chunked(sorted(set(numbers))):
        rows = database.execute(
            "SELECT number, id, title, source, outlet, author, published, modified, language, masked, pages, evidence,"
            f" text, sha256 FROM documents JOIN texts ON texts.document = number WHERE number IN ({marks(chunk)})",
            chunk,
        )
        for number, *values, sha256 in rows:
            try:
                document = _read_document(*values)
            except UNREADABLE as error:
                raise damaged("document", error, repr(values[0])) from error
            check_digest(document, sha256)
            yield int(number), document


def _read_document(
    id_: Text,
    title: Text,
    source: Text,
    outlet: Text,
    author: Text,
    published: str | None,
    modified: str | None,
    language: Text,
    masked: str,
    pages: str,
    evidence: str,
    text: Text,
) -> Document:
    document = Document(
        id=unpack(id_) or "",
        text=unpack(text) or "",
        title=unpack(title) or "",
        source=unpack(source),
        outlet=unpack(outlet),
        author=unpack(author),
        published=read_date(published),
        modified=read_date(modified),
        language=unpack(language),
        masked=tuple((int(start), int(end)) for start, end in _read_json(masked)),
        pages=tuple(int(page) for page in _read_json(pages)),
        evidence=dict(_read_json(evidence)),
    )
    if not all(0 <= start <= end <= len(document.text) for start, end in document.masked):
        raise ValueError("a masked span lies outside its text")
    return document


def check_digest(document: Document, sha256: str) -> None:
    """Refuse a text that is not the one that was stored: it would be quoted as if it stood in the article.

    Raises:
        IndexDamaged: the text does not have that sha256.
    """
    if document.sha256 != sha256:
        raise damaged("text", ValueError("it does not match its sha256"), document.id)


def _write_date(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def _read_json(text: str) -> Any:
    return () if text in ("[]", "{}") else json.loads(text)  # most often empty, and read ten times a question


def document_numbers(database: sqlite3.Connection, ids: Iterable[str]) -> dict[str, int]:
    """Return the numbers of those of `ids` that are there."""
    wanted = list(dict.fromkeys(ids))
    numbers: dict[str, int] = {}
    for chunk in chunked(wanted):
        rows = database.execute(
            f"SELECT id, number FROM documents WHERE id IN ({marks(chunk)})", [pack(id_) for id_ in chunk]
        )
        numbers.update((unpack(id_) or "", int(number)) for id_, number in rows)
    return numbers


def digests(database: sqlite3.Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of the texts of those of `ids` that are there."""
    found: dict[str, str] = {}
    for chunk in chunked(list(dict.fromkeys(ids))):
        packed = [pack(id_) for id_ in chunk]
        rows = database.execute(f"SELECT id, sha256 FROM documents WHERE id IN ({marks(chunk)})", packed)
        found.update((unpack(id_) or "", str(digest)) for id_, digest in rows)
    return found


def documents_of(database: sqlite3.Connection, paths: Iterable[str]) -> list[str]:
    """Return the ids of the documents that came from these files, ascending."""
    found: list[str] = []
    for chunk in chunked(list(dict.fromkeys(paths))):
        packed = [pack(path) for path in chunk]
        rows = database.execute(f"SELECT id FROM documents WHERE origin IN ({marks(chunk)})", packed)
        found.extend(unpack(id_) or "" for (id_,) in rows)
    return sorted(found)


def document_ids(database: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ids of those of `numbers` that are there."""
    found: dict[int, str] = {}
    for chunk in chunked(sorted(set(numbers))):
        rows = database.execute(f"SELECT number, id FROM documents WHERE number IN ({marks(chunk)})", chunk)
        found.update((int(number), unpack(id_) or "") for number, id_ in rows)
    return found


def list_ids(database: sqlite3.Connection, limit: int | None = None) -> list[str]:
    """Return the ids of the documents, ascending: all, or the first `limit`."""
    rows = database.execute("SELECT id FROM documents ORDER BY id LIMIT ?", (-1 if limit is None else limit,))
    return [unpack(id_) or "" for (id_,) in rows]


def newest_documents(database: sqlite3.Connection, limit: int, filters: Filters) -> list[str]:
    """Return the ids of the documents that match, the latest first; those without a date come in no such list."""
    where, values = ["published IS NOT NULL"], list[object]()
    for column, wanted in (("language", filters.languages), ("outlet", filters.outlets), ("id", filters.documents)):
        if wanted:
            where.append(f"{column} IN ({marks(sorted(wanted))})")
            values += [pack(value) for value in sorted(wanted)]
    for sign, day in ((">=", filters.published_from), ("<=", filters.published_to)):
        if day:
            where.append(f"substr(published, 1, 10) {sign} ?")
            values.append(day.isoformat()[:10])
    order = "substr(published, 1, 19) DESC, id LIMIT ?"
    rows = database.execute(f"SELECT id FROM documents WHERE {' AND '.join(where)} ORDER BY {order}", (*values, limit))
    return [unpack(id_) or "" for (id_,) in rows]


def origins_of(database: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    """Return the files that those of `ids` came from that are there."""
    found: set[str] = set()
    for chunk in chunked(list(dict.fromkeys(ids))):
        rows = database.execute(
            f"SELECT DISTINCT origin FROM documents WHERE origin IS NOT NULL AND id IN ({marks(chunk)})",
            [pack(id_) for id_ in chunk],
        )
        found.update(unpack(origin) or "" for (origin,) in rows)
    return found


def put_files(database: sqlite3.Connection, files: Iterable[FileRecord]) -> None:
    """Store file records, in place of earlier ones with the same path."""
    database.executemany(
        "INSERT OR REPLACE INTO files (path, size, mtime_ns, sha256, failure) VALUES (?, ?, ?, ?, ?)",
        ((pack(file.path), file.size, file.mtime_ns, file.sha256, _failure_json(file.failure)) for file in files),
    )


def list_files(database: sqlite3.Connection) -> list[FileRecord]:
    """Return all file records by path."""
    rows = database.execute("SELECT path, size, mtime_ns, sha256, failure FROM files ORDER BY path")
    try:
        return [
            FileRecord(
                path=(name := unpack(path) or ""),
                size=int(size),
                mtime_ns=int(mtime),
                sha256=sha256,
                failure=None if failure is None else _read_failure(name, json.loads(failure)),
            )
            for path, size, mtime, sha256, failure in rows
        ]
    except UNREADABLE as error:
        raise damaged("files", error) from error


def _failure_json(failure: Failure | None) -> str | None:
    """Return a failure without its source, which is the path of the file; those of its parts have their own."""
    if failure is None:
        return None
    values = asdict(failure)
    del values["source"]
    return json.dumps(values)  # in ASCII: a name may hold what is not Unicode


def _read_failure(source: str, values: dict[str, Any]) -> Failure:
    parts = tuple(_read_failure(part.pop("source"), part) for part in values["parts"])
    return Failure(source=source, code=values["code"], facts=values["facts"], parts=parts)


def list_origins(database: sqlite3.Connection) -> dict[str, list[str]]:
    """Return, for each file that documents came from, their ids, both ascending."""
    origins: dict[str, list[str]] = {}
    for origin, id_ in database.execute(
        "SELECT origin, id FROM documents WHERE origin IS NOT NULL ORDER BY origin, id"
    ):
        origins.setdefault(unpack(origin) or "", []).append(unpack(id_) or "")
    return origins


def read_date(value: str | None) -> date | datetime | None:
    """Undo `isoformat` of a date, or of a date and time."""
    if value is None:
        return None
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def chunked(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield stretches short enough for one statement."""
    for first in range(0, len(values), _CHUNK):
        yield values[first : first + _CHUNK]


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are values."""
    return ",".join("?" * len(values))
