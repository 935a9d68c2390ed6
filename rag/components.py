"""The parts that an open index is made of, each loaded when it is first needed and then kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.answer import Answerer
from rag.answering.reader import Reader
from rag.encoding import TABLE, load_encoder
from rag.encoding.encoder import Encoder
from rag.encoding.table import bundled_table
from rag.records import Document
from rag.retrieval.calibration import bundled_calibration
from rag.retrieval.ranker import bundled_ranker
from rag.retrieval.retriever import Retriever
from rag.settings import Settings
from rag.store.local import LocalStore
from rag.store.tables.manifest import Manifest, check
from rag.store.tables.rows import DocumentRows

if TYPE_CHECKING:
    from rag.answering.generation import Generator
    from rag.encoding.contextual import ContextualEncoder
    from rag.encoding.cross import CrossReranker
    from rag.encoding.reading_model import ReadingModel


class Parts:
    """What reads, ranks and answers over one store.

    Args:
        store: the documents.
        settings: how to load the models.
        encoder: one that is loaded already and belongs to the store.
    """

    def __init__(self, store: LocalStore, settings: Settings, encoder: Encoder | None = None) -> None:
        self._store = store
        self._settings = settings
        self._turn = threading.Lock()
        if encoder is not None:
            self.encoder = encoder

    def load_wanted(self) -> None:
        """Load what the settings name, so that a wrong name is said now and not to whoever asks first.

        Raises:
            IndexMismatch: the index was built with another model.
            EncoderError: the model or the reranker cannot be loaded.
            SettingsError: a language model is named, and the package that it needs is not installed.
        """
        if self._settings.model is not None:
            self.encoder = self._load(self._settings.model)
            stored = self._store.manifest
            if self._settings.model == TABLE and stored.contextual:
                check(stored, replace(stored, contextual="", contextual_dimension=0), str(self._settings.index))
        if self._settings.reranker:
            _ = self._cross
        if self._settings.llm:
            _ = self.generator

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that the index was built with; see `Index.encoder`."""
        return self._load(self._store.manifest.model)

    @property
    def contextual(self) -> ContextualEncoder | None:
        """The contextual encoder that the index was made for; None where it has none, or that cannot be loaded."""
        if not self._store.manifest.contextual:
            return None
        with self._turn:  # whoever asks and what refines in the background may both be first
            return self._contextual

    @cached_property
    def _contextual(self) -> ContextualEncoder | None:
        from rag.encoding.contextual import load_contextual

        return load_contextual(self._store.manifest.contextual, str(self._settings.index))

    @cached_property
    def retriever(self) -> Retriever:
        """What finds hits."""
        return Retriever(
            self._store,
            self.encoder,
            bundled_table(),
            bundled_ranker(),
            bundled_calibration(),
            candidates=self._settings.candidates,
            reranker=(lambda: self._cross) if self._settings.reranker else None,
            contextual=lambda: self.contextual,
        )

    @cached_property
    def answerer(self) -> Answerer:
        """What makes an answer of hits."""
        reader = Reader(lambda: self.reading_model) if self._settings.reader else None
        return Answerer(self.retriever, bundled_table(), bundled_calibration(), reader)

    @cached_property
    def generator(self) -> Generator | None:
        """What writes answers in words; None where the settings name no language model.

        Raises:
            SettingsError: the package that makes requests is not installed.
        """
        from rag.answering.generation import Generator
        from rag.answering.language_model import LanguageModel
        from rag.answering.sentence_check import SentenceChecker

        model = LanguageModel.of(self._settings)
        if model is None:
            return None
        return Generator(
            model, SentenceChecker(bundled_table(), lambda: self.reading_model if self._settings.reader else None)
        )

    @property
    def reading_model(self) -> ReadingModel | None:
        """The reader's model; None where it cannot be loaded."""
        with self._turn:
            return self._reading_model

    @cached_property
    def _reading_model(self) -> ReadingModel | None:
        from rag.encoding.reading_model import load_reading_model

        return load_reading_model()

    def prepare(self, documents: Sequence[Document], origins: Sequence[str | None]) -> list[DocumentRows]:
        """Make rows of documents and of the files they came from, with the sizes that the index was made with."""
        from rag.indexing.passage_rows import prepare_documents

        manifest = self._store.manifest
        return prepare_documents(
            documents,
            encoder=self.encoder,
            table=bundled_table(),
            chunk_tokens=manifest.chunk_tokens,
            overlap=manifest.chunk_overlap,
            origins=origins,
        )

    @cached_property
    def _cross(self) -> CrossReranker:
        from rag.encoding.cross import CrossReranker

        settings = self._settings
        return CrossReranker(settings.reranker or "", device=settings.device, batch_size=settings.batch_size)

    def _load(self, model: str | None) -> Encoder:
        stored, settings = self._store.manifest, self._settings
        encoder = load_encoder(model, device=settings.device, batch_size=settings.batch_size)
        check(stored, with_choices_of(stored, manifest_for(encoder, settings)), str(settings.index))
        return encoder


def chosen_settings(path: Path | str | None, model: str | None, settings: Settings | None) -> Settings:
    """Return the settings, those of the environment where there are none, with a path and a model in their place."""
    chosen = settings or Settings.load()
    if path is not None:
        chosen = replace(chosen, index=Path(path))
    return replace(chosen, model=model) if model is not None else chosen


def new_manifest(encoder: Encoder, settings: Settings) -> Manifest:
    """Return the manifest of an index to be made with this encoder and these settings.

    With the bundled table goes the contextual model that ships, unless the table alone was asked for.
    """
    manifest = manifest_for(encoder, settings)
    if manifest.fingerprint != manifest.table or settings.model == TABLE:
        return manifest
    from rag.encoding.contextual import find_contextual

    contextual, width = find_contextual()
    return replace(manifest, contextual=contextual, contextual_dimension=width)


def manifest_for(encoder: Encoder, settings: Settings) -> Manifest:
    """Return the manifest of an index made with this encoder and these settings, without a contextual model."""
    identity = encoder.identity
    return Manifest(
        model=identity.model,
        fingerprint=identity.fingerprint,
        dimension=identity.dimension,
        query_prompt=identity.query_prompt,
        passage_prompt=identity.passage_prompt,
        pooling=identity.pooling,
        max_tokens=identity.max_tokens,
        chunk_tokens=settings.chunk_tokens,
        chunk_overlap=settings.chunk_overlap,
        table=bundled_table().fingerprint,
    )


def with_choices_of(stored: Manifest, wanted: Manifest) -> Manifest:
    """Keep an index's own passage sizes and its contextual model, which is checked when it is loaded.

    What is set now counts when an index is made.
    """
    return replace(
        wanted,
        chunk_tokens=stored.chunk_tokens,
        chunk_overlap=stored.chunk_overlap,
        contextual=stored.contextual,
        contextual_dimension=stored.contextual_dimension,
    )
