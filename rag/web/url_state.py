"""The state of the page as an address: a result can be linked, reloaded and shared with its citation intact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from urllib.parse import urlencode

from rag import Citation, Document, Filters, Query, QueryError

HITS = 8
"""Source cards for one question: about what an editor scans before asking again."""

DIGEST_LENGTH = 16
"""Hexadecimal digits of the text's SHA-256 in an address: 64 bits, enough to notice any change."""

MAX_QUESTION = 2_000
"""Characters of a question on the page, some three hundred words. A longer one is refused, and no link holds it."""

# What a view may hold besides, so that a page of links is bounded: each of them repeats the view.
_MAX_CHOSEN = 64  # languages or outlets
_MAX_NAME = 300  # characters of one of them; of a document's metadata, 200 are kept
_MAX_PLACE = 4_000  # characters of a citation, or of a document's id: it may be a web address
_MAX_DOCUMENTS = 8

_NO_DIGEST = "0" * DIGEST_LENGTH

_PLACE = re.compile(r"(?P<document>.+)@(?P<digest>[0-9a-f]{16,64}):(?P<start>\d{1,12})-(?P<end>\d{1,12})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A citation as it travels in an address: document, the beginning of its text's SHA-256, and the span."""

    document_id: str
    digest: str
    start: int
    end: int

    @classmethod
    def of(cls, citation: Citation) -> Place:
        """Return the address form of a citation."""
        return cls(
            document_id=citation.document_id,
            digest=citation.sha256[:DIGEST_LENGTH],
            start=citation.start,
            end=citation.end,
        )

    @classmethod
    def parse(cls, text: object) -> Place | None:
        """Read ``document@digest:start-end``; None where it is not one."""
        found = _PLACE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        return cls(
            document_id=found["document"],
            digest=found["digest"],
            start=int(found["start"]),
            end=int(found["end"]),
        )

    @classmethod
    def whole(cls, document_id: str) -> Place:
        """Return the address of an article as it is now, with nothing cited."""
        return cls(document_id=document_id, digest=_NO_DIGEST, start=0, end=0)

    @property
    def is_whole(self) -> bool:
        """Tell whether this is an article with nothing cited, and so nothing to check."""
        return self.digest == _NO_DIGEST and self.start == self.end == 0

    def holds(self, document: Document) -> bool:
        """Tell whether the document's present text is the one cited and has the cited span."""
        return document.sha256.startswith(self.digest) and 0 <= self.start < self.end <= len(document.text)

    def __str__(self) -> str:
        return f"{self.document_id}@{self.digest}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that decides what the page shows."""

    question: str = ""
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    before: str = ""  # the question before, of which a follow-up is read as the rest
    order: str = "relevance"
    collapse: bool = True  # whether copies of one text are folded
    show: str = ""  # "corpus": the list of articles, "saved": what the browser keeps ("page" is a word of Gradio's)
    find: str = ""  # words of the list of articles
    sort: str = "title"
    lacking: str = ""  # only articles that do not state this; see `rag.ListQuery`
    after: str = ""  # of the list: the cursor of the page before
    until: str = ""  # likewise of the page after
    cite: str = ""  # kept as written, so that a link that cannot be read is answered and not ignored

    @classmethod
    def read(cls, values: Mapping[str, object]) -> View:
        """Read a view from an address or a browser event; what has no meaning is left out, never an error."""
        return cls(
            question=_text(values.get("q")),
            languages=_texts(values.get("languages")),
            outlets=_texts(values.get("outlets")),
            documents=_texts(values.get("documents"), _MAX_PLACE)[:_MAX_DOCUMENTS],
            published_from=_date(values.get("published_from")),
            published_to=_date(values.get("published_to")),
            before=_text(values.get("before"))[: MAX_QUESTION // 2],
            order="date" if values.get("order") == "date" else "relevance",
            collapse=values.get("collapse") not in (False, "false"),
            show=_text(values.get("show")) if values.get("show") in ("corpus", "saved") else "",
            find=_text(values.get("find"))[:_MAX_NAME],
            sort=_text(values.get("sort"))[:_MAX_NAME] or "title",
            lacking=_text(values.get("lacking"))[:_MAX_NAME],
            after=_text(values.get("after"))[:_MAX_PLACE],
            until=_text(values.get("until"))[:_MAX_PLACE],
            cite=_text(values.get("cite"))[:_MAX_PLACE],
        )

    @classmethod
    def read_query(cls, pairs: Iterable[tuple[str, str]]) -> View:
        """Read a view from the names and values of an address, in which languages, outlets and documents come often."""
        values: dict[str, object] = {}
        lists: dict[str, list[str]] = {"languages": [], "outlets": [], "documents": []}
        for name, value in pairs:
            if name in lists:
                lists[name].append(value)
            else:
                values[name] = value
        return cls.read(values | lists)

    @property
    def filters(self) -> Filters:
        """Return the conditions of this view."""
        return Filters(
            languages=frozenset(self.languages),
            outlets=frozenset(self.outlets),
            documents=frozenset(self.documents),
            published_from=self.published_from,
            published_to=self.published_to,
        )

    def query(self) -> Query:
        """Return what this view asks; the question is at most one that can be shown and linked.

        Raises:
            QueryError: it asks nothing or has more than `MAX_QUESTION` characters, or its range of dates is empty.
        """
        size = len(self.question)
        if size > MAX_QUESTION:
            raise QueryError("question_too_long", characters=size, limit=MAX_QUESTION)
        # Not strict: a choice of an address that nothing matches any more is shown as one, with a count of 0.
        return Query(question=self.question, k=HITS, filters=self.filters, collapse=self.collapse, strict=False)

    def address(self, cite: Place | None = None) -> str:
        """Return the address of this view, with a citation open if given: ``?q=...&languages=ro&cite=...``."""
        pairs: list[tuple[str, str]] = [("q", self.question)] if 0 < len(self.question) <= MAX_QUESTION else []
        pairs += [("languages", language) for language in self.languages]
        pairs += [("outlets", outlet) for outlet in self.outlets]
        pairs += [("documents", document) for document in self.documents]
        pairs += [("before", self.before)] if self.before else []
        pairs += [
            (name, value.isoformat())
            for name, value in (("published_from", self.published_from), ("published_to", self.published_to))
            if value
        ]
        if self.order != "relevance":
            pairs.append(("order", self.order))
        if not self.collapse:
            pairs.append(("collapse", "false"))
        if self.show:
            pairs.append(("show", self.show))
        if self.find:
            pairs.append(("find", self.find))
        if self.sort != "title":
            pairs.append(("sort", self.sort))
        pairs += [(name, value) for name in ("lacking", "after", "until") if (value := getattr(self, name))]
        if cite is not None:
            pairs.append(("cite", str(cite)))
        return f"?{urlencode(pairs)}" if pairs else "?"


def valid(text: str) -> str:
    """Return a text that every encoding of Unicode takes: each lone surrogate becomes U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object, longest: int = _MAX_NAME) -> tuple[str, ...]:
    values: Iterable[object] = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple)) else ()
    chosen = dict.fromkeys(item[:longest] for item in values if isinstance(item, str) and item)
    return tuple(islice(chosen, _MAX_CHOSEN))


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
