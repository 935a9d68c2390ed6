"""Asking the default index: `RAG_INDEX`, else ``./index``, opened once for as long as the program runs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypedDict, Unpack

from rag.index import Index
from rag.records import Answer, Filters, Hit, Mode
from rag.settings import Settings


def retrieve(question: str, k: int = 5, **options: Unpack[_Options]) -> list[Hit]:
    """Find passages in the default index (`RAG_INDEX`, else ``./index``); see `Index.retrieve`."""
    return _default().retrieve(question, k, **options)


def answer(
    question: str, k: int = 5, *, filters: Filters | None = None, collapse: bool = True, llm: bool = False
) -> Answer:
    """Answer from the default index; see `Index.answer`."""
    return _default().answer(question, k, filters=filters, collapse=collapse, llm=llm)


class _Options(TypedDict, total=False):
    filters: Filters | None
    mode: Mode
    rerank: bool
    collapse: bool


@lru_cache(maxsize=4)
def _opened(path: Path) -> Index:
    return Index.open(path)


def _default() -> Index:
    return _opened(Settings.load().index.resolve())
