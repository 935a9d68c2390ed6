"""What `verify` finds."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from store_samples import MANIFEST, filled, make_rows

from rag.store import LocalStore
from rag.store.tables.database import NAME


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ('UPDATE passages SET "end" = 9999 WHERE id = 3', "passage 3: span 0-9999 does not lie in a text of"),
        ("UPDATE texts SET text = text || '!' WHERE document = 2", "document 'd1': its text does not match its sha256"),
        ("DELETE FROM texts WHERE document = 2", "document 'd1': its text is missing"),
        (
            "UPDATE passages SET embedding = zeroblob(12) WHERE id = 3",
            "passage 3: its vector has 3 numbers, the index 8",
        ),
        (
            "UPDATE passages SET embedding = (SELECT embedding FROM passages WHERE id = 4) WHERE id = 3",
            "snapshot: vectors",
        ),
        ("UPDATE passages SET surface = 'altceva are mere' WHERE id = 3", "snapshot: postings differ"),
        ("DELETE FROM passages WHERE id = 3", "snapshot: ids differ"),
        ("UPDATE documents SET language = 'xx' WHERE number = 2", "snapshot: languages differ"),
        ("UPDATE document_counts SET documents = 1 WHERE kind = 'day'", "documents by day are miscounted"),
    ],
)
def test_verify_finds(tmp_path: Path, change: str, problem: str) -> None:
    filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        assert store.verify() == []
    database = sqlite3.connect(tmp_path / NAME)
    database.execute(change)
    database.commit()
    database.close()
    with LocalStore.open(tmp_path) as store:
        problems = store.verify()
    assert any(problem in line for line in problems), problems
    assert all("\n" not in line for line in problems)


def test_vector_that_is_not_of_unit_length(tmp_path: Path) -> None:
    rows = make_rows("a", ["ana", "mere"])
    long = replace(rows.passages[0], embedding=rows.passages[0].embedding * np.float32(1.5))
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([replace(rows, passages=[long, rows.passages[1]])])
        assert store.verify() == ["passage 1: its vector has length 1.5000, not 1"]
