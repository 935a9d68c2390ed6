"""What a reader is given: the bytes of one file, of one member of an archive or of one attachment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from rag.article.document import article
from rag.errors import ReadError
from rag.readers.source_file import printable
from rag.records import Document, Failure, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Bytes to read, and what they are called.

    `id` becomes the document's id, `name` stands in messages, `source` says where the text came from, `suffix` is the
    ending that the file's name has (lower case, with its dot), and `depth` counts the archives around it. Where HTTP
    brought the bytes, `address` is where from, and `charset` what it said of their encoding. `columns` says which
    columns of tables hold which field.
    """

    id: str
    name: str
    source: str
    suffix: str
    data: bytes
    max_bytes: int
    depth: int = 0
    address: str | None = None
    charset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    def part(self, key: str, data: bytes, suffix: str) -> Content:
        """Return a part of this content under a key of its own."""
        label = printable(f"{self.name}#{key}")
        return Content(
            id=f"{self.id}#{key}",
            name=label,
            source=f"{self.source}#{key}",
            suffix=suffix.lower(),
            data=data,
            max_bytes=self.max_bytes,
            depth=self.depth + 1,
            columns=self.columns,
        )


Reader = Callable[[Content], Iterator[Document | Failure]]


def document(
    content: Content,
    text: str,
    *,
    given: Mapping[str, Any] | None = None,
    evidence: Mapping[str, str] | None = None,
    source: str | None = None,
    pages: tuple[int, ...] = (),
    furniture: tuple[Span, ...] = (),
    aside: tuple[Span, ...] = (),
    pure: bool = False,
) -> Document:
    """Return the document of a text that a reader took out of its file.

    Args:
        content: what was read.
        text: the extracted text.
        given: metadata that the file states (title, outlet, author, published, modified, language); it wins over what
            the text says.
        evidence: where each of `given` came from, where that is not the file's own metadata (``meta``).
        source: the article's address, where the file states it.
        pages: offsets at which pages begin.
        furniture: sorted spans that the format shows to be none of the article; nothing is read from them.
        aside: spans that are the article's, but tell nothing of its title, author and date, as the rows of a table.
        pure: the format holds no page furniture, so that only the headline is masked, however short the article.

    Raises:
        ReadError: there is no letter and no digit.
    """
    if not any(map(str.isalnum, text)):  # nothing but marks and characters that are not seen
        raise ReadError("file_without_text", name=content.name)
    stated: dict[str, Any] = {name: value for name, value in (given or {}).items() if value}
    found = article(
        _blanked(text, tuple(_merged([*furniture, *aside]))),
        document_id=content.id,
        source=source,
        pages=pages,
        **stated,
    )
    origins = {name: (evidence or {}).get(name, "meta") for name in stated}
    if source:
        origins["source"] = (evidence or {}).get("source", "meta")
    masked = found.masked
    if pure:
        masked = _headline(text, found.title)
    masked = _merged([*masked, *furniture])
    source = found.source or content.source
    return replace(found, text=text, source=source, evidence={**found.evidence, **origins}, masked=masked)


def _headline(text: str, title: str) -> tuple[Span, ...]:
    """Return where a line of a text is its title and nothing else."""
    match = re.search(rf"^[^\S\n]*({re.escape(title)})[^\S\n]*$", text, re.MULTILINE) if title else None
    return (match.span(1),) if match and match.group(1) != text.strip() else ()


def _blanked(text: str, spans: tuple[Span, ...]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, text[at:]])


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def one_line(text: object, limit: int = 200) -> str:
    r"""Return a value of a file as one short line for metadata, without control characters.

    Example:
        >>> one_line(" A headline\n on two lines ")
        'A headline on two lines'
    """
    value = " ".join(str(text).split())
    return "".join(c for c in value if c.isprintable())[:limit].strip()


def moment(value: object, language: str | None = None) -> date | datetime | None:
    """Return the full date that a metadata value states, or None; a bare year or an impossible date is none.

    Example:
        >>> moment("2026-01-28T18:20:00+02:00").isoformat()
        '2026-01-28T18:20:00+02:00'
    """
    from rag.readers.stated_dates import stated_moment

    return stated_moment(value, language)


def language_code(value: object) -> str | None:
    """Return the two-letter code of a language tag or name ("ro-RO" is "ro"), or None."""
    from rag.text.language_codes import read_language

    return read_language(one_line(value, 40)) if isinstance(value, str) else None


def web_address(value: object) -> str | None:
    """Return a value that is an http(s) address, or None."""
    address = one_line(value, 2000) if isinstance(value, str) else ""
    return address if address.startswith(("https://", "http://")) and " " not in address else None
