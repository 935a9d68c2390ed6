"""The list of documents: sorted, filtered, and read a page at a time by the key of the row before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.records import CORRECTABLE, MOST_COUNTED, Counts, Document, DocumentInfo, ListPage, ListQuery
from rag.store.tables.corrections import EVIDENCE
from rag.store.tables.damage import UNREADABLE, damaged
from rag.store.tables.document_counts import count_languages, count_outlets
from rag.store.tables.documents import chunked, marks, read_date, unpack
from rag.store.tables.rows import Longs
from rag.text.normalisation import fold

_COLUMNS = {"title": "title", "outlet": "outlet", "language": "language", "date": "day", "length": "characters"}
_WITH_UNKNOWN = ("outlet", "language", "day")
_KEY = 40  # characters of a title or outlet by which it is sorted
_WORDS = 600  # characters of title, id, outlet and author that are searched
_LACKING = {"language": "language", "outlet": "outlet", "published": "day"}

Value = str | int
Key = tuple[Value, str, int]  # the column that is sorted by, the title, the document's number


def put_listing(database: sqlite3.Connection, number: int, document: Document) -> None:
    """Store what a document is listed by, in place of what was there."""
    published = document.published.isoformat()[:10] if document.published else ""
    words = " ".join((document.title, document.id, document.outlet or "", document.author or ""))
    values = (
        fold(document.title or document.id)[:_KEY],
        outlet_key(document.outlet or ""),
        document.language or "",
        published,
        len(document.text),
        fold(words)[:_WORDS],
    )
    database.execute(
        "INSERT OR REPLACE INTO listing VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, *(value if isinstance(value, int) else _storable(value) for value in values)),
    )


def outlet_key(outlet: str) -> str:
    """Return what an outlet is sorted and filtered by: its folded name, then its name; empty for none."""
    return _storable(f"{fold(outlet)[:_KEY]}\x1f{outlet}") if outlet else ""


def documents_named(database: sqlite3.Connection, words: str) -> list[int]:
    """Return the numbers of the documents with these folded words in title, id, outlet or author."""
    rows = database.execute("SELECT document FROM listing WHERE instr(words, ?)", (_storable(words),))
    return [int(number) for (number,) in rows]


def list_page(database: sqlite3.Connection, query: ListQuery, documents: Longs | None = None) -> ListPage:
    """Return one page of the list.

    Args:
        database: to read.
        query: what to list; its `find` is given resolved as `documents`.
        documents: ascending numbers of the documents that may be listed; None allows all.
    """
    stretches = _stretches(query)
    where, values = _conditions(query, documents)
    backwards = bool(query.before) and not query.after
    at = _read_cursor(query.before if backwards else query.after, stretches)
    if at is None:
        backwards, at = False, (0, None, 0)
    place, key, beside = at
    order = range(place, -1, -1) if backwards else range(place, len(stretches))
    found: list[tuple[int, Key]] = []
    for n in order:
        left = query.limit + 1 - len(found)
        if left > 0:
            rows = stretches[n].read(database, where, values, key if n == place else None, left, backwards=backwards)
            found += [(n, row) for row in rows]
    more, found = len(found) > query.limit, found[: query.limit]
    if backwards:
        found.reverse()
    counted = _count(database, where, values)
    if not found:
        return ListPage(rows=(), found=counted, first=0)
    first, last = found[0], found[-1]
    has_previous = more if backwards else place > 0 or key is not None
    has_next = more or backwards
    ahead = 0 if not has_previous else max(1, beside - len(found)) if backwards else beside + 1
    return ListPage(
        rows=tuple(document_infos(database, [key[2] for _, key in found])),
        found=counted,
        first=ahead,
        previous=_cursor(*first, ahead) if has_previous else "",
        next=_cursor(*last, ahead + len(found) - 1) if has_next else "",
    )


def list_documents(database: sqlite3.Connection, offset: int = 0, limit: int | None = None) -> list[DocumentInfo]:
    """Return the documents without their texts, by id: all, or at most `limit` after the first `offset`."""
    rows = database.execute(
        "SELECT number FROM documents ORDER BY id LIMIT ? OFFSET ?",
        (-1 if limit is None else limit, offset),  # SQLite reads -1 as no limit
    ).fetchall()
    return document_infos(database, [int(number) for (number,) in rows])


def count_documents(database: sqlite3.Connection) -> Counts:
    """Count documents by language, outlet and month of publication."""
    rows = database.execute("SELECT substr(day, 1, 7), count(*) FROM listing GROUP BY 1 ORDER BY 1").fetchall()
    undated = sum(int(count) for month, count in rows if not month)
    months: dict[str | None, int] = {str(month): int(count) for month, count in rows if month}
    if undated:
        months[None] = undated
    languages = count_languages(database)
    return Counts(
        documents=sum(languages.values()), languages=languages, outlets=count_outlets(database), months=months
    )


def document_infos(database: sqlite3.Connection, numbers: Sequence[int]) -> list[DocumentInfo]:
    """Return documents without their texts, in the order of `numbers`; those that are not there are left out."""
    found: dict[int, DocumentInfo] = {}
    for chunk in chunked(list(numbers)):
        rows = database.execute(
            "SELECT number, id, title, source, outlet, author, published, language, origin, characters, sha256,"
            " evidence, (SELECT count(*) FROM passages WHERE document = number)"
            f" FROM documents WHERE number IN ({marks(chunk)})",
            chunk,
        )
        try:
            found.update((int(number), _info(*values)) for number, *values in rows)
        except UNREADABLE as error:
            raise damaged("documents", error) from error
    return [found[number] for number in numbers if number in found]


def _info(
    id_: str | bytes | None,
    title: str | bytes | None,
    source: str | bytes | None,
    outlet: str | bytes | None,
    author: str | bytes | None,
    published: str | None,
    language: str | bytes | None,
    origin: str | bytes | None,
    characters: int,
    sha256: str,
    evidence: str,
    passages: int,
) -> DocumentInfo:
    origins = json.loads(evidence)
    return DocumentInfo(
        id=unpack(id_) or "",
        title=unpack(title) or "",
        source=unpack(source),
        outlet=unpack(outlet),
        author=unpack(author),
        published=read_date(published),
        language=unpack(language),
        origin=unpack(origin),
        characters=int(characters),
        passages=int(passages),
        sha256=str(sha256),
        corrected=tuple(name for name in CORRECTABLE if origins.get(name) == EVIDENCE),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """A part of the list with an order of its own: the documents of which a value is known, or those without."""

    column: str
    condition: str
    descending: bool

    def read(
        self,
        database: sqlite3.Connection,
        where: str,
        values: Sequence[object],
        key: Key | None,
        limit: int,
        *,
        backwards: bool,
    ) -> list[Key]:
        """Return the keys of up to `limit` rows after `key`, or before it in reverse order."""
        down = self.descending != backwards
        beyond = f" AND {self._beside(down)}" if key is not None else ""
        order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name in self._keys.split(", "))
        rows = database.execute(
            f"SELECT {self._keys} FROM listing WHERE {self.condition}{where}{beyond} ORDER BY {order} LIMIT ?",
            (*values, *self._values(key), limit),
        )
        return [(value, str(rest[-2] if len(rest) > 1 else value), int(rest[-1])) for value, *rest in rows]

    @property
    def _keys(self) -> str:
        return "title, document" if self.column == "title" else f"{self.column}, title, document"

    def _beside(self, lower: bool) -> str:
        return f"({self._keys}) {'<' if lower else '>'} ({marks(self._keys.split(', '))})"

    def _values(self, key: Key | None) -> Sequence[Value]:
        return () if key is None else key[1:] if self.column == "title" else key


def _stretches(query: ListQuery) -> list[_Stretch]:
    column = _COLUMNS.get(query.sort.removeprefix("-"), "title")
    descending = query.sort.startswith("-")
    if column not in _WITH_UNKNOWN:
        return [_Stretch(column=column, condition="1", descending=descending)]
    return [
        _Stretch(column=column, condition=f"{column} > ''", descending=descending),
        _Stretch(column=column, condition=f"{column} = ''", descending=False),
    ]


def _conditions(query: ListQuery, documents: Longs | None) -> tuple[str, list[object]]:
    """Return the conditions as SQL, and their values.

    The plus signs leave one condition to be looked up in an index, that of fewest documents most often.
    """
    parts: list[str] = []
    values: list[object] = []
    if query.outlets:
        parts.append(f"outlet IN ({marks(query.outlets)})")
        values += [outlet_key(outlet) for outlet in query.outlets]
    if query.lacking in _LACKING:
        parts.append(f"{'+' if parts else ''}{_LACKING[query.lacking]} = ''")
    if query.published_from or query.published_to:
        parts.append(f"{'+' if parts else ''}day BETWEEN ? AND ?")
        values += [str(query.published_from or date.min)[:10], str(query.published_to or date.max)[:10]]
    if query.languages:
        parts.append(f"{'+' if parts else ''}language IN ({marks(query.languages)})")
        values += [_storable(language) for language in query.languages]
    if documents is not None:
        parts.append("document IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(documents.tolist()))
    return "".join(f" AND {part}" for part in parts), values


def _count(database: sqlite3.Connection, where: str, values: Sequence[object]) -> int:
    counted = f"SELECT count(*) FROM (SELECT 1 FROM listing WHERE 1{where} LIMIT {MOST_COUNTED + 1})"
    return int(database.execute(counted, values).fetchone()[0])


def _cursor(stretch: int, key: Key, place: int) -> str:
    """Return a row as a cursor: what it is sorted by, and which of the rows found it is, counted from 0."""
    return json.dumps([stretch, *key, place], ensure_ascii=False, separators=(",", ":"))


def _read_cursor(cursor: str, stretches: Sequence[_Stretch]) -> tuple[int, Key | None, int] | None:
    """Return where a cursor points; None where it cannot be read, as one of another order."""
    try:
        stretch, value, title, number, place = json.loads(cursor)
    except (ValueError, TypeError, RecursionError):
        return None
    kind = int if stretches[0].column == "characters" else str
    usable = type(stretch) is int and 0 <= stretch < len(stretches) and type(value) is kind
    numbers = [number, value, place] if kind is int else [number, place]
    if not usable or type(title) is not str or not all(type(n) is int and abs(n) < 2**62 for n in numbers):
        return None
    return stretch, (value if isinstance(value, int) else _storable(value), _storable(title), number), max(0, place)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
