"""An article that changes, and the days on which it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest

from rag import Citation, Document, Index

FIRST = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
THEN = "Peace talks began in Vienna. The minister spoke on Monday. Nobody was hurt."
NOW = "Peace talks began in Geneva. The minister spoke on Monday. Nobody was hurt, it was said."


class Calendar(datetime):
    """A clock that a test sets."""

    day = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromisoformat((FIRST + timedelta(days=cls.day)).isoformat())


@pytest.fixture(autouse=True)
def calendar(monkeypatch: pytest.MonkeyPatch) -> type[Calendar]:
    monkeypatch.setattr("rag.store.tables.versions.datetime", Calendar)
    Calendar.day = 1
    return Calendar


def day(n: int) -> datetime:
    return FIRST + timedelta(days=n)


def cite(document: Document, words: str) -> Citation:
    start = document.text.index(words)
    return Citation(document_id=document.id, sha256=document.sha256, start=start, end=start + len(words))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text=THEN, title="Talks", pages=(0, 30), masked=((59, 75),))])
        yield index
