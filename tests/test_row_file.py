from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rag.store.search.vectors import RowFile

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "rows"
    file.write_bytes(b"head" + ROWS.tobytes() + b"tail!")
    return file


def test_rows_in_the_order_asked_for(path: Path) -> None:
    file = RowFile(path, rows=4, width=3, after=5)
    assert file.read(np.array([3, 0, 3])).tolist() == [[9, 10, 11], [0, 1, 2], [9, 10, 11]]
    assert file.read(np.zeros(0, np.int64)).shape == (0, 3)


def test_a_file_that_is_too_short(path: Path) -> None:
    with pytest.raises(ValueError, match="rows is too short for 5 rows of 3 numbers"):
        RowFile(path, rows=5, width=3, after=5)


def test_a_file_that_is_cut_later(path: Path) -> None:
    file = RowFile(path, rows=4, width=3, after=5)
    os.truncate(path, 45)
    assert file.read(np.array([2])).tolist() == [[6, 7, 8]]
    with pytest.raises(OSError, match="the file of vectors has become shorter"):
        file.read(np.array([3]))


def test_the_file_closes_with_its_last_user(path: Path) -> None:
    def descriptors() -> int:
        return sum(link.resolve() == path.resolve() for link in Path("/proc/self/fd").iterdir())

    file = RowFile(path, rows=4, width=3, after=5)
    assert descriptors() == 1
    del file
    assert descriptors() == 0
    with pytest.raises(ValueError, match="too short"):
        RowFile(path, rows=5, width=3, after=5)
    assert descriptors() == 0
