"""Scanned PDFs: recognised where Tesseract is installed, else one line with the command that makes it possible."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL.Image import Image
from reader_samples import error, outcome, parts, read
from test_readers_pdf import FIRST, SECOND, make_pdf

from rag import Failure, Index, Settings
from rag.readers import ocr
from rag.readers.extras import can_now_be_read

needs_tesseract = pytest.mark.skipif(not ocr.available(), reason="Tesseract is not installed: .ci/run installs it")
TEXTS = [
    "The government announced on Tuesday that the new security law will be adopted next week.",
    "The opposition rejected the bill and demanded a session.",
]


def scanned(*pages: list[str]) -> bytes:
    """Return a PDF of pictures of pages, as a scanner makes it."""
    pictures = [_picture(lines) for lines in pages]
    stream = io.BytesIO()
    pictures[0].save(stream, "PDF", resolution=200, save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def _picture(lines: list[str]) -> Image:
    file = pypdfium2.PdfDocument(make_pdf([lines]))
    try:
        picture: Image = file[0].render(scale=200 / 72, grayscale=True).to_pil()
        return picture
    finally:
        file.close()


def without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.shutil, "which", lambda _: None)  # type: ignore[attr-defined]


def test_without_the_extra_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_tesseract(monkeypatch)
    assert error(tmp_path / "a.pdf", scanned(FIRST, SECOND)) == (
        "'a.pdf' has no text layer (2 scanned pages). To recognise its text, run: "
        "pip install '.[ocr]' && apt install tesseract-ocr tesseract-ocr-ron tesseract-ocr-slv"
    )
    assert "has no text layer (1 scanned page)." in error(tmp_path / "a.pdf", make_pdf([[]]))


def test_a_scanned_page_among_others_is_reported_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_tesseract(monkeypatch)
    documents, failures = parts(tmp_path / "a.pdf", mixed())
    assert [document.text for document in documents] == [f"{TEXTS[0]}\n\n\n"]
    assert [(f.source, f.message().replace(f"{tmp_path}/", "")) for f in failures] == [
        ("a.pdf", f"'a.pdf' has scanned pages without text (2). To recognise their text, run: {ocr.COMMAND}")
    ]


def mixed() -> bytes:
    """Return a PDF of a page of text, a scanned page, and an empty one."""
    file = pypdfium2.PdfDocument.new()
    for data in (make_pdf([FIRST]), scanned(SECOND), make_pdf([[]])):
        source = pypdfium2.PdfDocument(data)
        file.import_pages(source)
        source.close()
    stream = io.BytesIO()
    file.save(stream)
    file.close()
    return stream.getvalue()


@needs_tesseract
def test_scanned_pages_are_read_with_their_numbers_and_marked(tmp_path: Path) -> None:
    document = read(tmp_path / "a.pdf", scanned(FIRST, SECOND))
    assert document.text == f"{TEXTS[0]}\n{TEXTS[1]}\n"
    assert [document.page_at(document.text.index(word)) for word in ("security", "session")] == [1, 2]
    assert (document.language, document.evidence["text"]) == ("en", "ocr")


@needs_tesseract
def test_only_pages_without_text_are_recognised(tmp_path: Path) -> None:
    documents, failures = parts(tmp_path / "a.pdf", mixed())
    assert ([document.text for document in documents], failures) == ([f"{TEXTS[0]}\n{TEXTS[1]}\n\n"], [])
    assert documents[0].page_at(documents[0].text.index("opposition")) == 2
    assert read(tmp_path / "b.pdf", make_pdf([FIRST])).evidence.get("text") is None


@needs_tesseract
def test_what_cannot_be_recognised_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert error(tmp_path / "a.pdf", make_pdf([[]])) == (
        "'a.pdf' has no text layer, and no text was recognised on its 1 page. Remove it"
    )
    data = scanned(FIRST)
    monkeypatch.setattr(ocr, "data_languages", lambda: ("deu", "slv"))
    monkeypatch.setattr(ocr.Recogniser, "_words", lambda *_: [
        {"block_num": 1, "par_num": 1, "line_num": 1, "top": 0, "text": word, "conf": 90} for word in TEXTS[0].split()
    ])  # fmt: skip
    missing = outcome(tmp_path / "a.pdf", data)
    assert missing == Failure.of("a.pdf", "ocr_language_missing", name="a.pdf", language="en", data="eng")
    assert missing.message().endswith("Run: apt install tesseract-ocr-eng and index again")
    assert not can_now_be_read(missing, {})
    monkeypatch.setattr(ocr, "data_languages", lambda: ("eng",))
    assert can_now_be_read(missing, {})
    monkeypatch.setattr(ocr, "data_languages", lambda: ())
    assert (
        error(tmp_path / "a.pdf", data) == f"'a.pdf' is scanned, and Tesseract has no language data. Run: {ocr.COMMAND}"
    )


@needs_tesseract
def test_time_and_confidence_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = scanned(SECOND)
    monkeypatch.setattr(ocr, "_SECONDS", 0.0)
    assert error(tmp_path / "a.pdf", data) == (
        "Recognising the text of 'a.pdf' takes more than 0 s (page 1 was reached)."
        " Split it, or recognise it first, for example with ocrmypdf"
    )
    monkeypatch.setattr(ocr, "_SECONDS", 90.0)
    monkeypatch.setattr(ocr, "_LEAST_CONFIDENCE", 101.0)
    assert (
        error(tmp_path / "a.pdf", data)
        == "'a.pdf' is scanned, and the text of page 1 cannot be recognised. Scan it again"
    )


@needs_tesseract
def test_once_it_is_installed_the_next_sync_reads_the_unchanged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(scanned(SECOND))
    with Index.create(settings=Settings(index=tmp_path / "index", workers=0)) as index:
        with monkeypatch.context() as patched:
            without_tesseract(patched)
            assert [failure.source for failure in index.sync(folder).failed] == ["a.pdf"]
            assert [failure.source for failure in index.sync(folder).failed] == ["a.pdf"]
        report = index.sync(folder)
        assert (report.added, report.failed) == (("a.pdf",), ())
        assert index.failures() == []
        assert index.document("a.pdf").text == f"{TEXTS[1]}\n"


def test_other_failures_are_not_read_again() -> None:
    assert not can_now_be_read(None, {})
    assert not can_now_be_read(Failure.of("a.pdf", "pdf_damaged", name="a.pdf", detail="X"), {})
