"""One small file, and what must come of reading it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.errors import ReadError
from rag.readers import read_parts
from rag.records import Document, Failure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """A file and what is right.

    `has` must be in the texts and `lacks` must not; ``twice:`` before words of `lacks` means that they may stand there
    once. `masked` are words of the text that must not be searched, `open_` words that must. `given` are values of the
    first document, `ids` the keys of all documents, `refused` words of the reason why there is none.
    """

    name: str
    file: str
    data: bytes
    has: Sequence[str] = ()
    lacks: Sequence[str] = ()
    masked: Sequence[str] = ()
    open_: Sequence[str] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    ids: Sequence[str] | None = None
    failed: Sequence[str] = ()
    refused: str = ""


def read_case(case: Case, place: Path) -> tuple[list[Document], list[str]]:
    """Return the documents of a case, and the reasons for what was not read."""
    path = place / case.file
    path.write_bytes(case.data)
    documents: list[Document] = []
    reasons: list[str] = []
    try:
        for part in read_parts(path, document_id=case.file):
            if isinstance(part, Failure):
                reasons.append(part.message())
            else:
                documents.append(part)
    except ReadError as error:
        reasons.append(str(error))
    return documents, reasons


def wrong(case: Case, place: Path) -> list[str]:
    """Return what is not right of how a case is read, a line each."""
    documents, reasons = read_case(case, place)
    if case.refused:
        told = any(case.refused in reason for reason in reasons)
        return [] if told and not documents else [f"not refused with {case.refused!r}: {reasons} {len(documents)}"]
    if not documents:
        return [f"no document: {reasons}"]
    found = wrong_text(case, "\n".join(document.text for document in documents))
    masked = "\n".join(d.text[slice(*span)] for d in documents for span in d.masked)
    found += [f"is searched: {words!r}" for words in case.masked if words not in masked]
    found += [f"is masked: {words!r}" for words in case.open_ if words in masked]
    first = documents[0]
    for name, value in case.given.items():
        got = getattr(first, name)
        if got != value:
            found.append(f"{name} is {got!r}, not {value!r}")
    keys = [document.id.removeprefix(case.file).removeprefix("#") for document in documents]
    if keys != list([""] if case.ids is None else case.ids):
        found.append(f"documents are {keys}")
    found += [f"not told: {words!r} in {reasons}" for words in case.failed if not any(words in r for r in reasons)]
    return found + ([f"told: {reasons}"] if reasons and not case.failed else [])


def wrong_text(case: Case, text: str) -> list[str]:
    """Return what a text lacks or has too much of."""
    found = [f"lost: {words!r}" for words in case.has if words not in text]
    for words in case.lacks:
        once = words.removeprefix("twice:")
        if (once != words and text.count(once) > 1) or (once == words and words in text):
            found.append(f"there: {words!r}")
    return found


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP file, always the same for the same members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()
