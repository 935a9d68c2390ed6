"""The one object behind every face: it wires store, encoder, retrieval and answering, and does nothing of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from rag.answering.citation_status import find_standing, require_text
from rag.answering.question_intent import listed_subject
from rag.answering.quotes import check_citation
from rag.components import Parts, chosen_settings, new_manifest
from rag.encoding import load_encoder
from rag.encoding.encoder import Encoder
from rag.errors import CitationError, LanguageModelError, QueryError
from rag.recent import Recent
from rag.records import (
    Answer,
    Citation,
    Correction,
    Counts,
    Document,
    DocumentInfo,
    Draft,
    Failure,
    Filters,
    Generation,
    Hit,
    ListPage,
    ListQuery,
    Mode,
    Query,
    Refinement,
    Standing,
    SyncReport,
    Version,
)
from rag.settings import Settings
from rag.store.local import LocalStore
from rag.store.rebuild import replacing
from rag.store.tables.rows import Facets

if TYPE_CHECKING:
    from rag.fetching.plan import FetchPlan
    from rag.indexing.correction import Corrected
    from rag.indexing.file_reading import FileReading
    from rag.indexing.refine import BackgroundRefining
    from rag.indexing.writer import SyncOptions, Writer

_LISTED = 60
"""Passages looked at for a list of articles on something: several may be of one article."""

_ABOUT = 0.005
"""Score from which a passage has to do with a subject, which alone scores lower than a question: in the seeds names
that an article has, in whatever language, reach 0.006 and more, and words that none has 0.002 at most."""

_REWRITING_SECONDS = 8
"""For a language model to rewrite a follow-up: an answer waits for it, and can do without."""

_MOST_REWRITTEN = 256
_QUOTES_BEFORE = 2

# Longer than other modules, as every public method is described here in full.


class Index:
    """An index of documents on disk: create or open it, bring it up to date, and ask.

    Reading never blocks writing and the other way round; a second writer is refused. Use it as a context manager, or
    call `close`.
    """

    def __init__(self, store: LocalStore, settings: Settings, encoder: Encoder | None = None) -> None:
        self._store = store
        self._store.versions_kept = settings.versions
        self._settings = settings
        self._parts = Parts(store, settings, encoder)
        self._rewritten = Recent[str | None](most=_MOST_REWRITTEN)

    @classmethod
    def create(
        cls,
        path: Path | str | None = None,
        *,
        model: str | None = None,
        settings: Settings | None = None,
        replace_existing: bool = False,
    ) -> Index:
        """Make an empty index.

        Args:
            path: a folder; it may exist and hold other files.
            model: a sentence-transformers model by hub name or path; None is the bundled model.
            settings: everything else; `RAG_*` variables where not given.
            replace_existing: empty an index that is there; otherwise that is an error.

        Raises:
            IndexUnusable: there already is an index, or the folder cannot be written to.
            EncoderError: the model cannot be loaded.
        """
        chosen = chosen_settings(path, model, settings)
        encoder = load_encoder(chosen.model, device=chosen.device, batch_size=chosen.batch_size)
        LocalStore.create(chosen.index, new_manifest(encoder, chosen), replace=replace_existing).close()
        return cls(_open_store(chosen), chosen, encoder)

    @classmethod
    def open(
        cls, path: Path | str | None = None, *, model: str | None = None, settings: Settings | None = None
    ) -> Index:
        """Open an index; the model it was built with is loaded when first needed.

        Args:
            path: the index folder; None means `RAG_INDEX`, else ``./index``.
            model: refuse the index unless it was built with this model; None takes the one it was built with.
            settings: everything else.

        Raises:
            IndexNotFound: there is no index there.
            IndexMismatch: it was built with another model, or by a newer version.
            IndexDamaged: the database fails its checks.
            EncoderError: the model or the reranker of the settings cannot be loaded.
            SettingsError: `store` of the settings is no address, or needs a package that is not installed.
        """
        chosen = chosen_settings(path, model, settings)
        index = cls(_open_store(chosen), chosen)
        try:
            index._parts.load_wanted()
        except BaseException:
            index.close()
            raise
        return index

    @classmethod
    def rebuild(
        cls,
        folder: Path | str,
        path: Path | str | None = None,
        *,
        settings: Settings | None = None,
        **options: Unpack[SyncOptions],
    ) -> SyncReport:
        """Build the index anew from a folder; the old one answers until the new one is complete, and replaces it.

        Raises:
            CorpusError, IndexLocked: as for `sync`; the old index is as it was, as it is after Ctrl-C or a kill.
        """
        chosen = chosen_settings(path, None, settings)
        from rag.indexing.writer import listed_addresses

        listed = listed_addresses(chosen.index)

        def fill(index: Index) -> SyncReport:
            report, pages = index.sync(folder, **options), index._writer.sync_pages(chosen.index, listed)
            return replace(report, added=report.added + pages.added, failed=report.failed + pages.failed)

        return rebuild(chosen, fill)

    # -- asking -------------------------------------------------------------------------------------------------------

    def retrieve(
        self,
        question: str,
        k: int = 5,
        *,
        filters: Filters | None = None,
        mode: Mode = "hybrid",
        rerank: bool = True,
        collapse: bool = True,
    ) -> list[Hit]:
        """Find the passages that answer a question, best first.

        Args:
            question: in any language.
            k: how many at most; fewer come back when the corpus has fewer.
            filters: conditions on documents, applied inside the search.
            mode: ``hybrid`` (the whole pipeline), ``dense`` (vectors alone) or ``lexical`` (BM25 alone).
            rerank: in hybrid mode, whether the learned combination orders the candidates; otherwise plain fusion does.
            collapse: whether passages that repeat a better one fold into it; without, each is a hit of its own.

        Raises:
            QueryError: the question is empty or far too long, `k` is below 1, or a filter makes no sense.
        """
        return self.retrieve_query(
            Query(question=question, k=k, filters=filters or Filters(), mode=mode, collapse=collapse, rerank=rerank)
        )

    def answer(
        self,
        question: str,
        k: int = 5,
        *,
        filters: Filters | None = None,
        collapse: bool = True,
        llm: bool = False,
    ) -> Answer:
        """Answer with verbatim quotes, each with its citation, or say that the corpus does not (``abstained``).

        Args:
            question: in any language.
            k: how many passages at most are looked at for the answer.
            filters: conditions on documents, applied inside the search.
            collapse: whether passages that repeat a better one fold into it.
            llm: whether the language model of the settings puts the answer in words, too (`text`, `sentences`).

        Raises:
            QueryError: as for `retrieve`; or `llm`, and the settings name no language model.
        """
        query = Query(question=question, k=k, filters=filters or Filters(), collapse=collapse)
        return self.write(self.answer_query(query)) if llm else self.answer_query(query)

    def retrieve_query(self, query: Query) -> list[Hit]:
        """Do what `retrieve` does, for a query that is made already.

        Raises:
            QueryError: the question is far too long.
        """
        return self._parts.retriever.search(query).hits

    def answer_query(self, query: Query) -> Answer:
        """Do what `answer` does, for a query that is made already.

        Raises:
            QueryError: the question is far too long, or the query is not a hybrid one.
        """
        return self._parts.answerer.answer(query)

    def find_articles(self, query: Query) -> list[Hit] | None:
        """Return the best passage of each article that is about what a request names, best first.

        None where it names nothing ("List all articles"): see `newest`.

        Raises:
            QueryError: as for `retrieve`.
        """
        subject = listed_subject(query.question)
        if not subject:
            return None
        found: dict[str, Hit] = {}
        for hit in self.retrieve_query(replace(query, question=subject, k=_LISTED)):
            if hit.score >= _ABOUT:
                found.setdefault(hit.document.id, hit)
        return list(found.values())

    @property
    def language_model(self) -> Generation | None:
        """The language model that the settings name, and where it is; None where they name none."""
        generator = self._parts.generator
        return Generation(model=generator.model.name, place=generator.model.place) if generator else None

    def write(self, answer: Answer) -> Answer:
        """Return an answer put in words by a language model; see `rag.answering.generation`. It never fails for it.

        What went wrong is in `generation`; the quotes are as they were.

        Raises:
            QueryError: the settings name no language model.
        """
        from rag.answering.generation import in_words

        return in_words(answer, [*self.drafts(answer)][-1])

    def drafts(self, answer: Answer) -> Iterator[Draft]:
        """Yield what a language model writes of an answer, as it grows; the last one is what `write` returns.

        Raises:
            QueryError: the settings name no language model.
        """
        generator = self._parts.generator
        if generator is None:
            raise QueryError("llm_not_set")
        return generator.write(answer)

    def translate(self, text: str, language: str) -> str:
        """Return a text in another language, as the language model writes it; nobody has checked it.

        Args:
            text: at most 2,000 characters.
            language: the code of the language.

        Raises:
            QueryError: the settings name no language model, or the text is too long.
            LanguageModelError: the model did not answer, or not with a text.
        """
        from rag.answering.wording import MOST_TRANSLATED, translate

        generator = self._parts.generator
        if generator is None:
            raise QueryError("llm_not_set")
        if len(text) > MOST_TRANSLATED:
            raise QueryError("translation_too_long", characters=len(text), limit=MOST_TRANSLATED)
        return translate(generator.model, text, language)

    def rewrite_follow_up(self, question: str, before: str) -> str | None:
        """Return a question that leans on the one before as one of its own; None where no language model makes one."""
        generator = self._parts.generator
        if generator is None:
            return None
        from rag.answering.wording import rewrite_follow_up

        def rewrite() -> str | None:
            quotes = [quote.text for quote in self.answer(before).quotes[:_QUOTES_BEFORE]]
            return rewrite_follow_up(generator.model.within(_REWRITING_SECONDS), question, before, quotes)

        try:
            return self._rewritten.get((self.revision, question, before), rewrite)
        except (LanguageModelError, QueryError):
            return None

    # -- writing ------------------------------------------------------------------------------------------------------

    @staticmethod
    def explain_file(path: Path | str, *, settings: Settings | None = None) -> FileReading:
        """Return what would be read of one file, and store nothing; see `rag.indexing.file_reading`.

        Raises:
            CorpusError: no process can be started.
        """
        from rag.indexing.file_reading import explain_file

        return explain_file(Path(path), (settings or Settings.load()).read_limits)

    def sync(self, folder: Path | str, **options: Unpack[SyncOptions]) -> SyncReport:
        """Make the index equal to a folder of articles; see `rag.indexing.sync.sync_folder`.

        Args:
            folder: the articles.
            options: `include` and `exclude`, patterns as in .gitignore; `dry_run`, to report only; `progress`, a bar;
                `prepared`, a folder in which each file is prepared first, by the cluster at `ray` if that is given.

        Raises:
            CorpusError: there is no such folder, or no file in it is selected.
            IndexLocked: another process is writing.
        """
        return self._writer.sync(Path(folder), **options)

    def sync_urls(
        self, path: Path | str, *, allow_private: bool = False, pause: float = 1.0, progress: bool = False
    ) -> SyncReport:
        """Make what the index has of web addresses equal to a list; see `rag.indexing.urls`. Uses the network.

        Args:
            path: a text file with an address a line.
            allow_private: whether addresses may lead to this machine and its network.
            pause: seconds between two requests to one host, at least; a robots.txt may ask for more.
            progress: whether to draw a bar on stderr, if that is a terminal.

        Raises:
            CorpusError: the list cannot be read, or holds no address.
            IndexLocked: another process is writing.
        """
        return self._writer.sync_urls(Path(path), allow_private=allow_private, pause=pause, progress=progress)

    def fetch_page(self, address: str) -> tuple[str, bytes]:
        """Fetch one page of the web, and return a file name and a web archive with the page. Uses the network.

        Raises:
            SettingsError: what fetches is not installed.
            ReadError: the page cannot be had, or may not be.
        """
        return self._writer.fetch_page(address)

    def page_image(self, path: Path | str, page: int, words: str = "") -> bytes:
        """Return a page of a PDF file as a PNG, with words marked where they stand on it.

        Args:
            path: of the file.
            page: from 1; of a citation, its `page`.
            words: what to mark, for example a quote.

        Raises:
            ReadError: the page cannot be drawn within the limits of the settings.
        """
        return self._writer.page_image(Path(path), page, words)

    def plan_urls(self, path: Path | str, *, allow_private: bool = False) -> FetchPlan:
        """Say what `sync_urls` would ask for, without using the network or writing anything.

        Raises:
            CorpusError: the list cannot be read, or holds no address.
        """
        return self._writer.plan_urls(Path(path), allow_private=allow_private)

    def watch(self, folder: Path | str, **options: Unpack[SyncOptions]) -> Iterator[SyncReport]:
        """Keep the index equal to a folder until Ctrl-C; see `rag.indexing.watcher.watch_folder`.

        Yields:
            The report of the first sync, and of each later one that changed something.

        Raises:
            SettingsError: the library that watches is not installed.
            CorpusError, IndexLocked: as for `sync`, for the first one.
        """
        from rag.indexing.watcher import watch_folder

        return watch_folder(Path(folder), lambda: self.sync(folder, **options), index=self._settings.index)

    def add(self, documents: Iterable[Document]) -> SyncReport:
        """Add documents, or replace those with the same id: all of them or, after an error, none.

        Raises:
            CorpusError: a document has no id or no text, or two have the same id.
            IndexLocked: another process is writing.
        """
        return self._writer.add(documents)

    def refine(self, *, progress: bool = False, stopped: Callable[[], bool] = lambda: False) -> Refinement | None:
        """Give the passages that lack them their contextual vectors, newest first; see `rag.indexing.refine.refine`.

        What is stored is found and ranked by the table until then. Stopped at any moment, the next call goes on from
        there. An index without a contextual model has nothing to
        refine, and None is returned.

        Args:
            progress: whether to draw a bar on stderr, if that is a terminal.
            stopped: is asked before every batch; True ends the work.

        Raises:
            IndexLocked: another process is refining or writing.
        """
        from rag.indexing.refine import refine

        encoder = self._parts.contextual
        if encoder is not None:
            return refine(self._store, encoder, progress=progress, stopped=stopped)
        return self.refinement()

    def refine_in_background(self) -> BackgroundRefining:
        """Return what refines in a thread of low priority from `start` to `stop`; call its `wake` after each change."""
        from rag.indexing.refine import BackgroundRefining

        return BackgroundRefining(self._store, lambda: self._parts.contextual)

    def refinement(self) -> Refinement | None:
        """Return how far the index is refined; None for one that has no contextual model."""
        if not self._store.manifest.contextual:
            return None
        return Refinement(passages=self._store.count(), refined=self._store.refined_count())

    def remove(self, document_ids: Iterable[str]) -> SyncReport:
        """Remove documents with all their passages and earlier texts; an id that is not there is reported as failed.

        A document whose file is still in the folder comes back with the next `sync`, which makes the index equal to
        the folder: remove the file to remove the document for good.

        In an index of more than 20,000 passages the words of what was removed stay in the files, out of reach of any
        search, until `purge`.

        Raises:
            IndexLocked: another process is writing.
        """
        return self._writer.remove(document_ids)

    def forget_versions(self, document_ids: Iterable[str]) -> int:
        """Remove the earlier texts of documents, which stay as they are; return how many there were.

        Citations of those texts are reported as removed from then on. As for `remove`, a large index wants `purge`.

        Raises:
            IndexLocked: another process is writing.
        """
        return self._writer.forget_versions(document_ids)

    def correct(self, document_id: str, **values: Unpack[Corrected]) -> None:
        """Correct title, outlet, author or date of a document by hand.

        The correction is a record of its own: it is kept when the file is read again or moves and when the index is
        rebuilt, until `discard_corrections` or the removal of the document. The text is never changed.

        Args:
            document_id: which.
            values: any of `title`, `outlet`, `author` and `published`; None states that there is none.

        Raises:
            QueryError: there is no such document, or a value cannot be used.
            IndexLocked: another process is writing.
        """
        self._writer.correct(document_id, values)

    def discard_corrections(self, document_id: str) -> None:
        """Give a document the metadata that was read again, in place of all that was corrected.

        Raises:
            QueryError, IndexLocked: as for `correct`.
        """
        self._writer.discard_corrections(document_id)

    def purge(self) -> None:
        """Overwrite what removed articles and texts left in the index's files; it takes time by the size of the index.

        What a killed rebuild left goes too, and fetched pages that are on no list.

        Raises:
            IndexLocked: another process is writing.
        """
        self._writer.purge()

    # -- looking ------------------------------------------------------------------------------------------------------

    def document(self, document_id: str, *, sha256: str | None = None) -> Document:
        """Return a document, as it is now or as it was when its text had a given sha256.

        Args:
            document_id: as in a citation; under the former id of a document that moved, only with `sha256`.
            sha256: of the text; its first 16 digits are enough.

        Raises:
            QueryError: there is none with this id, or no such text of it is kept.
        """
        if sha256 is None:
            return self._store.document(document_id)
        return require_text(document_id, sha256, self._store.cited(document_id, sha256))

    def versions(self, document_id: str) -> list[Version]:
        """Return the earlier texts of a document that are kept, the latest first; none where it never changed."""
        return self._store.versions(document_id)

    def documents(self, offset: int = 0, limit: int | None = None) -> list[DocumentInfo]:
        """Return the documents without their texts, by id: all of them, or at most `limit` after the first `offset`."""
        return self._store.list_documents(offset, limit)

    def newest(self, limit: int = 10, *, filters: Filters | None = None) -> list[Document]:
        """Return the documents with the latest dates, the latest first; those that state none are left out."""
        return self._store.newest_documents(limit, filters or Filters())

    def browse(self, query: ListQuery | None = None) -> ListPage:
        """Return one page of the list of documents: searched, filtered, sorted.

        Unlike `documents` with an offset, a page costs the same wherever it is in the list.
        """
        return self._store.browse(query or ListQuery())

    def counts(self) -> Counts:
        """Count documents by language, outlet and month of publication."""
        return self._store.counts()

    def infos(self, document_ids: Iterable[str]) -> list[DocumentInfo]:
        """Return those of the documents that are there, without their texts."""
        return self._store.infos(document_ids)

    def corrections(self, document_id: str) -> list[Correction]:
        """Return what was corrected by hand of a document; see `correct`."""
        return self._store.corrections(document_id)

    def origins(self) -> dict[str, list[str]]:
        """Return, for each file or address that documents came from, their ids."""
        return self._store.origins()

    def documents_of(self, paths: Iterable[str]) -> list[str]:
        """Return the ids of the documents that came from these files or addresses, ascending."""
        return self._store.documents_of(paths)

    def document_count(self) -> int:
        """Return the number of documents."""
        return self._store.document_count()

    def quote(self, citation: Citation) -> str:
        """Return the words a citation points to, checked against the document as it is now.

        Raises:
            CitationError: the document is gone or has changed since; `check_citation` then says more.
        """
        try:
            document = self._store.document(citation.document_id)
        except QueryError as error:
            raise CitationError("citation_document_gone", id=citation.document_id) from error
        return check_citation(citation, document)

    def check_citation(self, citation: Citation) -> Standing:
        """Say how a citation stands: against the article as it is, an earlier text of it, or not at all.

        No words are given but those of the text that was cited, whatever has become of the article. The first 16
        digits of the citation's sha256 are enough.
        """
        return find_standing(citation, self._store.cited(citation.document_id, citation.sha256))

    def facets(self) -> Facets:
        """Count documents by language and outlet, and find the first and last day."""
        return self._store.facets()

    def duplicates(self) -> list[list[str]]:
        """Return the ids of documents that are the same text, a list for each text that stands in several."""
        return self._store.clusters()

    @property
    def generation(self) -> int:
        """A number that rises with every change to the index, whoever makes it."""
        return self._store.generation

    @property
    def revision(self) -> str:
        """A text that differs after every change to the index, whoever makes it; equal ones mean equal content."""
        commit = self._store.commit
        return f"{commit.generation}-{commit.token}"

    def failures(self) -> list[Failure]:
        """Return the files that could not be read when last seen, with reasons."""
        return [file.failure for file in self._store.failures() if file.failure is not None]

    @property
    def store(self) -> str | None:
        """The address of the server that finds candidates; None where this machine does."""
        return self._settings.store

    def info(self) -> dict[str, str | int]:
        """Return what the index holds and what it was built with."""
        manifest, refinement = self._store.manifest, self.refinement()
        return {
            "index": str(self._settings.index),
            "documents": self._store.document_count(),
            "passages": self._store.count(),
            **({"refined passages": refinement.refined} if refinement else {}),
            "earlier texts": self._store.version_count(),
            "bytes on disk": self._store.size_on_disk(),
            "model": manifest.model,
            "dimension": manifest.dimension,
            "fingerprint": manifest.fingerprint[:12],
            "contextual model": manifest.contextual[:12] or "none",
            "passage tokens": manifest.chunk_tokens,
            "format": manifest.format,
        }

    def verify(self) -> list[str]:
        """Check every span, vector and term against its document; return one line for each problem."""
        return self._store.verify()

    def close(self) -> None:
        """Let go of the files. Closing twice is allowed."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def encoder(self) -> Encoder:
        """The encoder that the index was built with, loaded when first needed.

        Raises:
            EncoderError: it cannot be loaded.
            IndexMismatch: it is no longer the same model.
        """
        return self._parts.encoder

    @cached_property
    def _writer(self) -> Writer:
        from rag.indexing.writer import Writer  # what reads files is loaded only where something is written

        return Writer(self._store, self._settings, self._parts.prepare)


def rebuild(settings: Settings, fill: Callable[[Index], SyncReport]) -> SyncReport:
    """Make a new index beside the one at `settings.index`, let `fill` fill it, and put it in the old one's place.

    Until then, and after an error, Ctrl-C or a kill, the old one is as it was.

    Raises:
        IndexLocked: another process is writing.
        IndexUnusable: the folder cannot be written to.
        EncoderError: the model cannot be loaded.
    """
    encoder = load_encoder(settings.model, device=settings.device, batch_size=settings.batch_size)
    with (
        replacing(settings.index, new_manifest(encoder, settings), versions=settings.versions) as fresh,
        Index(LocalStore.open(fresh), settings, encoder) as index,
    ):
        report = fill(index)
    if settings.store is not None:
        with _open_store(settings) as store:
            store.optimise()
    return report


def _open_store(settings: Settings) -> LocalStore:
    if settings.store is None:
        return LocalStore.open(settings.index)
    from rag.store.milvus_following import open_with_milvus

    return open_with_milvus(settings.index, settings.store)
