"""The nouns of the pipeline. Frozen records: each carries where it came from, so that no later step can lose it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from rag.errors import QueryError, RagError, ReadError
from rag.translations import LANGUAGES, Fact, clean, render

Span = tuple[int, int]
"""Half-open character range ``[start, end)`` into `Document.text`."""

Mode = Literal["hybrid", "dense", "lexical"]
"""How passages are searched for; see `Query`."""


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 form, in hexadecimal.

    Lone surrogates, which no valid file contains, are kept distinct rather than refused.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """Return the 1-based page that holds an offset, given where each page starts; None without pages."""
    return max(1, sum(start <= offset for start in pages)) if pages else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article, exactly as read. `text` is never rewritten: spans in `masked` are page furniture, not chunked.

    `id` is stable across runs: for a file its path relative to the corpus folder; for a row or an archive
    member that path, ``#`` and its key. `published` is a date, or a date and time where the article says one, with a
    zone where it names one; `modified` likewise; nothing is guessed. `evidence` says where each metadata value came
    from (``text``, ``meta``, ``url``, ``file``, ``given``), and for the text ``ocr``, where it was recognised on
    scanned pages.
    """

    id: str
    text: str
    title: str = ""
    source: str | None = None
    outlet: str | None = None
    author: str | None = None
    published: date | datetime | None = None
    language: str | None = None
    sha256: str = ""
    masked: tuple[Span, ...] = ()
    pages: tuple[int, ...] = ()  # offset at which each page starts, for paged formats
    evidence: Mapping[str, str] = field(default_factory=dict)
    modified: date | datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", text_digest(self.text))

    @property
    def body_spans(self) -> tuple[Span, ...]:
        """The stretches of text between the masked spans, in order."""
        return self._between(self.masked)

    @property
    def passage_spans(self) -> tuple[Span, ...]:
        """The stretches of text that are cut into passages, in order: between the spans of `boilerplate`."""
        return self._between(self.boilerplate)

    @property
    def boilerplate(self) -> tuple[Span, ...]:
        """The masked spans without link targets and pictures of Markdown, which stand within sentences.

        Targets are no words of the article, but a passage reads on past them.
        """
        return tuple(span for span in self.masked if not self._is_target(*span))

    def _between(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        found, at = [], 0
        for start, end in (*sorted(spans), (len(self.text), len(self.text))):
            if at < start:
                found.append((at, start))
            at = max(at, end)
        return tuple(found)

    def _is_target(self, start: int, end: int) -> bool:
        if not self.text.startswith(("](", "!["), start) or "\n" in self.text[start:end]:
            return False
        last = self.text.find("\n", end)
        beside = self.text[self.text.rfind("\n", 0, start) + 1 : start], self.text[end : last if last >= 0 else None]
        return bool("".join(beside).strip())

    @property
    def url(self) -> str | None:
        """The article's own web address, where it or its page states one."""
        return self.source if self.source and self.source.startswith(("https://", "http://")) else None

    def page_at(self, offset: int) -> int | None:
        """Return the 1-based page that holds a character offset, or None where the format has no pages."""
        return page_at(self.pages, offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A span of one document; ``document.text[start:end] == text``. `id` is None until stored."""

    document_id: str
    start: int
    end: int
    text: str
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The exact place a text came from: enough to find it again and to notice when it has changed."""

    document_id: str
    sha256: str
    start: int
    end: int
    title: str = ""
    outlet: str | None = None
    published: date | datetime | None = None
    source: str | None = None
    page: int | None = None

    def __str__(self) -> str:
        published = self.published.strftime("%Y-%m-%d") if self.published else None
        where = f"p. {self.page}" if self.page is not None else None
        head = [part for part in (self.outlet, f"“{self.title}”" if self.title else None, published, where) if part]
        return f"{', '.join(head) or self.document_id} [{self.source or self.document_id}:{self.start}-{self.end}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An earlier text of a document, the present one from `stored` to `replaced` (UTC)."""

    sha256: str
    stored: datetime
    replaced: datetime
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a citation stands now; `state` is one of four.

    ``current``: its words stand in the article as it is. ``changed``: they stand in an earlier text, `version`, and
    the article has another now. ``removed``: that text is gone from the index since `removed`. ``unknown``: no text
    like it was ever there, or it has no such span.

    `text` and `document`, the cited words and the text they stand in, are given for the first two only. `present`
    is the article as it is now, None where there is none. `place` says where the same words stand in it, None where
    they no longer do.
    """

    citation: Citation
    state: Literal["current", "changed", "removed", "unknown"]
    text: str | None = None
    document: Document | None = None
    version: Version | None = None
    present: Document | None = None
    place: Citation | None = None
    removed: datetime | None = None

    def __str__(self) -> str:
        if self.state == "current":
            return "verified against the article as it is now"
        if self.state == "changed" and self.version is not None:
            still = "still" if self.place else "no longer"
            return (
                f"verified against the text replaced on {self.version.replaced:%Y-%m-%d}; the article has changed"
                f" since, and the words {still} stand in it"
            )
        if self.state == "removed" and self.removed is not None:
            what = "this text of the article" if self.present else "the article"
            return f"not verified: {what} was removed on {self.removed:%Y-%m-%d}"
        return "not verified: the index does not know this text" + (" of the article" if self.present else "")


CORRECTABLE = ("title", "outlet", "author", "published")
"""The metadata of a document that can be corrected by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A metadata value that was corrected by hand: what it is now, what was read, and when it was corrected (UTC)."""

    name: str  # one of `CORRECTABLE`
    value: str | date | datetime | None
    read: str | date | datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which documents to list, and which page of the list; see `rag.Index.browse`.

    Attributes:
        find: words, and phrases in quotation marks, that must all stand in a document's text, title, id, outlet or
            author. Case and diacritics do not matter.
        languages: of the documents. Empty: any.
        outlets: likewise.
        published_from: the first day of publication.
        published_to: the last day of publication.
        lacking: ``language``, ``outlet`` or ``published``: only documents that state none.
        sort: ``title``, ``outlet``, ``language``, ``date`` or ``length``; with ``-`` before it downwards. What is
            unknown comes last either way.
        after: the cursor of the page before, from which this one goes on.
        before: the cursor of the page after, before which this one ends.
        limit: documents on a page.
    """

    find: str = ""
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None
    lacking: str = ""
    sort: str = "title"
    after: str = ""
    before: str = ""
    limit: int = 100


MOST_COUNTED = 10_000
"""Documents of a list that are counted; of more it is only said that there are more, as counting reads every one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentInfo:
    """A document without its text, for lists."""

    id: str
    title: str
    source: str | None
    outlet: str | None
    author: str | None
    published: date | datetime | None
    language: str | None
    origin: str | None
    characters: int
    passages: int
    sha256: str = ""  # of the text
    corrected: tuple[str, ...] = ()  # names of the values that were corrected by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list of documents.

    `found` is how many match, counted up to `MOST_COUNTED` and one more; `first` is the place of the first one here
    among them, from 0, as it was when the reader set out. `previous` and `next` are the cursors of the pages beside
    this one, empty where there is none. `cut` tells that a phrase stands in more passages than were looked through, so
    that documents may be missing.
    """

    rows: tuple[DocumentInfo, ...]
    found: int
    first: int = 0
    previous: str = ""
    next: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many documents there are in all, for each language and outlet (None: not known), and for each month."""

    documents: int
    languages: dict[str | None, int]
    outlets: dict[str | None, int]
    months: dict[str | None, int]  # by month as ``2026-01``, ascending; None, the undated, last


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions on documents, applied inside the search. An empty set or None does not restrict.

    Dates are inclusive at both ends; a document without a date never matches a date condition.
    """

    languages: Set[str] = frozenset()
    outlets: Set[str] = frozenset()
    documents: Set[str] = frozenset()
    published_from: date | None = None
    published_to: date | None = None

    def __post_init__(self) -> None:
        for name in ("languages", "outlets", "documents"):
            value = getattr(self, name)
            object.__setattr__(self, name, frozenset([value] if isinstance(value, str) else value or ()))

    def __bool__(self) -> bool:
        return bool(self.languages or self.outlets or self.documents or self.published_from or self.published_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question with everything that decides its result: the one record that the interfaces hand to the retriever.

    Attributes:
        question: in any language.
        k: how many passages at most; fewer come back when the corpus has fewer.
        filters: conditions on documents, applied inside the search.
        mode: ``hybrid`` (the whole pipeline), ``dense`` (vectors alone) or ``lexical`` (BM25 alone).
        collapse: whether passages that repeat a better one fold into it; otherwise each is a hit of its own.
        rerank: in hybrid mode, whether the learned ranker orders the candidates; otherwise plain fusion does.
        strict: whether a filter that names what the index does not know is an error; otherwise it matches nothing.

    Raises:
        QueryError: `question` is not text or is blank, `k` is below 1, there is no such `mode`, or the range of dates
            is empty.
    """

    question: str
    k: int = 5
    filters: Filters = Filters()
    mode: Mode = "hybrid"
    collapse: bool = True
    rerank: bool = True
    strict: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.question, str):
            raise QueryError("question_not_text", type=type(self.question).__name__)
        if not self.question.strip():
            raise QueryError("question_empty")
        if isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1:
            raise QueryError("k_invalid", k=repr(self.k))
        if self.mode not in get_args(Mode):
            raise QueryError("mode_invalid", mode=str(self.mode))
        first, last = self.filters.published_from, self.filters.published_to
        if first and last and date.toordinal(first) > date.toordinal(last):
            raise QueryError("dates_swapped", first=str(first), last=str(last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days that words mean, both ends included: ``text[start:end]`` is "January 2026", "yesterday", "22. januarja".

    Where the words do not state the year (`year_stated` is False), the days are those of the year most likely meant.
    """

    start: int
    end: int
    first: date
    last: date
    year_stated: bool = True

    def meets(self, other: Period) -> bool:
        """Tell whether they have a day in common; in any year, unless both state theirs."""
        if self.year_stated and other.year_stated:
            return self.first <= other.last and other.first <= self.last
        return any(two._holds(day) for one, two in ((self, other), (other, self)) for day in (one.first, one.last))

    def _holds(self, day: date) -> bool:
        """Tell whether a day of any year lies in the period; one that ends in another year goes over New Year."""
        if (self.last - self.first).days >= 365:
            return True
        first, last, asked = ((one.month, one.day) for one in (self.first, self.last, day))
        return first <= asked <= last if first <= last else asked >= first or asked <= last


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One word of the passage that answers one word of the question, with the cosine between them."""

    query_start: int
    query_end: int
    start: int  # offsets into the passage's document, like every span
    end: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How many `articles`, of how many known `outlets` and `languages`, carry a text, and how many `texts` they are.

    Copies of one text, whole or edited, count as one: `texts` is the number of articles written independently.
    """

    articles: int
    outlets: int
    texts: int
    languages: int

    def __str__(self) -> str:
        """Say it in one line: outlets, or articles where no outlet is known, texts and languages."""
        first = (self.outlets, "outlet") if self.outlets else (self.articles, "article")
        counts = (first, (self.texts, "independent text"), (self.languages, "language"))
        return ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts if n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage found for a question. Higher `score` is better; hits come in order of `rank`, from 1.

    `document` is the whole article. `why` holds the signals behind the score by name. `confidence` is the calibrated
    probability that this passage answers, or None where nothing calibrated is available. `duplicates` are
    the other places in the corpus where this passage stands, found for the question or not; `agreement` counts all.
    """

    passage: Passage
    document: Document
    score: float
    rank: int
    citation: Citation
    why: Mapping[str, float] = field(default_factory=dict)
    matches: Sequence[Match] = ()
    confidence: float | None = None
    duplicates: tuple[Citation, ...] = ()
    agreement: Agreement | None = None

    @property
    def is_related(self) -> bool:
        """Return whether the passage has to do with the question, by its score."""
        return self.score >= RELATED

    def meets(self, place: Citation) -> bool:
        """Return whether the passage has words in common with a citation."""
        same = self.document.id == place.document_id
        return same and self.passage.start < place.end and place.start < self.passage.end


RELATED = 0.1
"""Score from which a passage has to do with the question. Chosen on questions of PIAF and NorQuAD over 300 texts: there
76 in 100 passages of the text that answers reach it and 15 in 100 of all others; in SweQUAD, held out, 85 and 28."""

CLOSEST = 3
"""Passages shown where nothing answers and none has to do with the question."""

Intent = Literal["answer", "topic", "news", "follow_up", "list", "summary", "comparison"]
"""What a question asks for: an answer; whatever there is on a topic, as one word does; what is new; what a question
before left open, which nobody knows here; a list of articles; a summary; or a comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Verbatim words of a document that answer; `number` is the citation mark shown beside them, from 1.

    `answer_start` and `answer_end` are the words of the answer in them, as offsets into the document; None where they
    are not known. `also` are the passages of other articles that carry the quoted statement, word for word or nearly.
    """

    number: int
    text: str
    citation: Citation
    score: float
    language: str | None = None
    answer_start: int | None = None
    answer_end: int | None = None
    also: tuple[Citation, ...] = ()


Fault = Literal["uncited", "unknown_source", "other_language", "number", "date", "name", "unsupported"]
"""Why a sentence of a language model is struck: it cites nothing; or a number that no quote has; it is in another
language than the question; a number, a date or a name in it is not in what it cites; or the reader finds no support."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence that a language model wrote, without its citation marks.

    `numbers` are those of the quotes that it cites. `fault` is why it is struck, None where it passed every check;
    `missing` is the number, date or name that is not in what it cites.
    """

    text: str
    numbers: tuple[int, ...]
    fault: Fault | None = None
    missing: str = ""

    def __str__(self) -> str:
        return self.text + "".join(
            f" [{number}]" if not at else f"[{number}]" for at, number in enumerate(self.numbers)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Which language model wrote, at which `place` (host and port), and what went wrong, if something did."""

    model: str
    place: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a language model has written so far: complete sentences with their faults, and the words after them.

    `done` is True of the last one only.
    """

    generation: Generation
    sentences: tuple[Sentence, ...] = ()
    unfinished: str = ""
    done: bool = False

    @property
    def text(self) -> str:
        """The sentences that passed the checks, each with its citation marks."""
        return " ".join(str(sentence) for sentence in self.sentences if sentence.fault is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a question; if nothing in the corpus answers, `abstained` is true and `quotes` is empty.

    `intent` is what the question asks for; no sentence is quoted for anything but an ``answer``.

    Where a language model was asked to, it wrote `sentences` from the quotes, and `text` is those of them that passed
    the checks; all three last fields are None otherwise.
    """

    question: str
    abstained: bool
    confidence: float | None
    quotes: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    language: str | None = None
    periods: tuple[Period, ...] = ()  # the days that the question speaks of
    agreement: Agreement | None = None  # over the articles that carry a quoted statement; None without quotes
    intent: Intent = "answer"
    text: str | None = None
    sentences: tuple[Sentence, ...] | None = None
    generation: Generation | None = None

    @property
    def sources(self) -> tuple[Hit, ...]:
        """The hits that carry a quoted statement, best first; for a quoted title the best hit of its article."""
        carrying: set[int] = set()
        for quote in self.quotes:
            own = [hit.rank for hit in self.hits if hit.document.id == quote.citation.document_id]
            ranks = {hit.rank for hit in self.hits for place in (quote.citation, *quote.also) if hit.meets(place)}
            carrying |= ranks or set(own[:1])
        return tuple(hit for hit in self.hits if hit.rank in carrying)

    @property
    def related(self) -> tuple[Hit, ...]:
        """The hits that carry no quoted statement, as far as they have to do with the question, best first."""
        carrying = {hit.rank for hit in self.sources}
        return tuple(hit for hit in self.hits if hit.rank not in carrying and hit.is_related)

    @property
    def closest(self) -> tuple[Hit, ...]:
        """The hits that are shown where none is quoted: those related to the question, else the first `CLOSEST`.

        For a topic these are all: a subject alone scores lower than a question.
        """
        return self.hits if self.intent == "topic" else self.related or self.hits[:CLOSEST]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One input that could not be read: `code` and `facts` say why, as those of a `RagError` do.

    Where only some rows or members of a file could not be read, `parts` are the failures of the first of these.
    """

    source: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    parts: tuple[Failure, ...] = ()

    @classmethod
    def of(cls, source: str, code: str, /, **facts: Fact) -> Failure:
        """Return the failure of an input, with its facts as keywords."""
        return cls(source=source, code=code, facts=clean(facts))

    @classmethod
    def from_error(cls, source: str, error: RagError) -> Failure:
        """Return an error as the failure of an input."""
        return cls(source=source, code=error.code, facts=error.facts)

    def message(self, language: str = LANGUAGES[0]) -> str:
        """Return the reason in a language, on one line."""
        facts = dict(self.facts)
        if self.parts:
            facts["parts"] = "; ".join(part.message(language) for part in self.parts)
        return render(self.code, facts, language)

    def error(self) -> ReadError:
        """Return the failure as an error to raise."""
        return ReadError(self.code, **self.facts)

    def __str__(self) -> str:
        return self.message()


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, as document ids; `moved` holds pairs of old and new ids, `failed` files and reasons."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        parts = [
            f"{len(getattr(self, name))} {name}" for name in ("added", "changed", "removed", "unchanged", "failed")
        ]
        return ", ".join([*parts, f"{len(self.moved)} moved"] if self.moved else parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """How far an index is refined: of its `passages`, how many have contextual vectors."""

    passages: int
    refined: int

    @property
    def waiting(self) -> int:
        """How many passages are found and ranked by the table alone until they are refined."""
        return self.passages - self.refined

    def __str__(self) -> str:
        return f"{self.refined} of {self.passages} passages are refined"
