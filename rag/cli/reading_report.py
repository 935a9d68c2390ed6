"""What `rag index --explain FILE` prints: kind, encoding, metadata with evidence, and the text with its masks."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rag.records import Document

_FIELDS = ("title", "outlet", "author", "published", "modified", "language", "source")
_OPEN, _CLOSE = "\u27e6", "\u27e7"  # around what is masked


def print_reading(reading: Any, *, as_json: bool) -> int:
    """Print what was read of a file; return 1 where nothing was."""
    failures = [failure.message() for failure in reading.failures]
    if as_json:
        found = {
            "kind": reading.kind,
            "encoding": reading.encoding,
            "documents": [asdict(document) for document in reading.documents],
            "failures": failures,
        }
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0 if reading.documents else 1
    print(f"kind: {reading.kind or 'not known'}")
    if reading.encoding:
        print(f"encoding: {reading.encoding}")
    for document in reading.documents:
        print(f"\ndocument: {document.id}")
        for name in _FIELDS:
            value = getattr(document, name)
            origin = document.evidence.get(name)
            print(f"{name}: {value}{f'  [{origin}]' if origin else ''}" if value else f"{name}: -")
        masked = sum(end - start for start, end in document.masked)
        print(
            f"text: {len(document.text):,} characters, {masked:,} of them masked {_OPEN}so{_CLOSE}\n{_shown(document)}"
        )
    for failure in failures:
        print(f"\nnot read: {failure}")
    return 0 if reading.documents else 1


def _shown(document: Document) -> str:
    """Return a document's text with marks around what is masked."""
    parts: list[str] = []
    at = 0
    for start, end in document.masked:
        parts += [document.text[at:start], _OPEN, document.text[start:end], _CLOSE]
        at = end
    return "".join([*parts, document.text[at:]]).rstrip("\n")
