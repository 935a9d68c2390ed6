"""What a file is, by its bytes: a name may lie, and a scraped file often does.

The name decides only among kinds of text that bytes cannot tell apart (a table, plain text), and whether text without
any sign of what it is may be taken for an article at all.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from rag.errors import ReadError
from rag.readers.compression import DICTIONARY, FRAME, zstd_start
from rag.readers.content import Content

_SNIFFED = 65_536
_BY_NAME = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".mhtml": "mail", ".mht": "mail", ".eml": "mail", ".csv": "table", ".tsv": "table",
    ".jsonl": "lines", ".ndjson": "lines",
}  # fmt: skip
_SIGNED = (
    ".pdf",
    ".docx",
    ".odt",
    ".fodt",
    ".epub",
    ".rtf",
    ".zip",
    ".tar",
    ".gz",
    ".tgz",
    ".parquet",
    ".warc",
    ".zst",
)
ENDINGS = tuple(sorted((*_BY_NAME, *_SIGNED)))
"""The endings of files that can be read."""

_MAGIC = ((b"{\\rtf", "rtf"), (b"PAR1", "parquet"), (b"WARC/0", "warc"), (b"WARC/1", "warc"))
_REFUSED = (
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"), (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"), (b"SQLite format 3", "a database"),
    (b"\xd0\xcf\x11\xe0", "an old office document; save it as .docx"), (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"Rar!", "a RAR archive; unpack it"), (b"BZh", "a bzip2 archive; unpack it"),
    (b"\xfd7zXZ", "an xz archive; unpack it"),
    (b"ID3", "a sound"), (b"OggS", "a sound or film"), (b"\x1aE\xdf\xa3", "a film"),
)  # fmt: skip
_FIRST_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|article|meta|title|div|p|h1)\b", re.IGNORECASE)
_FLAT = re.compile(r"<office:document[\s>]")
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}>", re.IGNORECASE)
_SPACE = re.compile(r"\s*")
_LONGEST_COMMENT = 4000
_HEADER = re.compile(r"^([!-9;-~]{1,76}):", re.MULTILINE)
_MAIL = {"received", "return-path", "message-id", "mime-version", "delivered-to", "content-type", "from", "subject"}


def kind_of(content: Content) -> str:
    """Return the kind of a file, one of those that have a reader: text, html, mail, table, lines, pdf and so on.

    Raises:
        ReadError: it is of a kind that is never an article, or text of which nothing says that it is one.
    """
    data = content.data
    if b"%PDF-" in data[:1024]:
        return "pdf"
    for signature, kind in _MAGIC:
        if data.startswith(signature):
            return kind
    if data.startswith(b"\x1f\x8b"):
        return "warc" if _unpacked_start(data).startswith(b"WARC/") else "gzip"
    if data.startswith((FRAME, DICTIONARY)):
        if not zstd_start(data).startswith(b"WARC/"):
            raise ReadError(f"{content.name} is a Zstandard archive, and no web archive; unpack it")
        return "warc"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    if data[257:262] == b"ustar":
        return "tar"
    by_name = _BY_NAME.get(content.suffix)
    for signature, what in _REFUSED:
        if data.startswith(signature) and (by_name is not None or content.suffix in _SIGNED):
            advice = "" if ";" in what else ", not text. Remove it, or convert it to text"
            raise ReadError(f"{content.name} is {what}{advice}")
    seen = text_kind(data)
    if seen is None and by_name is None:
        raise ReadError(f"{content.name} {_unknown(content)}")
    return seen or by_name or "text"


def _unknown(content: Content) -> str:
    if content.suffix in _SIGNED:
        return f"is damaged or no {content.suffix} file: it does not begin like one. Fetch it again"
    ending = repr(content.suffix) if content.suffix else "files without an ending"
    return f"cannot be read: there is no reader for {ending}. Known endings: {' '.join(ENDINGS)}"


def _unpacked_start(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(data[:_SNIFFED], 16)
    except zlib.error:
        return b""


def _zip_kind(content: Content) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            names = set(archive.namelist())
            kind = (
                archive.read("mimetype")[:100]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 200
                else b""
            )
    except MemoryError:
        raise
    except Exception:  # the library raises more than it documents on damaged archives
        why = "is a damaged ZIP archive or office document, or cut short. Fetch it again"
        raise ReadError(f"{content.name} {why}") from None
    if kind.startswith(b"application/epub+zip"):
        return "epub"
    if kind.startswith(b"application/vnd.oasis.opendocument.text"):
        return "odt"
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"
    if "[Content_Types].xml" in names or kind.startswith(b"application/vnd.oasis"):
        raise ReadError(f"{content.name} is a spreadsheet or a presentation, not an article. Save it as .csv or .pdf")
    return "zip"


def _begins_like_html(text: str) -> bool:
    """Return whether the first thing after declarations and comments is a tag of HTML.

    Each comment is passed once: an expression that could end a comment at any later ``-->`` as well would take time
    exponential in the number of comments.
    """
    at = 0
    while True:
        if space := _SPACE.match(text, at):
            at = space.end()
        if declaration := _DECLARATION.match(text, at):
            at = declaration.end()
        elif text.startswith("<!--", at):
            end = text.find("-->", at + 4, at + 4 + _LONGEST_COMMENT + 3)
            if end < 0:
                return False
            at = end + 3
        else:
            return _FIRST_TAG.match(text, at) is not None


def text_kind(data: bytes) -> str | None:
    """Return the kind that the beginning of a text shows by itself, or None for plain text and what is no text."""
    head = data[:_SNIFFED]
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "latin-1", "replace").lstrip("\ufeff\xef\xbb\xbf \t\r\n")
    if _FLAT.search(text, 0, 4000):
        return "odt"
    if _begins_like_html(text):
        return "html"
    names = [name.lower() for name in _HEADER.findall(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])]
    if text[:76].split(":")[0].lower() in names[:1] and len(_MAIL & set(names)) >= 3:
        return "mail"
    first = text.split("\n", 1)[0].strip()
    return "lines" if first.startswith('{"') and first.endswith("}") else None
