"""Tables: one row is one article, with the id `path#key`. Columns are known by their usual names.

The key is the row's `id`, or its number from 1. Of rows with the same key the first is read, the others are failures.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, document, language_code, moment, one_line, web_address
from rag.readers.decoding import decode
from rag.records import Document, Failure

_COLUMNS = {
    "id": ("id", "_id", "key", "guid", "uuid"),
    "text": ("text", "body", "content", "article", "maintext", "fulltext"),
    "title": ("title", "headline", "naslov", "titlu"),
    "outlet": ("outlet", "source", "publisher", "site", "medium", "source_name"),
    "author": ("author", "authors", "byline", "creator"),
    "published": ("published", "date", "published_at", "publish_date", "date_publish", "pubdate", "timestamp"),
    "modified": ("modified", "updated", "modified_at", "updated_at", "date_modified", "last_modified"),
    "language": ("language", "lang"),
    "url": ("url", "link", "canonical_url"),
}
_MOST_ROWS = 1_000_000
_LONGEST_KEY = 200


def read_table(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a CSV file whose first row names the columns.

    Raises:
        ReadError: it cannot be decoded, or no column is known to hold the text.
    """
    text = _decoded(content)
    csv.field_size_limit(2**31 - 1)  # a field is bounded by the file; the library's own limit is shorter than articles
    sample = text[:20_000]
    first = sample.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = next((row for row in reader if row), [])
        columns = _columns(content, names)
        yield from _articles(content, columns, _chosen(reader, names, columns))
    except csv.Error as error:
        raise ReadError(f"{content.name} is no table after line {reader.line_num}: {error}. Repair that line") from None


def _chosen(reader: Iterator[list[str]], names: list[str], columns: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield of each row the known columns that it has: its cost is its own length, not the number of columns."""
    places = {name: at for at, name in enumerate(names)}
    known = [(name, places[name]) for name in columns.values()]
    for row in reader:
        if row:
            yield {name: row[at] for name, at in known if at < len(row)}


def read_lines(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a JSON Lines file; each has columns of its own.

    Raises:
        ReadError: it cannot be decoded.
    """
    keys: set[str] = set()
    for number, line in enumerate(_decoded(content).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield _failure(content, str(number), "is no JSON. Repair that line")
            continue
        if not isinstance(row, dict):
            yield _failure(content, str(number), "is no JSON object. Repair that line")
            continue
        yield _row(content, _known(list(row)), row, number, keys)


def read_parquet(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a Parquet file, with pyarrow (the extra `parquet`).

    Raises:
        ReadError: pyarrow is not installed, the file is damaged, or no column is known to hold the text.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ImportError:
        raise ReadError(f"{content.name} needs pyarrow. Run: pip install 'izvor[parquet]'") from None
    try:
        file = parquet.ParquetFile(io.BytesIO(content.data))
        columns = _columns(content, file.schema_arrow.names)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        if size > 10 * content.max_bytes:
            raise ReadError(f"{content.name} unpacks to {size:,} bytes, more than {10 * content.max_bytes:,}. Split it")
        batches = file.iter_batches(batch_size=1000, columns=sorted(columns.values()))
        rows = (row for batch in batches for row in batch.to_pylist())
        yield from _articles(content, columns, rows)
    except MemoryError:
        raise
    except (arrow.ArrowException, OSError, ValueError) as error:
        why = f"is a damaged Parquet file ({type(error).__name__}). Fetch it again"
        raise ReadError(f"{content.name} {why}") from None


def _articles(content: Content, columns: Mapping[str, str], rows: Any) -> Iterator[Document | Failure]:
    keys: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            raise ReadError(f"{content.name} has more than {_MOST_ROWS:,} rows. Split it")
        yield _row(content, columns, row, number, keys)


def _row(
    content: Content, columns: Mapping[str, str], row: Mapping[Any, Any], number: int, keys: set[str]
) -> Document | Failure:
    value = {name: row.get(column) for name, column in columns.items()}
    key = one_line(value["id"] if value.get("id") is not None else "", _LONGEST_KEY) or str(number)
    if key in keys:
        return _failure(
            content, f"{key}@{number}", f"repeats the key of an earlier row (row {number}). Give it its own"
        )
    keys.add(key)
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        return _failure(content, key, f"has no text (row {number}). Remove it, or name its column text")
    text = text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    given = {
        "title": one_line(value.get("title") or "", 500),
        "outlet": one_line(value.get("outlet") or ""),
        "author": _names(value.get("author")),
        "published": moment(value.get("published")),
        "modified": moment(value.get("modified")),
        "language": language_code(value.get("language")),
    }
    part = replace(content.part(key, b"", ""), source=f"{content.source}#{key}")
    try:
        return document(part, text, given=given, source=web_address(value.get("url")))
    except ReadError as error:
        return Failure(source=part.id, reason=str(error))


def _names(value: Any) -> str:
    names = value if isinstance(value, list) else [value or ""]
    return ", ".join(one_line(name) for name in names[:10])


def _known(names: list[Any]) -> dict[str, str]:
    lowered = {name.strip().lower().lstrip("\ufeff"): name for name in reversed(names) if isinstance(name, str)}
    return {
        what: lowered[usual]
        for what, usuals in _COLUMNS.items()
        for usual in reversed(usuals)
        if usual in lowered and not any(earlier in lowered for earlier in usuals[: usuals.index(usual)])
    }


def _columns(content: Content, names: Any) -> dict[str, str]:
    columns = _known(list(names))
    if "text" not in columns:
        found = one_line(", ".join(str(name) for name in names)) or "none"
        raise ReadError(
            f"{content.name} has no column for the text (columns: {found}). Name it one of: text, body, content"
        )
    return columns


def _failure(content: Content, key: str, why: str) -> Failure:
    part = content.part(key, b"", "")
    return Failure(source=part.id, reason=f"{part.name} {why}")


def _decoded(content: Content) -> str:
    try:
        return decode(content.data)
    except ValueError as error:
        raise ReadError(f"{content.name} {error}") from None
