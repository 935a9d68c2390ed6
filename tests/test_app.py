"""`app.py`: the working copy of the seeds, which the page may change without touching the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

import app
from rag import CorpusError, Index

SEEDS = Path(app.__file__).parent / "seeds"


def test_the_corpus_is_a_copy_of_the_seeds_that_is_made_once(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    app.copy_seeds(SEEDS, corpus)
    names = sorted(path.name for path in SEEDS.iterdir())
    assert sorted(path.name for path in corpus.iterdir()) == names
    (corpus / names[-1]).unlink()
    app.copy_seeds(SEEDS, corpus)
    assert sorted(path.name for path in corpus.iterdir()) == names[:-1]


def test_a_copy_that_is_broken_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "half.txt").write_text("half", "utf-8")
        raise OSError("No space left on device")

    monkeypatch.setattr("shutil.copytree", broken)
    with pytest.raises(CorpusError, match=r"cannot be copied to .*corpus\': No space left.*--corpus FOLDER"):
        app.copy_seeds(SEEDS, tmp_path / "corpus")
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_that_is_given_is_used_as_it_is(tmp_path: Path) -> None:
    corpus = tmp_path / "articles"
    corpus.mkdir()
    (corpus / "a.txt").write_text(
        "The lighthouse\n\nThe lighthouse of Genoa was rebuilt in 1543, said its keeper.\n", "utf-8"
    )
    app.prepare(tmp_path / "index", corpus)
    with Index.open(tmp_path / "index") as index:
        assert index.info()["documents"] == 1
