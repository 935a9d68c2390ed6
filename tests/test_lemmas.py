"""The dictionaries that serving processes map: the same lemmas as simplemma's own, from files that may be missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from simplemma.strategies.dictionaries.dictionary_factory import DEFAULT_DICTIONARY_FACTORY

from rag.text import lemmas
from rag.text.lemmas import TrieDictionary, TrieFactory, open_dictionary


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    open_dictionary.cache_clear()
    yield tmp_path / "izvor" / "lemmas"
    open_dictionary.cache_clear()


def _opened(code: str) -> TrieDictionary:
    dictionary = open_dictionary(code)
    assert dictionary is not None
    return dictionary


def test_every_word_has_the_lemma_that_simplemma_gives_it(cache: Path) -> None:
    ours, theirs = _opened("sl"), DEFAULT_DICTIONARY_FACTORY.get_dictionary("sl")
    assert len(ours) == len(theirs)
    assert all(ours.look_up(word) == lemma for word, lemma in theirs.items())
    assert set(ours) == set(theirs)
    assert ours.look_up("xyzzy") is None
    with pytest.raises(KeyError):
        ours["xyzzy"]


def test_the_file_is_made_once_and_made_again_when_damaged(cache: Path) -> None:
    _opened("sl")
    (made,) = cache.glob("sl-*.trie")
    first = made.stat().st_mtime_ns
    open_dictionary.cache_clear()
    assert _opened("sl")["srečanja"] == "srečanje"
    assert made.stat().st_mtime_ns == first
    open_dictionary.cache_clear()
    made.unlink()
    made.write_bytes(b"no trie")
    assert _opened("sl")["srečanja"] == "srečanje"
    assert [path.name for path in cache.iterdir()] == [made.name]


def test_where_nothing_can_be_written_the_dictionary_stays_in_memory(
    cache: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    assert _opened("sl")["srečanja"] == "srečanje"
    assert "stays in memory" in caplog.text


def test_a_language_without_dictionary_has_none(cache: Path) -> None:
    assert open_dictionary("mt") is None
    with pytest.raises(ValueError, match="mt"):
        TrieFactory().get_dictionary("mt")


def test_lemmas_may_be_longer_shorter_or_quite_other_words() -> None:
    for word, lemma in [("a", "a"), ("bil", "biti"), ("boljši", "dober"), ("țările", "țară"), ("", "x")]:
        change = lemmas._change(word, lemma)
        assert word[: len(word) - change[0]] + change[1:].decode() == lemma
