"""The form in which programs see answers: over HTTP, as an assistant's tools, and as ``--json`` of the command line.

It is that of the package's own records, field by field, except that a document comes without its text wherever it only
stands beside something else; ``/api/documents/{id}`` has the text, into which every ``start`` and ``end`` points. With
``?sha256=`` it is the text that a citation was made of, even if the article has changed since. ``docs/schema.md`` lists
all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rag.records import Failure, Filters, Hit, Intent, Query

# no "date-time" in the schema: that format wants a zone, and few articles state one
_Moment = Annotated[str | None, BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value)]
# a question from a command line may hold half a character, which no JSON can: it is searched for as "?" too
_Asked = Annotated[str, BeforeValidator(lambda text: text.encode("utf-8", "replace").decode("utf-8"))]
_PUBLISHED = "ISO 8601 date, or date and time where stated (with a zone only if the article has one); never guessed"


K_MAX = 100
"""Passages in one response at most: more is a download, not an answer."""

_Names = Annotated[list[str], AfterValidator(lambda names: [name for name in names if name.strip()])]  # forms send ""


class Selection(BaseModel):
    """What may be asked, over HTTP and by assistants: a question with its conditions."""

    model_config = ConfigDict(validate_by_name=True, extra="forbid")  # a filter that is not known would filter nothing

    question: str = Field(alias="q", description="the question, in any language")
    k: int = Field(5, ge=1, le=K_MAX, description="how many passages at most")
    languages: _Names = Field([], description="only articles in these languages (codes or names); repeatable")
    outlets: _Names = Field([], description="only articles of these outlets; may be repeated")
    documents: _Names = Field([], description="only these articles, by their ids; may be repeated")
    published_from: date | None = Field(None, description="only articles of this day or later")
    published_to: date | None = Field(None, description="only articles of this day or earlier")
    collapse: bool = Field(True, description="fold passages that repeat a better one into it; false: each is a hit")
    llm: bool = Field(
        False, description="answers only: put the answer in words too, by the language model that is set; takes seconds"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        """Take null as nothing said: assistants send it for arguments that have a default."""
        return (
            {name: value for name, value in values.items() if value is not None} if isinstance(values, dict) else values
        )

    def query(self) -> Query:
        """Return it as the record that the retriever takes.

        Raises:
            QueryError: as for `Query`.
        """
        filters = Filters(
            languages=frozenset(self.languages),
            outlets=frozenset(self.outlets),
            documents=frozenset(self.documents),
            published_from=self.published_from,
            published_to=self.published_to,
        )
        return Query(question=self.question, k=self.k, filters=filters, collapse=self.collapse)


class _Record(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CitationOut(_Record):
    """The exact place a text came from; keep `sha256` to notice later that the article has changed."""

    document_id: str = Field(description="the document, as in /api/documents/{id}")
    sha256: str = Field(description="SHA-256 of the document's text in UTF-8, hexadecimal")
    start: int = Field(description="first character, counted in Unicode code points from 0")
    end: int = Field(description="one past the last character")
    title: str = Field(description="title of the article; empty when it states none")
    outlet: str | None = Field(description="who published it; null if not stated")
    published: _Moment = Field(description=_PUBLISHED)
    source: str | None = Field(description="its web address, else its name in the corpus")
    page: int | None = Field(description="page, from 1, in formats that have pages")


class DocumentOut(_Record):
    """One article without its text."""

    id: str = Field(description="stable name: for a file its path inside the corpus folder")
    title: str = Field(description="title; empty when it states none")
    source: str | None = Field(description="its web address, else its name in the corpus")
    outlet: str | None = Field(description="who published it; null if not stated")
    author: str | None = Field(description="who wrote it; null if not stated")
    published: _Moment = Field(description=_PUBLISHED)
    language: str | None = Field(description="ISO 639-1 code")


class WholeDocumentOut(DocumentOut):
    """One article with its text, exactly as read."""

    url: str | None = Field(description="the article's own web address; null when neither it nor its page states one")
    modified: _Moment = Field(description="when it was changed, as it says itself; as `published` otherwise")
    evidence: dict[str, str] = Field(
        description="where each value came from: meta (stated by the file), text, text_day_first (3/4 is 3 April), "
        "url (its address), file, given, ocr"
    )
    text: str = Field(description="the whole text; page furniture is in it")
    sha256: str = Field(description="SHA-256 of the text in UTF-8, hexadecimal")
    masked: list[tuple[int, int]] = Field(description="spans of page furniture, never searched or cited")
    pages: list[int] = Field(description="where each page starts; empty in formats without pages")


class VersionOut(_Record):
    """An earlier text of an article."""

    sha256: str = Field(description="SHA-256 of that text; /api/documents/{id}?sha256= opens it")
    stored: _Moment = Field(description="since when it was the present text (UTC)")
    replaced: _Moment = Field(description="until when it was (UTC)")
    characters: int = Field(description="how long it is")


class VersionsOut(BaseModel):
    """The earlier texts of an article, the latest first."""

    versions: list[VersionOut] = Field(description="empty where it never changed, and where it is not there")


class StandingOut(_Record):
    """How a citation stands now."""

    state: Literal["current", "changed", "removed", "unknown"] = Field(
        description="current: the words stand in the article as it is; changed: they stand in an earlier text of it;"
        " removed: that text is gone; unknown: no such text was ever there, or it has no such span"
    )
    text: str | None = Field(description="the words cited; null unless current or changed")
    version: VersionOut | None = Field(description="the earlier text they stand in, when changed")
    place: CitationOut | None = Field(description="where the same words stand in the article as it is now, if they do")
    removed: _Moment = Field(description="when the text was removed (UTC)")
    present: DocumentOut | None = Field(description="the article as it is now; null where there is none")


class DocumentsOut(BaseModel):
    """A stretch of the list of articles, ordered by id."""

    total: int = Field(description="articles in the whole corpus")
    offset: int = Field(description="how many were left out before the first one here")
    documents: list[DocumentOut] = Field(description="at most `limit` of them")


class CountOut(BaseModel):
    """How many articles are in a language or of an outlet."""

    name: str | None = Field(description="code of the language, or name of the outlet; null: not known")
    articles: int = Field(description="how many")


class CorpusOut(BaseModel):
    """What a corpus holds."""

    name: str = Field(description="name of its index")
    articles: int = Field(description="articles in it")
    languages: list[CountOut] = Field(description="their languages, the most frequent first")
    first: _Moment = Field(description="day of the earliest article that states one")
    last: _Moment = Field(description="day of the latest")


class CorporaOut(BaseModel):
    """The corpora that are served."""

    corpora: list[CorpusOut] = Field(description="the first is the one asked where none is named")


class OutletsOut(BaseModel):
    """The outlets of a corpus."""

    outlets: list[CountOut] = Field(description="the most frequent first")


class PassageOut(_Record):
    """A span of one document."""

    document_id: str = Field(description="the document")
    start: int = Field(description="first character")
    end: int = Field(description="one past the last character")
    text: str = Field(description="the words, exactly as in the document")


class MatchOut(_Record):
    """One word of the passage that answers one word of the question."""

    query_start: int = Field(description="where the question's word starts in the question")
    query_end: int = Field(description="one past its end")
    start: int = Field(description="where the answering word starts in the document")
    end: int = Field(description="one past its end")
    similarity: float = Field(description="cosine between the two words")


class AgreementOut(_Record):
    """How many carry a text. Copies of one text, whole or edited, count as one text."""

    articles: int = Field(description="articles that carry it")
    outlets: int = Field(description="outlets among them that are known")
    texts: int = Field(description="independent texts: wire copy in four outlets is one")
    languages: int = Field(description="languages among them")


class HitOut(_Record):
    """A passage found for a question."""

    rank: int = Field(description="1 is the best")
    score: float = Field(description="higher is better; compares passages of one question only")
    confidence: float | None = Field(description="calibrated probability that it answers, if there is one")
    passage: PassageOut = Field(description="the passage itself")
    document: DocumentOut = Field(description="the article it stands in")
    citation: CitationOut = Field(description="the place of the passage")
    why: dict[str, float] = Field(description="the signals behind the score, by name")
    matches: list[MatchOut] = Field(description="which word answered which")
    duplicates: list[CitationOut] = Field(description="where else the passage stands, found for the question or not")
    agreement: AgreementOut | None = Field(description="over this passage and its duplicates")


class QuoteOut(_Record):
    """Verbatim words that answer."""

    number: int = Field(description="the mark shown beside it, from 1")
    text: str = Field(description="the words, exactly as in the document")
    citation: CitationOut = Field(description="their place")
    score: float = Field(description="higher is better")
    language: str | None = Field(description="language of the words")
    answer_start: int | None = Field(
        description="where the words of the answer start in the document; null if not known"
    )
    answer_end: int | None = Field(description="one past their end")
    also: list[CitationOut] = Field(description="passages of other articles that carry the same statement")


class PeriodOut(_Record):
    """Days that words of the question mean: "January 2026", "včeraj", "22 ianuarie"."""

    start: int = Field(description="where the words start in the question")
    end: int = Field(description="one past their end")
    first: date = Field(description="the first day")
    last: date = Field(description="the last day")
    year_stated: bool = Field(description="false: the year is not in the question, and the last one possible is taken")


class PartFailureOut(_Record):
    """A row or member that could not be read."""

    source: str = Field(description="the file, by its path inside the corpus folder, and the part; or the address")
    code: str = Field(description="why, as a stable name")
    facts: dict[str, str | int | float] = Field(description="names, sizes and limits that belong to it")
    message: str = Field(description="why, and what to do, in one line, in the language that is preferred")

    @classmethod
    def of(cls, failure: Failure, language: str = "en") -> Self:
        """Return a failure with its message in a language."""
        facts = dict(failure.facts)
        return cls(source=failure.source, code=failure.code, facts=facts, message=failure.message(language))


class FailureOut(PartFailureOut):
    """One input that could not be read."""

    parts: list[PartFailureOut] = Field(
        default=[], description="the first of the rows or members that could not be read, if not all"
    )

    @classmethod
    def of(cls, failure: Failure, language: str = "en") -> Self:
        """Return a failure with its message in a language, and those of its parts."""
        parts = [PartFailureOut.of(part, language) for part in failure.parts]
        return super().of(failure, language).model_copy(update={"parts": parts})

    def record(self) -> Failure:
        """Return the failure itself, whose message can be had in any language."""
        parts = tuple(Failure(source=part.source, code=part.code, facts=part.facts) for part in self.parts)
        return Failure(source=self.source, code=self.code, facts=self.facts, parts=parts)


class SentenceOut(_Record):
    """A sentence that a language model wrote from the quotes, and what became of it."""

    text: str = Field(description="the words, without citation marks; plain text, whatever the model wrote")
    numbers: list[int] = Field(description="the quotes that it cites, by `number`")
    fault: Literal["uncited", "unknown_source", "other_language", "number", "date", "name", "unsupported"] | None = (
        Field(
            description="null: it passed every check. Otherwise why it is struck: it cites nothing, or what is not"
            " there; it is not in the question's language; a number, date or name in it is not in what it cites; or the"
            " reader finds no support"
        )
    )
    missing: str = Field(description="the citation, number, date or name that is not there; empty for other faults")


class GenerationOut(_Record):
    """Which language model wrote, and what went wrong, if something did."""

    model: str = Field(description="the model, as its endpoint names it")
    place: str = Field(description="where it runs: host and port")
    failure: Annotated[
        FailureOut | None,
        BeforeValidator(lambda failure: FailureOut.of(failure) if isinstance(failure, Failure) else failure),
    ] = Field(description="why it wrote nothing, or not all; null when it did")


class AnswerOut(_Record):
    """The answer to a question, or that none was found."""

    question: _Asked = Field(description="the question as asked")
    abstained: bool = Field(
        description="true: no answer was found; there are no quotes, and the hits are only the closest passages"
    )
    confidence: float | None = Field(description="calibrated probability that the answer is in the corpus")
    language: str | None = Field(description="language of the question")
    agreement: AgreementOut | None = Field(
        description="over the articles that carry a quoted statement; null without quotes"
    )
    periods: list[PeriodOut] = Field(
        description="the days that the question speaks of; passages of them come first among equals"
    )
    intent: Intent = Field(
        description="what the question asks for; only `answer` is ever answered: topic, one word; news, what is new;"
        " follow_up, something that a question before has named; list, articles; summary; comparison"
    )
    quotes: list[QuoteOut] = Field(description="the answer, numbered")
    hits: list[HitOut] = Field(description="the passages behind it, best first")
    text: str | None = Field(
        description="the answer in words: the sentences that passed the checks, with [numbers] of quotes; null without"
        " a language model, or when nothing passed"
    )
    sentences: list[SentenceOut] | None = Field(
        description="all that the language model wrote; null unless it was asked to"
    )
    generation: GenerationOut | None = Field(description="the language model; null unless it was asked to write")


class RetrievalOut(BaseModel):
    """Passages for a question, best first."""

    hits: list[HitOut] = Field(description="at most `k` of them")

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Self:
        """Put hits into this form; which words match is worked out here."""
        return cls.model_validate({"hits": hits}, from_attributes=True)


class Problem(BaseModel):
    """Why there is no answer: the body of every status from 400."""

    detail: str = Field(description="what happened and what to do, in one line; the same as `message`")
    code: str = Field(default="", description="what happened, as a stable name; absent where no route is")
    facts: dict[str, str | int | float] = Field(default={}, description="names, sizes and limits that belong to it")
    message: str = Field(default="", description="what happened and what to do, in the language that is preferred")


class State(BaseModel):
    """Whether the service can answer."""

    status: Literal["ok", "ready", "unavailable"] = Field(description="ok: it runs; ready: it can answer")
    documents: int | None = Field(default=None, description="articles in the corpus")
    passages: int | None = Field(default=None, description="passages in the corpus, where they are refined")
    refined: int | None = Field(default=None, description="how many of them are refined; the rest is found by less")
    detail: str | None = Field(default=None, description="what is wrong, if something is")
