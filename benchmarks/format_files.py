"""Articles written in every format that is read: the files that `file_speed.py` measures with."""

from __future__ import annotations

import csv
import html
import io
import json
import tarfile
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

from rag.records import Document

_LINE = 90  # characters of a line of a PDF
_MANY = 25  # articles in one table or archive


def write_formats(articles: Sequence[Document], place: Path, *, only: str | None = None) -> dict[str, Path]:
    """Write articles in each format, or in one, into a folder of its own; return the folders by format."""
    single: dict[str, Callable[[Document], bytes]] = {
        "txt": lambda article: f"{article.title}\n\n{article.text}\n".encode(),
        "md": lambda article: f"# {article.title}\n\n{article.text}\n".encode(),
        "html": _page,
        "mhtml": _saved,
        "pdf": _pdf,
        "docx": _docx,
        "odt": _odt,
        "epub": _epub,
        "eml": _mail,
        "rtf": _rtf,
    }
    many: dict[str, Callable[[Sequence[Document]], bytes]] = {
        "csv": _table, "jsonl": _lines, "parquet": _parquet, "zip": _archive, "tar": _tar, "warc": _crawl,
    }  # fmt: skip
    single = {name: make for name, make in single.items() if only in (None, name)}
    many = {name: make for name, make in many.items() if only in (None, name)}
    folders = {name: place / name for name in (*single, *many)}
    for folder in folders.values():
        folder.mkdir(parents=True)
    for article in articles:
        for name, make in single.items():
            (folders[name] / f"{article.id}.{name}").write_bytes(make(article))
    for start in range(0, len(articles), _MANY):
        for name, pack in many.items():
            (folders[name] / f"{start:06}.{name}").write_bytes(pack(articles[start : start + _MANY]))
    return folders


def _paragraphs(article: Document) -> list[str]:
    sentences = article.text.replace("\n", " ").split(". ")
    return [". ".join(sentences[start : start + 4]) for start in range(0, len(sentences), 4)]


def _page(article: Document) -> bytes:
    """Return a page as outlets have them: half of it is menus, links to other stories and a footer."""
    links = "".join(f"<li><a href='/story-{n}'>Another story, number {n} of today</a></li>" for n in range(40))
    body = "".join(f"<p>{html.escape(text)}</p>" for text in _paragraphs(article))
    head = f"<title>{html.escape(article.title)}</title><meta charset='utf-8'>"
    nav, more = f"<nav><ul>{links}</ul></nav>", f"<aside><h3>Read also</h3><ul>{links}</ul></aside><footer>©</footer>"
    return f"<html><head>{head}</head><body>{nav}<article>{body}</article>{more}</body></html>".encode()


def _pdf(article: Document) -> bytes:
    """Return a PDF of one page in a standard font; letters that the font lacks are question marks."""
    words, lines = article.text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > _LINE:
            lines.append("")
        lines[-1] += f"{word} "
    shown = " ".join(f"({line.translate(str.maketrans('()', '[]'))}) Tj T*" for line in lines).replace("\\", "/")
    drawing = f"BT /F1 9 Tf 11 TL 40 800 Td {shown} ET".encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, value in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return bytes(out) + end % (table, len(out))


def _docx(article: Document) -> bytes:
    import docx

    file = docx.Document()
    for text in _paragraphs(article):
        file.add_paragraph(text)
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def _rtf(article: Document) -> bytes:
    text = "\\par\n".join(_paragraphs(article))
    return b"{\\rtf1\\ansi " + "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text).encode() + b"}"


def _mail(article: Document) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ana Novak <ana@example.org>", article.title or "News"
    message["Date"] = "Wed, 28 Jan 2026 18:20:00 +0000"
    message.set_content("\n\n".join(_paragraphs(article)))
    return message.as_bytes()


def _saved(article: Document) -> bytes:
    """Return a page as a browser saves it in one file."""
    message = EmailMessage()
    message["From"], message["Subject"] = "<Saved by Blink>", article.title or "News"
    message["Snapshot-Content-Location"] = f"https://news.example/{article.id}"
    message.set_content(_page(article).decode(), subtype="html", cte="quoted-printable")
    message.make_related()
    return message.as_bytes()


def _odt(article: Document) -> bytes:
    office, text = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text"))
    body = "".join(f"<t:p>{html.escape(paragraph)}</t:p>" for paragraph in _paragraphs(article))
    return _zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<o:c xmlns:o='{office}' xmlns:t='{text}'><o:body>{body}</o:body></o:c>",
            "meta.xml": f"<o:m xmlns:o='{office}'/>",
        }
    )


def _epub(article: Document) -> bytes:
    body = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in _paragraphs(article))
    package = "<manifest><item id='a' href='a.xhtml'/></manifest><spine><itemref idref='a'/></spine>"
    return _zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<c xmlns='urn:c'><rootfiles><rootfile full-path='p.opf'/></rootfiles></c>",
            "p.opf": f"<p xmlns='urn:p'>{package}</p>",
            "a.xhtml": f"<html><body>{body}</body></html>",
        }
    )


def _zipped(members: Mapping[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _table(articles: Sequence[Document]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["id", "title", "text"])
    writer.writerows([article.id, article.title, article.text] for article in articles)
    return stream.getvalue().encode()


def _parquet(articles: Sequence[Document]) -> bytes:
    import pyarrow.parquet

    columns = {name: [getattr(article, name) for article in articles] for name in ("id", "title", "text")}
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), stream)
    return stream.getvalue()


def _tar(articles: Sequence[Document]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for article in articles:
            content = article.text.encode()
            about = tarfile.TarInfo(f"{article.id}.txt")
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return stream.getvalue()


def _crawl(articles: Sequence[Document]) -> bytes:
    out = bytearray()
    for article in articles:
        page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + _page(article)
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http; msgtype=response\r\n"
            f"WARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, article.id)}>\r\n"
            f"WARC-Target-URI: https://news.example/{article.id}\r\nWARC-Date: 2026-01-28T18:20:00Z\r\n"
            f"Content-Length: {len(page)}\r\n\r\n"
        )
        out += head.encode() + page + b"\r\n\r\n"
    return bytes(out)


def _lines(articles: Sequence[Document]) -> bytes:
    rows = ({"id": article.id, "title": article.title, "text": article.text} for article in articles)
    return "\n".join(json.dumps(row) for row in rows).encode()


def _archive(articles: Sequence[Document]) -> bytes:
    return _zipped({f"{article.id}.txt": article.text for article in articles})
