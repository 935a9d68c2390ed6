"""The page gives the reason for each file that was not read in its reader's language."""

from __future__ import annotations

from pathlib import Path

from rag import Counts, Failure, Index, ListPage
from rag.web.corpus import render_corpus
from rag.web.url_state import View

EMPTY, NOTHING = ListPage(rows=(), found=0), Counts(documents=0, languages={}, outlets={}, months={})


def test_the_corpus_page_gives_the_reason_in_the_readers_language(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "empty.txt").touch()
    (folder / "odd.txt").write_bytes(b"\x00\x01\x02" * 9)
    (folder / "good.txt").write_text("The bridge is being repaired, said the mayor of Genoa.", "utf-8")
    with Index.create(tmp_path / "index") as index:
        index.sync(folder)
    with Index.open(tmp_path / "index") as index:  # as it was stored
        failures = index.failures()
    assert [(one.source, one.code) for one in failures] == [("empty.txt", "file_empty"), ("odd.txt", "file_binary")]
    for language, empty, binary in (
        ("en", "&#39;empty.txt&#39; is empty (0 bytes).", "&#39;odd.txt&#39; is binary: it holds a NUL at position 0."),
        ("ro", "Fișierul „empty.txt” este gol (0 octeți).", "Fișierul „odd.txt” este binar:"),
        ("sl", "Datoteka »empty.txt« je prazna (0 bajtov).", "Datoteka »odd.txt« je binarna:"),
    ):
        html = render_corpus(EMPTY, NOTHING, failures, view=View(show="corpus"), language=language)
        assert f"<code>empty.txt</code> {empty}" in html and f"<code>odd.txt</code> {binary}" in html


def test_a_name_in_a_reason_is_text_and_no_markup() -> None:
    odd = [Failure.of("x", "file_empty", name="<b>x</b>")]
    html = render_corpus(EMPTY, NOTHING, odd, view=View(show="corpus"), language="sl")
    assert "Datoteka »&lt;b&gt;x&lt;/b&gt;« je prazna" in html
