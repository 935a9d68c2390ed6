"""PDF: the text layer with its pages, and one clear line for what has none. Files are written by hand here or typeset."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject, NameObject, StreamObject
from reader_samples import error, fuzz, read

from benchmarks.typesetting import Layout, columns_of, typeset
from rag.readers import pdf, pdf_layout
from rag.readers.pdf_glyphs import Piece, read_pieces
from rag.readers.pdf_layout import join_lines, line_text, read_paragraphs, running_lines

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


def test_only_what_a_lower_case_letter_continues_is_joined_without_its_hyphen() -> None:
    pairs = [("secu-", "rity"), ("Dmitriev-", "Witkoff"), ("2024-", "2025"), ("a-", "b"), ("end.", "Next")]
    assert [join_lines(first, second) for first, second in pairs] == [
        "security", "Dmitriev-Witkoff", "2024-2025", "a-b", "end. Next",
    ]  # fmt: skip


def test_paragraphs_are_lines_by_indent_by_white_and_by_a_short_last_line() -> None:
    full = "a line that reaches the edge"
    lines = [
        (_piece(62, 290, 700, full), "indented"), (_piece(50, 290, 688, full), ""), (_piece(62, 290, 676, full), "in"),
        (_piece(50, 290, 664, full), ""), (_piece(50, 290, 640, full), "white"), (_piece(50, 200, 628, "short"), ""),
        (_piece(50, 290, 616, "After a short line"), "new"), (_piece(305, 545, 700, "next column"), ""),
        (_piece(305, 400, 688, "ends here"), ""), (_piece(305, 400, 676, "Heading"), "new"),
    ]  # fmt: skip
    starts = [number for number, (_, new) in enumerate(lines) if new]
    paragraphs = read_paragraphs([(replace(piece, glue=""),) for piece, _ in lines])
    ends = [*starts[1:], len(lines)]
    assert paragraphs == [
        " ".join(lines[at][0].text for at in range(start, end)) for start, end in zip(starts, ends, strict=True)
    ]


def test_encrypted_scanned_truncated(tmp_path: Path) -> None:
    assert error(tmp_path / "a.pdf", make_pdf([FIRST], password="x")) == (
        "'a.pdf' is an encrypted PDF. Save it without a password"
    )
    data = make_pdf([FIRST])
    assert "is a damaged PDF, or is cut short" in error(tmp_path / "a.pdf", data[:120])


def test_pages_and_time_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_MOST_PAGES", 1)
    assert (
        error(tmp_path / "a.pdf", make_pdf([FIRST, SECOND]))
        == "'a.pdf' has 2 pages, more than the limit of 1. Split it"
    )
    monkeypatch.setattr(pdf, "_SECONDS", -1.0)
    assert "takes more than -1 s (page 1 was reached)" in error(tmp_path / "a.pdf", make_pdf([FIRST]))
    monkeypatch.setattr(pdf, "_SECONDS", 60.0)
    monkeypatch.setattr(pdf, "_LONGEST_PAGE", 10)
    assert "has a page (1) of more than 10 bytes" in error(tmp_path / "a.pdf", make_pdf([FIRST]))


def test_time_that_passes_without_work_is_not_the_files_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(tmp_path / "a.pdf", make_pdf([FIRST])).text  # the libraries are imported

    def suspended(*arguments: Any) -> Any:
        time.sleep(0.8)
        return read_pieces(*arguments)

    monkeypatch.setattr(pdf, "_SECONDS", 0.7)
    monkeypatch.setattr(pdf, "read_pieces", suspended)
    assert read(tmp_path / "a.pdf", make_pdf([FIRST])).text == whole


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 900), st.binary(min_size=1, max_size=6)), max_size=5), st.integers(20, 2000))
def test_any_damage_gives_a_document_or_one_line(tmp_path: Path, damage: list[tuple[int, bytes]], cut: int) -> None:
    data = bytearray(make_pdf([FIRST, SECOND])[:cut])
    for at, value in damage:
        data[at + 8 : at + 8 + len(value)] = value
    fuzz(tmp_path / "a.pdf", bytes(data))


WORDS = [f"word{n:04}{'.' if n % 12 == 11 else ''}" for n in range(900)]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("headline", ["", "A headline that runs over all of the columns"])
def test_columns_are_read_one_after_the_other(tmp_path: Path, count: int, by_rows: bool, headline: str) -> None:
    layout = Layout(columns=count, by_rows=by_rows, headline=headline, gap=14)
    document = read(tmp_path / "a.pdf", typeset(WORDS, layout))
    assert document.text.split() == headline.split() + WORDS


def test_below_full_lines_columns_are_read_one_after_the_other() -> None:
    wide = [_piece(50, 545, 780 - 12 * row, f"a line over the whole page {row}") for row in range(5)]
    left = [_piece(50, 290, 700 - 12 * row, f"a line of the first column {row}") for row in range(6)]
    right = [_piece(305, 545, 700 - 12 * row, f"a line of the second column {row}") for row in range(6)]
    end = [_piece(50, 545, 600, "and one more over the whole page")]
    rows = [[one, other] for one, other in zip(left, right, strict=True)]
    ordered = pdf_layout.in_reading_order([[line] for line in wide] + rows + [end], 595)
    assert [line_text(line) for line in ordered] == [piece.text for piece in wide + left + right + end]


def test_a_table_of_short_cells_is_read_row_by_row() -> None:
    rows = [
        [_piece(50, 90, 700 - 12 * row, f"Team {row}"), _piece(300, 320, 700 - 12 * row, "3:1")] for row in range(9)
    ]
    ordered = pdf_layout.in_reading_order(rows, 595)
    assert [line_text(line) for line in ordered] == [f"Team {row} 3:1" for row in range(9)]


def _piece(left: float, right: float, bottom: float, text: str) -> Piece:
    return Piece(text=text, left=left, right=right, bottom=bottom, top=bottom + 10, glue="" if left == 50 else " ")


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("by_rows", [False, True])
def test_running_heads_and_feet_are_masked_and_pages_are_right(tmp_path: Path, number: int, by_rows: bool) -> None:
    layout = Layout(columns=number, by_rows=by_rows, running=True, lines=20)
    data = typeset(WORDS, layout)
    document = read(tmp_path / "a.pdf", data)
    masked = " ".join(document.text[start:end] for start, end in document.masked).split()
    count = len(document.pages)
    assert count == len(pypdf.PdfReader(io.BytesIO(data)).pages) > 2
    assert sorted(masked) == sorted(
        word for n in range(count) for word in f"The Daily Gazette 28 January 2026 Page {n + 1} of {count}".split()
    )
    shown = list(document.text)
    for start, end in document.masked:
        shown[start:end] = " " * (end - start)
    assert "".join(shown).split() == WORDS
    on_page = len([word for lines in columns_of(WORDS, layout)[:number] for line in lines for word in line.split()])
    for at, page in ((0, 1), (on_page - 1, 1), (on_page, 2), (len(WORDS) - 1, count)):
        assert document.page_at(document.text.index(WORDS[at])) == page
    assert document.title == ""


def test_what_is_on_few_pages_or_twice_on_one_is_no_running_line() -> None:
    body = [(f"A line of text {'z' * n}.", 700.0 - n) for n in range(8)]
    pages = [[(f"Head {'y' * (n // 2)}", 800.0), *body, (f"{n}", 20.0)] for n in range(6)]
    assert running_lines(pages) == [{1, 2, 7, 8, 9}] * 6
    table = [("1 2 3", 700.0 - n) for n in range(8)]
    assert running_lines([[*table, ("7", 20.0)], [*table, ("8", 20.0)]]) == [{8}, {8}]
    assert running_lines(pages[:1]) == [set()]


def test_a_word_that_is_written_with_a_hyphen_elsewhere_keeps_it(tmp_path: Path) -> None:
    lines = [
        "A well-known minister met the well-",
        "known president in the parlia-",
        "ment by the envoys Dmitriev-",
        "Witkoff.",
    ]
    assert read(tmp_path / "a.pdf", make_pdf([lines])).text == (
        "A well-known minister met the well-known president in the parliament by the envoys Dmitriev-Witkoff.\n"
    )


def test_forms_that_draw_each_other_are_counted_before_they_are_drawn(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(595, 842)
    inner = None
    for _ in range(12):
        form = StreamObject()
        form.set_data(b"/F0 Do " * 50 if inner is not None else b"BT /F1 12 Tf (x) Tj ET")
        form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
        if inner is not None:
            resources = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/F0"): inner})})
            form[NameObject("/Resources")] = resources
        inner = writer._add_object(form)
    contents = StreamObject()
    contents.set_data(b"/F#30 Do")
    page[NameObject("/Contents")] = writer._add_object(contents)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/F0"): inner})}
    )
    stream = io.BytesIO()
    writer.write(stream)
    assert "has a page (1) of more than 5,000,000 bytes. Leave that page out" in error(
        tmp_path / "a.pdf", stream.getvalue()
    )
