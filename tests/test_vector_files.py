"""Files of vectors written a stretch at a time are those that faiss writes of an index in memory, byte for byte."""

from __future__ import annotations

import zlib
from pathlib import Path

import faiss
import numpy as np
import pytest
from vector_samples import write_rows, write_with_faiss

from rag.store.search.byte_vectors import ByteVectors
from rag.store.search.data_file import DataFile
from rag.store.search.vector_files import blocks_of, write_byte_vectors, write_vectors
from rag.store.search.vectors import FAST, FLAT, byte_index, read_vectors
from rag.store.tables.context_rows import reach


@pytest.mark.parametrize("kind", [FLAT, FAST])
@pytest.mark.parametrize("rows", [0, 1, 700, 3001])
@pytest.mark.parametrize("length", [1.0, 3.0])
def test_vectors_are_written_as_faiss_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, rows: int, length: float
) -> None:
    if kind == FAST and rows < 16:
        return  # too few to train with; such an index is flat
    monkeypatch.setattr("rag.store.search.vector_files.TRAINING_ROWS", 900)
    array = np.random.default_rng(rows).normal(size=(rows, 16)).astype(np.float32)
    array *= length / np.maximum(np.linalg.norm(array, axis=1, keepdims=True), 1e-9)
    write_with_faiss(tmp_path / "whole", array, kind, 900)
    file = write_rows(tmp_path / "streamed", array, kind)
    content = (tmp_path / "streamed").read_bytes()
    assert content == (tmp_path / "whole").read_bytes()
    assert file.facts == {"size": len(content), "crc32": zlib.crc32(content)}
    assert np.array_equal(read_vectors(tmp_path / "streamed").array, array)


@pytest.mark.parametrize("rows", [0, 700])
def test_bytes_are_written_as_faiss_does(tmp_path: Path, rows: int) -> None:
    codes = np.random.default_rng(1).integers(0, 256, (rows, 12)).astype(np.uint8)
    faiss.write_index(byte_index(codes, reach(12)), str(tmp_path / "whole"))
    with DataFile(tmp_path / "streamed") as file:
        write_byte_vectors(file, (codes[first : first + 99] for first in range(0, rows, 99)), rows, 12, reach(12))
    assert (tmp_path / "streamed").read_bytes() == (tmp_path / "whole").read_bytes()
    assert np.array_equal(ByteVectors.read(tmp_path / "streamed", 12).codes, codes)


@pytest.mark.parametrize("kind", [FLAT, FAST])
def test_a_disk_that_is_full_is_an_error_of_the_system(tmp_path: Path, kind: str) -> None:
    array = np.eye(16, dtype=np.float32).repeat(50, axis=0)

    class Full(DataFile):
        def write(self, content: object) -> None:
            if self.size > 5000:
                raise OSError(28, "No space left on device")
            super().write(content)  # type: ignore[arg-type]

    with pytest.raises(OSError, match="No space left"), Full(tmp_path / "full") as file:
        write_vectors(file, lambda: blocks_of(array, 40), len(array), 16, kind)
