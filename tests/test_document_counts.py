"""Numbers of documents by language, outlet and day are kept with every change, however it is made."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MANIFEST, make_rows

from rag.store import DocumentRows, LocalStore
from rag.store.tables.database import NAME

LANGUAGES = ["ro", "sl", None, "\ud800"]  # a name that is no Unicode is stored as bytes


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 40)), max_size=14))
def test_the_numbers_are_those_of_the_documents(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("facets")
    present: dict[str, DocumentRows] = {}
    with LocalStore.create(folder, MANIFEST) as store:
        for name, number in steps:
            if number % 5 == 0:
                store.delete([name])
                present.pop(name, None)
            else:
                present[name] = make_rows(
                    name,
                    [f"ana {number}"],
                    language=LANGUAGES[number % 4],
                    outlet=[None, "A", "B"][number % 3],
                    published=date(2024, 1, 1 + number % 7) if number % 7 else None,
                )
                store.upsert([present[name]])
        documents = [rows.document for rows in present.values()]
        days = [document.published for document in documents if document.published]
        facets = store.facets()
        assert facets.languages == Counter(document.language for document in documents)
        assert facets.outlets == Counter(document.outlet for document in documents)
        assert list(facets.outlets.values()) == sorted(facets.outlets.values(), reverse=True)
        assert (facets.first, facets.last) == ((min(days), max(days)) if days else (None, None))
        assert store.verify() == []


def test_a_corrected_row_is_counted_as_it_is(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(name, ["ana"], outlet="A", published=date(2024, 1, 1)) for name in "ab"])
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        database.execute("UPDATE documents SET outlet = NULL, published = '2023-05-06T10:00:00' WHERE id = 'b'")
        database.commit()
    with LocalStore.open(tmp_path) as store:
        facets = store.facets()
        assert facets.outlets == {None: 1, "A": 1}
        assert (facets.first, facets.last) == (date(2023, 5, 6), date(2024, 1, 1))
