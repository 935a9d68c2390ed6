"""The model is part of the index: what an index was built with, and the check that a program asks for the same."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from rag.errors import IndexDamaged, IndexMismatch
from rag.store.duplicates.signatures import SCHEME

FORMAT = 5
"""Version of the tables and files below `store/`; an index of another version is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything that must be equal for a question's vector and terms to be comparable with those stored.

    `fingerprint` identifies the weights of `model`; `table` those of the late-interaction table ("" if there is none);
    `signatures` the way in which near-duplicates are found; `contextual` the model that refines
    passages, of `contextual_dimension` numbers ("" and 0 if there is none).
    """

    model: str
    fingerprint: str
    dimension: int
    query_prompt: str = ""
    passage_prompt: str = ""
    pooling: str = "mean"
    max_tokens: int = 0
    chunk_tokens: int = 0
    chunk_overlap: int = 0
    table: str = ""
    signatures: str = SCHEME
    contextual: str = ""
    contextual_dimension: int = 0
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the form that is stored in the database."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, place: str) -> Manifest:
        """Read the stored form; `place` names the index in messages.

        Raises:
            IndexMismatch: a program with another format wrote it.
            IndexDamaged: it is not readable.
        """
        try:
            values = json.loads(text)
            version = int(values["format"])
        except (ValueError, TypeError, KeyError) as error:
            raise IndexDamaged("manifest_damaged", place=place, detail=str(error)) from error
        if version > FORMAT:
            raise IndexMismatch("index_format_newer", place=place, version=version, known=FORMAT)
        if version < FORMAT:
            raise IndexMismatch("index_format_older", place=place, version=version, known=FORMAT)
        try:
            return cls(**{field.name: values[field.name] for field in fields(cls)})
        except KeyError as error:
            raise IndexDamaged("manifest_damaged", place=place, detail=f"it lacks {error}") from error


def check(stored: Manifest, wanted: Manifest, place: str) -> None:
    """Refuse to use an index with a model or settings other than those it was built with.

    Raises:
        IndexMismatch: names both sides and the command that puts it right.
    """
    if stored == wanted:
        return
    if (stored.model, stored.dimension) != (wanted.model, wanted.dimension):
        raise IndexMismatch(
            "index_model_differs",
            place=place,
            built=stored.model,
            built_dimension=stored.dimension,
            asked=wanted.model,
            asked_dimension=wanted.dimension,
        )
    if stored.contextual != wanted.contextual and stored.fingerprint == wanted.fingerprint:
        built, asked = (side.contextual[:12] or "none" for side in (stored, wanted))
        raise IndexMismatch("index_contextual_differs", place=place, built=built, asked=asked)
    if stored.fingerprint != wanted.fingerprint:
        raise IndexMismatch(
            "index_weights_differ",
            place=place,
            model=stored.model,
            built=stored.fingerprint[:12],
            asked=wanted.fingerprint[:12],
        )
    differing = [f.name for f in fields(Manifest) if getattr(stored, f.name) != getattr(wanted, f.name)]
    built = ", ".join(f"{name} {getattr(stored, name)!r}" for name in differing)
    asked = ", ".join(f"{name} {getattr(wanted, name)!r}" for name in differing)
    raise IndexMismatch("index_settings_differ", place=place, built=built, asked=asked)
