"""Files prepared for an index apart from it: read, chunked, encoded, and refined, one Parquet file for each.

Whoever prepares needs no index, so that many machines can, into a folder that all of them see; one writer then loads
what they made. A Parquet file gets its name when it is whole, and the name says of which bytes it is, and by which
models and settings: a process that is killed costs the file that it was at, and nothing is made twice. A file is
encoded by itself, so that its vectors do not depend on who made it, or on what else was made with it.
"""

from __future__ import annotations

import io
import os
import pickle
import secrets
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoding import load_encoder
from rag.encoding.encoder import Encoder
from rag.encoding.table import bundled_table
from rag.errors import CorpusError, IndexMismatch, SettingsError
from rag.indexing.passage_rows import prepare_documents
from rag.indexing.refine import encode_waiting
from rag.readers.files import read_files
from rag.readers.messages import receive, send
from rag.readers.outcome import Outcome
from rag.readers.source_file import SourceFile, printable
from rag.records import Document
from rag.settings import ReadLimits, install_command
from rag.store.tables.context_rows import Waiting
from rag.store.tables.manifest import Manifest
from rag.store.tables.rows import ContextRow, DocumentRows, PassageRow

if TYPE_CHECKING:
    from rag.encoding.contextual import ContextualEncoder

LAYOUT = 1
"""Version of the Parquet files; part of their names."""

FILES_AT_ONCE = 32
"""Files that a process is given at once: its reader takes a second to start, about what so many take."""

_REFINED_AT_ONCE = 96  # passages; as `refine` does

Pending = tuple[SourceFile, str]
"""A file and the digest of its bytes as it was last seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How files are prepared: what an index is made with, and what reading may cost.

    `refine` says whether passages are given their contextual vectors, too.
    """

    manifest: Manifest
    limits: ReadLimits
    refine: bool = True
    device: str | None = None
    batch_size: int = 64

    @property
    def key(self) -> str:
        """What must be equal for a prepared file to be of use."""
        values = {**asdict(self.manifest), "refine": self.refine and bool(self.manifest.contextual), "layout": LAYOUT}
        return repr(sorted({**values, "columns": sorted(self.limits.columns.items())}.items()))


Run = Callable[[Recipe, Path, Sequence[Pending]], None]
"""Prepares files into a folder."""


class Preparer:
    """Prepares files by one recipe into one folder; the models are loaded when first needed, and kept."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self._recipe = recipe
        self._folder = folder

    def prepare(self, pending: Sequence[Pending]) -> list[Path]:
        """Prepare those of some files that are not prepared yet; return where all of them are.

        Raises:
            CorpusError: the folder cannot be written to, or no process can be started.
            EncoderError, IndexMismatch: a model cannot be loaded, or is not the one of the index.
        """
        key = self._recipe.key
        places = [prepared_place(self._folder, file, digest, key) for file, digest in pending]
        lacking = [(file, place) for (file, _), place in zip(pending, places, strict=True) if not place.exists()]
        limits = replace(self._recipe.limits, workers=min(1, self._recipe.limits.workers))
        outcomes = read_files([file for file, _ in lacking], limits)
        for (file, outcome), (_, place) in zip(outcomes, lacking, strict=True):
            documents = [part for part in outcome.parts if isinstance(part, Document)]
            rows = self._rows(documents, file.id)
            try:
                _write(place, outcome, rows)
            except OSError as error:
                folder, detail = printable(self._folder), str(error.strerror or error)
                raise CorpusError("prepared_unwritable", folder=folder, detail=detail) from error
        return places

    def _rows(self, documents: Sequence[Document], origin: str) -> list[DocumentRows]:
        manifest = self._recipe.manifest
        rows = prepare_documents(
            documents,
            encoder=self._encoder,
            table=bundled_table(),
            chunk_tokens=manifest.chunk_tokens,
            overlap=manifest.chunk_overlap,
            origins=[origin] * len(documents),
        )
        if self._recipe.refine and self._contextual is not None:
            return [replace(own, passages=_refined(own, self._contextual)) for own in rows]
        return rows

    @cached_property
    def _encoder(self) -> Encoder:
        recipe, manifest = self._recipe, self._recipe.manifest
        encoder = load_encoder(manifest.model, device=recipe.device, batch_size=recipe.batch_size)
        if encoder.identity.fingerprint != manifest.fingerprint:
            built, asked = manifest.fingerprint[:12], encoder.identity.fingerprint[:12]
            place = printable(self._folder)
            raise IndexMismatch("index_weights_differ", place=place, model=manifest.model, built=built, asked=asked)
        return encoder

    @cached_property
    def _contextual(self) -> ContextualEncoder | None:
        from rag.encoding.contextual import load_contextual

        return load_contextual(self._recipe.manifest.contextual, str(self._folder))


class PreparedFiles:
    """What a sync reads in place of files: `read` prepares and loads them, `prepare` returns their rows."""

    def __init__(self, recipe: Recipe, folder: Path, run: Run) -> None:
        """Make the folder.

        Raises:
            SettingsError: pyarrow is not installed.
            CorpusError: the folder cannot be made.
        """
        if find_spec("pyarrow") is None:
            raise SettingsError("prepared_unavailable", command=install_command("parquet"))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            detail = str(error.strerror)
            raise CorpusError("prepared_unwritable", folder=printable(folder), detail=detail) from error
        self._recipe = recipe
        self._folder = folder
        self._run = run
        self._rows: dict[str, DocumentRows] = {}

    def read(self, pending: Sequence[Pending]) -> Generator[tuple[SourceFile, Outcome], None, None]:
        """Yield every file with what came of reading it, in order.

        Raises:
            CorpusError: a prepared file cannot be read.
        """
        self._run(self._recipe, self._folder, pending)
        left = Preparer(self._recipe, self._folder)  # for a file that no other process could prepare
        for file, digest in pending:
            (place,) = left.prepare([(file, digest)])
            try:
                outcome, rows = _read(place)
            except (OSError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
                detail = " ".join(str(error).split())[:200]
                raise CorpusError("prepared_damaged", file=printable(place), detail=detail) from error
            self._rows = {own.document.id: own for own in rows} | self._rows
            yield file, outcome

    def prepare(self, documents: Sequence[Document], origins: Sequence[str | None]) -> list[DocumentRows]:
        """Return the rows of documents that were read."""
        rows = [replace(self._rows[own.id], origin=origin) for own, origin in zip(documents, origins, strict=True)]
        self._rows = {}
        return rows


def prepare_here(recipe: Recipe, folder: Path, pending: Sequence[Pending]) -> None:
    """Prepare files one after another, in this process."""
    preparer = Preparer(recipe, folder)
    for first in range(0, len(pending), FILES_AT_ONCE):
        preparer.prepare(pending[first : first + FILES_AT_ONCE])


def prepared_place(folder: Path, file: SourceFile, digest: str, key: str) -> Path:
    """Return where a file is prepared: its name is of the file's id and bytes, and of the recipe."""
    named = "\0".join((file.id, digest, key)).encode("utf-8", "surrogatepass")
    return folder / f"{blake2b(named, digest_size=16).hexdigest()}.parquet"


def _refined(rows: DocumentRows, encoder: ContextualEncoder) -> list[PassageRow]:
    waiting = [
        Waiting(passage=number, document=rows.document, start=row.start, end=row.end)
        for number, row in enumerate(rows.passages)
    ]
    context: list[ContextRow] = []
    for first in range(0, len(waiting), _REFINED_AT_ONCE):
        context += encode_waiting(encoder, waiting[first : first + _REFINED_AT_ONCE])
    return [replace(row, context=replace(own, passage=None)) for row, own in zip(rows.passages, context, strict=True)]


def _write(place: Path, outcome: Outcome, documents: Sequence[DocumentRows]) -> None:
    """Write a prepared file under another name, make it durable, and give it its own."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    flat = [(number, row) for number, own in enumerate(documents) for row in own.passages]
    context = [row.context for _, row in flat]
    columns = {
        "document": arrow.array([number for number, _ in flat], arrow.int32()),
        "start": arrow.array([row.start for _, row in flat], arrow.int64()),
        "end": arrow.array([row.end for _, row in flat], arrow.int64()),
        "surface": arrow.array([_storable(row.surface) for _, row in flat], arrow.string()),
        "lemma": arrow.array([_storable(row.lemma) for _, row in flat], arrow.string()),
        "tokens": arrow.array([row.tokens for _, row in flat], arrow.list_(arrow.int32())),
        "sentence_starts": arrow.array([row.sentence_starts for _, row in flat], arrow.list_(arrow.int32())),
        "sentence_norms": arrow.array([row.sentence_norms for _, row in flat], arrow.list_(arrow.float32())),
        "embedding": arrow.array([row.embedding for _, row in flat], arrow.list_(arrow.float32())),
        "context": arrow.array([own and own.vector.tobytes() for own in context], arrow.binary()),
        "context_sentences": arrow.array([own and own.sentences.tobytes() for own in context], arrow.binary()),
    }
    told = io.BytesIO()
    send(told, outcome)
    table = arrow.table(columns).replace_schema_metadata({"outcome": told.getvalue()})
    fresh = place.with_name(f"{place.stem}.{os.getpid()}.{secrets.token_hex(4)}.part")
    try:
        with fresh.open("wb") as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)


def _read(place: Path) -> tuple[Outcome, list[DocumentRows]]:
    """Return what a prepared file holds.

    Raises:
        OSError, ValueError, EOFError, KeyError, pickle.UnpicklingError: it is damaged.
    """
    import pyarrow.parquet as parquet

    table = parquet.read_table(place)
    outcome = receive(io.BytesIO(table.schema.metadata[b"outcome"]))
    if not isinstance(outcome, Outcome):
        raise ValueError("it holds no outcome of reading")
    documents = [part for part in outcome.parts if isinstance(part, Document)]
    passages: list[list[PassageRow]] = [[] for _ in documents]
    for row in table.to_pylist():
        passages[row["document"]].append(_passage(row))
    return outcome, [
        DocumentRows(document=document, passages=own) for document, own in zip(documents, passages, strict=True)
    ]


def _passage(row: dict[str, Any]) -> PassageRow:
    context = None
    if row["context"] is not None:
        vector = np.frombuffer(row["context"], np.uint8)
        sentences = np.frombuffer(row["context_sentences"], np.uint8).reshape(-1, len(vector))
        context = ContextRow(vector=vector, sentences=sentences)
    return PassageRow(
        start=row["start"],
        end=row["end"],
        embedding=np.array(row["embedding"], np.float32),
        surface=row["surface"],
        lemma=row["lemma"],
        tokens=np.array(row["tokens"], np.int32),
        sentence_starts=np.array(row["sentence_starts"], np.int32),
        sentence_norms=np.array(row["sentence_norms"], np.float32),
        context=context,
    )


def _storable(terms: str) -> str:
    return terms.encode("utf-8", "replace").decode()
