"""JSON: an array of articles, an object that holds one, one article, or an object a line.

One article that is a whole file has the file's id; all others have `path#key`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rag.errors import ReadError
from rag.readers.columns import find_columns, unwrapped
from rag.readers.content import Content, one_line
from rag.readers.decoding import decode
from rag.readers.tables import articles, document_of, row_document
from rag.records import Document, Failure

_ACTIONS = {"index", "create", "update"}  # lines of Elasticsearch's bulk format between the documents
_DEEPEST = 4  # objects around the array of articles
_MOST_KEYS = 1_000  # of an object, and items of an array that are looked at for articles


def read_lines(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a JSON Lines file; each has columns of its own.

    Raises:
        ReadError: it cannot be decoded.
    """
    yield from _lines(content, decode(content.data, content.name))


def read_json(content: Content) -> Iterator[Document | Failure]:
    """Yield the articles of a JSON file, whatever holds them; of one with an object a line, each line's.

    Raises:
        ReadError: it cannot be decoded, is no JSON, or holds no article.
    """
    text = decode(content.data, content.name).strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.startswith("{") and "\n" in text and _is_row(text.split("\n", 1)[0]):
            yield from _lines(content, text)
            return
        told = " ".join(str(error).split())[:100]
        raise ReadError("json_damaged", name=content.name, detail=told) from None
    rows = _by_column(value) if isinstance(value, dict) else None
    if rows is None and isinstance(value, dict) and "text" in _values(value, content):
        yield document_of(content, _values(value, content))
        return
    rows = rows or _found(value, _DEEPEST, content)
    if rows is None:
        shown = ", ".join(list(value)[:10]) if isinstance(value, dict) else "none"
        raise ReadError("json_without_article", name=content.name, columns=shown[:200])
    outlet = _feed_title(value)
    values = (_values(row, content) if isinstance(row, dict) else {} for row in rows)
    yield from articles(content, ({"outlet": [outlet], **row} if outlet else row for row in values))


def _feed_title(value: Any) -> str:
    """Return the name of a JSON Feed, which is its entries' outlet."""
    is_feed = isinstance(value, dict) and str(value.get("version")).startswith("https://jsonfeed.org/")
    return one_line(value.get("title") or "") if is_feed else ""


def _is_row(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(content: Content, text: str) -> Iterator[Document | Failure]:
    keys: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            part = content.part(str(number), b"", "")
            yield Failure.of(part.id, "row_not_json", name=part.name)
            continue
        if not isinstance(row, dict):
            part = content.part(str(number), b"", "")
            yield Failure.of(part.id, "row_not_object", name=part.name)
            continue
        if set(row) <= _ACTIONS and all(isinstance(inner, dict) for inner in row.values()):
            continue
        yield row_document(content, _values(row, content), number, keys)


def _values(row: dict[str, Any], content: Content) -> Mapping[str, list[Any]]:
    """Return the filled values of each field of an object; only fields that hold something."""
    whole = unwrapped(row)
    names = list(whole)[:_MOST_KEYS]
    chosen = {field: name for field, name in content.columns.items() if name in whole}  # each object has its own
    columns = find_columns(names, chosen)
    found = {
        field: [value for at in places if (value := whole[names[at]]) not in (None, "", [], {})]
        for field, places in columns.items()
    }
    return {field: values for field, values in found.items() if values}


def _by_column(value: dict[str, Any]) -> list[Any] | None:
    """Return the rows of a table that an object holds by columns, as pandas writes it, or as columns and data.

    Example:
        >>> _by_column({"title": {"0": "A"}, "text": {"0": "B"}}), _by_column({"columns": ["text"], "data": [["B"]]})
        ([{'title': 'A', 'text': 'B'}], [{'text': 'B'}])
    """
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list):
        return [dict(zip(map(str, names), row, strict=False)) for row in rows if isinstance(row, list)]
    columns = list(value.values())
    if not columns or not all(isinstance(column, dict) and column.keys() == columns[0].keys() for column in columns):
        return None
    if not all(key.isdigit() for key in columns[0]) or "text" not in find_columns(list(value)[:_MOST_KEYS], {}):
        return None
    return [{name: column[key] for name, column in value.items()} for key in columns[0]]


def _found(value: Any, depth: int, content: Content) -> list[Any] | None:
    """Return the objects that are articles: an array, an object of them by key, or the first within it."""
    if isinstance(value, list):
        objects = [item for item in value[:_MOST_KEYS] if isinstance(item, dict)]
        return (
            value
            if any("text" in _values(item, content) or "summary" in _values(item, content) for item in objects)
            else None
        )
    if isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
        keyed = [{"id": key, **inner} for key, inner in value.items()]
        if _found(keyed, 0, content) is not None:
            return keyed
    if isinstance(value, dict) and depth:
        for inner in list(value.values())[:_MOST_KEYS]:
            if isinstance(inner, list | dict) and (rows := _found(inner, depth - 1, content)) is not None:
                return rows
    return None
