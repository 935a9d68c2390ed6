"""Tables: one row is one article, with the id `path#key`. Columns are known by their usual names (`columns.py`).

The key is the row's `id`, or its number from 1. Of rows with the same key the first is read, the others are failures.
A row that is broken is named with its line, and the rows after it are read.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.errors import ReadError
from rag.readers.columns import find_columns, read_key, read_metadata, read_text
from rag.readers.content import Content, document
from rag.readers.decoding import decode
from rag.readers.packages import require
from rag.records import Document, Failure

_MOST_ROWS = 1_000_000
_LONGEST_KEY = 200
_MOST_BROKEN = 50  # records that never end: behind each, all lines after it are looked at
_SEP = re.compile(r'"?sep=(.)"?[ \t]*$')
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_DELIMITERS = ",;\t|"

Values = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Broken:
    """A row that gives no document: what the parser says of it, or how many columns it has; neither ends the file."""

    line: int
    detail: str = ""
    columns: int = 0
    expected: int = 0

    def failure(self, part: Content) -> Failure:
        """Return it as the failure of a part of the file."""
        if self.detail:
            return Failure.of(part.id, "row_broken", name=part.name, line=self.line, detail=self.detail)
        if self.columns:
            line, columns, expected = self.line, self.columns, self.expected
            return Failure.of(
                part.id, "row_columns_wrong", name=part.name, line=line, columns=columns, expected=expected
            )
        return Failure.of(part.id, "rows_broken", name=part.name, line=self.line)


def read_table(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a CSV file whose first row names the columns.

    Raises:
        ReadError: it cannot be decoded, or no column is known to hold the text.
    """
    text = decode(content.data, content.name)
    csv.field_size_limit(2**31 - 1)  # a field is bounded by the file; the library's own limit is shorter than articles
    lines = _LINE.findall(text)
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    said = _SEP.match(lines[start].strip("\r\n")) if start < len(lines) else None
    start += bool(said)
    options: dict[str, Any] = {"strict": True}
    if '\\"' in text and '""' not in text:
        options |= {"escapechar": "\\", "doublequote": False}
    options["delimiter"] = said.group(1) if said else _delimiter(lines[start : start + 20], content, options)
    records = _records(lines, start, options)
    head = next((row for row in records if not isinstance(row, _Broken) and any(row[1])), None)
    names = head[1] if head is not None and not isinstance(head, _Broken) else []
    columns = columns_of(content, names)
    yield from articles(content, _chosen(records, names, columns, options["delimiter"]))


def _delimiter(lines: Sequence[str], content: Content, options: Mapping[str, Any]) -> str:
    """Return what parts the columns: that with which most of the header's names are known, the text's among them."""

    def known(delimiter: str) -> tuple[bool, int, int]:
        try:
            names = next((row for row in csv.reader(lines, delimiter=delimiter, **options) if any(row)), [])
            found = find_columns(names, content.columns)
        except (csv.Error, KeyError):
            return False, 0, 0
        return "text" in found, len(found), len(names)

    return max(_DELIMITERS, key=known)


def _records(lines: list[str], start: int, options: Mapping[str, Any]) -> Iterator[tuple[int, list[str]] | _Broken]:
    """Yield the records with the line on which each begins, from 1; of what is no record, its first line."""
    broken = 0
    while start < len(lines):
        reader = csv.reader(itertools.islice(lines, start, None), **options)
        begun = 0
        try:
            for row in reader:
                yield start + begun + 1, row
                begun = reader.line_num
            return
        except csv.Error as error:
            one = _lenient(lines[start + begun], options) if reader.line_num == begun + 1 else None
            if one is not None:
                yield start + begun + 1, one
            else:
                broken += 1
                yield _Broken(line=start + begun + 1, detail=str(error))
            if broken > _MOST_BROKEN:
                yield _Broken(line=start + begun + 2)
                return
            start += begun + 1


def _lenient(line: str, options: Mapping[str, Any]) -> list[str] | None:
    """Return a record of one line whose quotes are not as they should be, or None where one is never closed."""
    if line.count('"') % 2:
        return None
    rows = list(csv.reader([line], **{**options, "strict": False}))
    return rows[0] if rows else None


def _chosen(
    records: Iterator[tuple[int, list[str]] | _Broken],
    names: Sequence[str],
    columns: Mapping[str, tuple[int, ...]],
    delimiter: str,
) -> Iterator[Values | _Broken]:
    """Yield of each row the fields that it has: its cost is its own length, not the number of columns."""
    places = sorted({at for found in columns.values() for at in found})
    last = len(names) - 1
    for record in records:
        if isinstance(record, _Broken):
            yield record
            continue
        line, row = record
        if not any(row):
            continue
        if len(row) > len(names):
            rest = row[last:]
            if any(rest[1:]) and last not in columns["text"]:
                yield _Broken(line=line, columns=len(row), expected=len(names))
                continue
            if any(rest[1:]):  # the text holds the delimiter and is not quoted
                row = [*row[:last], delimiter.join(rest)]
        elif len(row) <= min(columns["text"]):
            yield _Broken(line=line, columns=len(row), expected=len(names))
            continue
        filled = {at: row[at] for at in places if at < len(row) and row[at].strip()}
        yield {field: [filled[at] for at in found if at in filled] for field, found in columns.items()}


def read_parquet(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a Parquet file, with pyarrow (the extra `parquet`).

    Raises:
        ReadError: pyarrow is not installed, the file is damaged, or no column is known to hold the text.
    """
    require("pyarrow", extra="parquet", name=content.name)
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content.data))
        names = list(file.schema_arrow.names)
        columns = columns_of(content, names)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        if size > 10 * content.max_bytes:
            raise ReadError("archive_too_large", name=content.name, limit=10 * content.max_bytes)
        wanted = sorted({names[at] for found in columns.values() for at in found})
        rows = (row for batch in file.iter_batches(batch_size=1000, columns=wanted) for row in batch.to_pylist())
        yield from articles(content, ({f: [row[names[at]] for at in c] for f, c in columns.items()} for row in rows))
    except MemoryError:
        raise
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise ReadError("parquet_damaged", name=content.name, detail=type(error).__name__) from None


def articles(content: Content, rows: Iterator[Values | _Broken]) -> Iterator[Document | Failure]:
    """Yield the document of each row, and a failure for each that gives none.

    Raises:
        ReadError: there are too many rows.
    """
    keys: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if number > _MOST_ROWS:
            raise ReadError("table_too_many_rows", name=content.name, limit=_MOST_ROWS)
        if isinstance(row, _Broken):
            yield row.failure(content.part(str(number), b"", ""))
        else:
            yield row_document(content, row, number, keys)


def row_document(content: Content, values: Values, number: int, keys: set[str]) -> Document | Failure:
    """Return the document of a row; `keys` holds those of the rows before it."""
    key = read_key(values, _LONGEST_KEY) or str(number)
    if key in keys:
        part = content.part(f"{key}@{number}", b"", "")
        return Failure.of(part.id, "row_key_repeated", name=part.name, row=number)
    keys.add(key)
    part = content.part(key, b"", "")
    return document_of(replace(part, source=f"{content.source}#{key}"), values, number)


def document_of(part: Content, values: Values, row: int | None = None) -> Document | Failure:
    """Return the document of a row whose key is known, or of an object that is no row."""
    text = read_text(values)
    if not text.strip():
        if row is None:
            return Failure.of(part.id, "file_without_text", name=part.name)
        return Failure.of(part.id, "row_without_text", name=part.name, row=row)
    given = read_metadata(values)
    source = given.pop("source")
    try:
        return document(part, text, given=given, source=source)
    except ReadError as error:
        return Failure.from_error(part.id, error)


def columns_of(content: Content, names: Sequence[Any]) -> dict[str, tuple[int, ...]]:
    """Return the places of the columns of each field.

    Raises:
        ReadError: none is known to hold the text, or one that was chosen is not there.
    """
    told = [str(name) for name in names]
    try:
        columns = find_columns(told, content.columns)
    except KeyError as error:
        shown = ", ".join(told)[:200] or "none"
        raise ReadError("column_unknown", name=content.name, column=str(error.args[0]), columns=shown) from None
    columns["text"] = columns.get("text") or columns.pop("summary", ())
    if not columns["text"]:
        shown = " ".join(", ".join(told).split())[:200] or "none"
        raise ReadError("table_without_text_column", name=content.name, columns=shown)
    return columns
