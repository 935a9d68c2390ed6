"""PDF: the text layer with its pages, and one clear line for what has none. The files are written by hand here."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import error, fuzz, read

from rag.indexing.readers import pdf

FIRST = ["The government announced on Tuesday that the new secu-", "rity law will be adopted next week."]
SECOND = ["The opposition rejected the bill and demanded a session."]


def make_pdf(pages: list[list[str]], title: str = "", password: str = "") -> bytes:
    """Return a PDF with one line of Helvetica for each string."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for n, lines in enumerate(pages):
        drawing = "BT /F1 12 Tf 14 TL 50 700 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        resources = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * n} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {resources} >>")
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    body = "%PDF-1.4\n"
    offsets = []
    for number, value in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{value}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\n"
    data = f"{body}{end}startxref\n{len(body)}\n%%EOF".encode("latin-1")
    return _finished(data, title, password) if title or password else data


def _finished(data: bytes, title: str, password: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.add_metadata({"/Title": title, "/Author": "Ana Novak", "/CreationDate": "D:20260101"})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_text_pages_and_divided_words(tmp_path: Path) -> None:
    document = read(tmp_path / "a.pdf", make_pdf([FIRST, SECOND]))
    assert document.text == f"{FIRST[0][:-1]}{FIRST[1]}\n{SECOND[0]}\n"
    assert document.pages == (0, document.text.index("The opposition"))
    assert [document.page_at(document.text.index(word)) for word in ("security", "opposition")] == [1, 2]


def test_a_pdf_under_another_name_is_a_pdf(tmp_path: Path) -> None:
    assert read(tmp_path / "a.txt", make_pdf([FIRST])).pages == (0,)


def test_title_and_author_as_stated_and_no_date_of_its_making(tmp_path: Path) -> None:
    document = read(tmp_path / "a.pdf", make_pdf([SECOND], title="A new law"))
    assert (document.title, document.author, document.published) == ("A new law", "Ana Novak", None)
    assert (document.evidence["title"], document.evidence["author"]) == ("meta", "meta")
    assert read(tmp_path / "a.pdf", make_pdf([SECOND], title="zakon final.docx")).title != "zakon final.docx"


def test_only_what_a_lower_case_letter_continues_is_joined() -> None:
    assert pdf.join_hyphens("secu-\nrity Dmitriev-\nWitkoff 2024-\n2025 a-\nb") == (
        "security Dmitriev-\nWitkoff 2024-\n2025 a-\nb"
    )


def test_encrypted_scanned_truncated(tmp_path: Path) -> None:
    assert error(tmp_path / "a.pdf", make_pdf([FIRST], password="x")) == (
        "'a.pdf' is an encrypted PDF. Save it without a password"
    )
    assert error(tmp_path / "a.pdf", make_pdf([[], []])) == (
        "'a.pdf' has no text layer (2 scanned pages). Recognise its text first (OCR)"
    )
    data = make_pdf([FIRST])
    assert "is a damaged PDF, or cut short" in error(tmp_path / "a.pdf", data[:120])


def test_pages_and_time_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_MOST_PAGES", 1)
    assert error(tmp_path / "a.pdf", make_pdf([FIRST, SECOND])) == "'a.pdf' has 2 pages, more than 1. Split it"
    monkeypatch.setattr(pdf, "_SECONDS", -1.0)
    assert "takes more than -1 s (page 1 was reached)" in error(tmp_path / "a.pdf", make_pdf([FIRST]))
    monkeypatch.setattr(pdf, "_SECONDS", 60.0)
    monkeypatch.setattr(pdf, "_LONGEST_PAGE", 10)
    assert "has a page (1) of more than 10 bytes" in error(tmp_path / "a.pdf", make_pdf([FIRST]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=6)), max_size=5), st.integers(20, 2000))
def test_any_damage_gives_a_document_or_one_line(tmp_path: Path, damage: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(make_pdf([FIRST, SECOND])[:cut])
    for at, value in damage:
        data[at + 8 : at + 8 + len(value)] = value
    fuzz(tmp_path / "a.pdf", bytes(data))
