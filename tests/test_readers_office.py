"""Word, OpenDocument, EPUB, RTF, e-mails and web archives."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import PARAGRAPHS, error, fuzz, page, read, zipped

from benchmarks.cases.old_word import make_doc
from rag.readers import doc

TEXT = "\n".join(PARAGRAPHS)
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_DC = "http://purl.org/dc/elements/1.1/"
BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
)


def make_docx() -> bytes:
    file = docx.Document()
    file.core_properties.title = "Nov zakon"
    for text in PARAGRAPHS[:2]:
        file.add_paragraph(text)
    file.add_table(1, 2).cell(0, 1).text = PARAGRAPHS[2]
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def make_odt(doctype: str = "", body: str = "") -> bytes:
    lines = "".join(f"<t:p>{text.replace('je', '<t:span>je</t:span>')}</t:p>" for text in PARAGRAPHS)
    content = f"{doctype}<o:c xmlns:o='{_OFFICE}' xmlns:t='{_ODF}'><o:body>{body}{lines}</o:body></o:c>"
    meta = f"<o:m xmlns:o='{_OFFICE}' xmlns:d='{_DC}'><d:title>Nov zakon</d:title></o:m>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": meta})


def make_epub() -> bytes:
    container = "<c xmlns='urn:c'><rootfiles><rootfile full-path='O/p.opf'/></rootfiles></c>"
    chapters = "".join(f"<item id='c{n}' href='c%20{n}.xhtml'/>" for n in range(3))
    order = "".join(f"<itemref idref='c{n}'/>" for n in range(3))
    names = "<d:title>Nov zakon</d:title><d:creator>Ana Novak</d:creator><d:language>sl-SI</d:language>"
    package = (
        f"<p xmlns='urn:p' xmlns:d='{_DC}'><m>{names}</m><manifest>{chapters}</manifest><spine>{order}</spine></p>"
    )
    pages = {
        f"O/c {n}.xhtml": f"<html><body><div><p>{text}</p></div></body></html>" for n, text in enumerate(PARAGRAPHS)
    }
    return zipped(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "O/p.opf": package, **pages}
    )


def make_rtf() -> bytes:
    text = "\\par\n".join(PARAGRAPHS)
    return b"{\\rtf1\\ansi " + "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text).encode() + b"}"


def make_mail(subtype: str = "plain") -> bytes:
    message = EmailMessage()
    message["From"] = "Ana Novak <ana@gazeta.si>"
    message["To"] = "vsi@gazeta.si"
    message["Subject"] = "Nov zakon o varnosti čez teden dni"
    message["Date"] = "Wed, 28 Jan 2026 18:20:00 +0000"
    message.set_content(TEXT if subtype == "plain" else page().decode(), subtype=subtype)
    return message.as_bytes()


@pytest.mark.parametrize(
    ("name", "make"), [("a.docx", make_docx), ("a.odt", make_odt), ("a.epub", make_epub), ("a.rtf", make_rtf)]
)
def test_the_text_is_a_paragraph_a_line_whatever_the_name(tmp_path: Path, name: str, make) -> None:  # type: ignore[no-untyped-def]
    document = read(tmp_path / name, make())
    assert document.text == TEXT
    assert document.language == "sl"
    if name != "a.rtf":
        assert (document.title, document.evidence["title"]) == ("Nov zakon", "meta")
    assert read(tmp_path / "a.txt", make()).text == TEXT


def test_an_epub_states_author_and_language(tmp_path: Path) -> None:
    document = read(tmp_path / "a.epub", make_epub())
    assert (document.author, document.language, document.evidence["language"]) == ("Ana Novak", "sl", "meta")


def test_an_email_has_subject_sender_and_date(tmp_path: Path) -> None:
    document = read(tmp_path / "a.eml", make_mail())
    assert document.text.strip() == TEXT
    assert (document.title, document.author) == ("Nov zakon o varnosti čez teden dni", "Ana Novak")
    assert document.published == datetime(2026, 1, 28, 18, 20, tzinfo=UTC)
    assert read(tmp_path / "a.eml", make_mail("html")).text == TEXT


def test_a_web_archive_is_its_page_with_its_address(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Subject"] = "Nov zakon"
    message["Snapshot-Content-Location"] = "https://gazeta.si/zakon"
    message.set_content(page().decode(), subtype="html")
    message.add_related(b"\x89PNG", "image", "png")
    document = read(tmp_path / "a.mhtml", message.as_bytes())
    assert (document.text, document.title, document.source) == (TEXT, "Nov zakon", "https://gazeta.si/zakon")


def test_hostile_xml_and_damage_are_one_line(tmp_path: Path) -> None:
    bomb = error(tmp_path / "a.odt", make_odt(BOMB + "]>", "&j;"))
    assert bomb == "'a.odt' is a damaged or hostile OpenDocument text (EntitiesForbidden). Save it again"
    outside = make_odt("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "&a;")
    assert "EntitiesForbidden" in error(tmp_path / "a.odt", outside)
    assert "is a damaged archive or office document" in error(tmp_path / "a.docx", make_docx()[:2000])
    assert "is damaged, or is not a .docx file" in error(tmp_path / "a.docx", b"nothing of the kind")
    assert "holds no text" in error(tmp_path / "a.rtf", b"{\\rtf1 }")
    deep = make_odt(body="<t:p>" * 30_000 + "</t:p>" * 30_000)
    fuzz(tmp_path / "a.odt", deep)


def test_a_document_that_unpacks_to_too_much(tmp_path: Path) -> None:
    data = zipped({"word/document.xml": b"\0" * 2_000_000})
    assert "unpacks to more than the limit of 1,000,000 bytes" in error(tmp_path / "a.docx", data, max_bytes=100_000)


@pytest.mark.parametrize("make", [make_docx, make_odt, make_epub, make_rtf, make_mail])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.integers(0, 9000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_any_damage_gives_a_document_or_one_line(tmp_path: Path, make, damage: list[tuple[int, bytes]]) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(make())
    for at, value in damage:
        at = 4 + at % len(data)
        data[at : at + len(value)] = value
    fuzz(tmp_path / "a.docx", bytes(data))


@pytest.mark.skipif(shutil.which("catdoc") is None, reason="antiword alone may break at so small a file")
def test_a_word_file_of_before_2007_is_read_by_the_converter(tmp_path: Path) -> None:
    text = "Žaga v Kočevju\n" + "\n".join(PARAGRAPHS) + "\n"
    found = read(tmp_path / "a.doc", make_doc(text))
    assert [line for line in found.text.splitlines() if line] == text.splitlines()
    assert PARAGRAPHS[0] not in "".join(found.text[slice(*span)] for span in found.masked)
    cut = error(tmp_path / "b.doc", make_doc(text)[:2000])
    assert "b.doc" in cut


def test_without_a_converter_its_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doc.COMMAND in error(tmp_path / "a.doc", make_doc("Žaga v Kočevju\n"))
