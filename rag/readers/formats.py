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
from rag.readers.columns import find_columns
from rag.readers.compression import DICTIONARY, FRAME, XZ, zstd_start
from rag.readers.content import Content
from rag.readers.doc_elements import opens_element
from rag.readers.envelopes import begins_mailbox
from rag.readers.packages import require

_SNIFFED = 65_536
_BY_NAME = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".mhtml": "mail", ".mht": "mail", ".eml": "mail", ".csv": "table", ".tsv": "table",
    ".jsonl": "lines", ".ndjson": "lines", ".json": "json", ".mbox": "mail", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
_SIGNED = (
    ".pdf", ".docx", ".odt", ".fodt", ".epub", ".rtf", ".doc", ".xlsx", ".xlsb", ".xls", ".ods", ".pptx", ".parquet",
    ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".warc", ".wacz", ".zst", ".webarchive",
)  # fmt: skip
ENDINGS = tuple(sorted((*_BY_NAME, *_SIGNED)))
"""The endings of files that can be read."""

_MAGIC = ((b"{\\rtf", "rtf"), (b"PAR1", "parquet"), (b"WARC/0", "warc"), (b"WARC/1", "warc"))
_NOT_TEXT = (
    (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"\x7fELF", "program"),
    (b"MZ\x90", "program"), (b"SQLite format 3", "database"), (b"ID3", "sound"), (b"OggS", "sound"),
    (b"\x1aE\xdf\xa3", "film"),
)  # fmt: skip
_ARCHIVES = ((b"7z\xbc\xaf", "7z"), (b"Rar!", "RAR"))
_OLE = b"\xd0\xcf\x11\xe0"
_STREAMS = tuple(  # of files of Office before 2007, by which they are told apart
    (name.encode("utf-16-le"), kind)
    for name, kind in (
        ("EncryptedPackage", "encrypted"), ("WordDocument", "doc"), ("Workbook", "sheet"), ("__properties", "message"),
    )
)  # fmt: skip
_FIRST_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|article|meta|title|div|p|h1)\b", re.IGNORECASE)
_PROLOGUE = 4_000  # characters: declarations and comments before the root
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>][^>]{0,4000}(?:version|xmlns|>)")
_XML_TEXT = re.compile(r"<(?:FictionBook|nitf|newsItem|newsMessage|NewsML|TEI|article\s[^>]{0,500}dtd-version)[\s>]")
_JSON = re.compile(r"\[\s{0,1000}\{|\{\s{1,1000}\"|\{\"[^\"]{1,200}\"\s{0,10}:|\[\s{0,100}\]")
_PROPERTY_LIST = re.compile(rb"<plist[\s>]")
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
        return "warc" if _unpacked_start(data).startswith(b"WARC/") else "packed"
    if data.startswith((b"BZh", XZ)):
        return "packed"
    if data.startswith((FRAME, DICTIONARY)):
        require("zstandard", extra="warc", name=content.name)
        if not zstd_start(data).startswith(b"WARC/"):
            raise ReadError("archive_unsupported", name=content.name, format="Zstandard")
        return "warc"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    if data[257:262] == b"ustar":
        return "tar"
    if data.startswith(_OLE):
        return _old_office(content)
    if b"WebMainResource" in data and (data.startswith(b"bplist00") or _PROPERTY_LIST.search(data[:_PROLOGUE])):
        return "webarchive"
    for signature, kind in _NOT_TEXT:
        if data.startswith(signature):
            raise ReadError("file_not_text", name=content.name, kind=kind)
    for signature, form in _ARCHIVES:
        if data.startswith(signature):
            raise ReadError("archive_unsupported", name=content.name, format=form)
    by_name = _BY_NAME.get(content.suffix)
    seen = text_kind(data, content.suffix)
    if seen is None and by_name is None:
        raise _unknown(content)
    return seen or by_name or "text"


def _old_office(content: Content) -> str:
    """Return the kind of a file of Office before 2007, by the names of its streams."""
    head = content.data
    kind = next((kind for name, kind in _STREAMS if name in head), None)
    if kind in ("doc", "sheet"):
        return kind
    if kind == "encrypted":
        raise ReadError("office_encrypted", name=content.name)
    if kind == "message" or content.suffix == ".msg":
        raise ReadError("outlook_message", name=content.name)
    raise ReadError("office_old", name=content.name)


def _unknown(content: Content) -> ReadError:
    if content.suffix in _SIGNED:
        return ReadError("file_signature_wrong", name=content.name, ending=content.suffix)
    if content.suffix:
        return ReadError("ending_unknown", name=content.name, ending=content.suffix, known=" ".join(ENDINGS))
    return ReadError("ending_missing", name=content.name, known=" ".join(ENDINGS))


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
        raise ReadError("archive_damaged", name=content.name) from None
    if kind.startswith(b"application/epub+zip"):
        return "epub"
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "sheet"
    if kind.startswith(b"application/vnd.oasis.opendocument.text"):
        return "odt"
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "sheet"
    if "[Content_Types].xml" in names and any(name.startswith("ppt/") for name in names):
        return "pptx"
    if kind.startswith(b"application/vnd.oasis") or "[Content_Types].xml" in names:
        raise ReadError("office_unsupported", name=content.name)
    if "datapackage.json" in names and any(name.startswith("archive/") for name in names):
        return "wacz"
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


def text_kind(data: bytes, suffix: str = "") -> str | None:
    """Return the kind that the beginning of a text shows by itself, or None for plain text and what is no text.

    `suffix` decides where a beginning has several readings: an object on one line is a file, or the first of many.
    """
    head = data[:_SNIFFED]
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "latin-1", "replace").lstrip("\ufeff\xef\xbb\xbf \t\r\n")
    if text.startswith("<") and (markup := _markup_kind(text)):
        return markup
    if opens_element(text.split("\n", 1)[0]):  # articles between tags, in files of any name
        return "text"
    if begins_mailbox(data):
        return "mail"
    names = [name.lower() for name in _HEADER.findall(re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])]
    if text[:76].split(":")[0].lower() in names[:1] and len(_MAIL & set(names)) >= 3:
        return "mail"
    if suffix == ".txt" and _is_table(text):
        return "table"
    first = text.split("\n", 1)[0].strip()
    if first.startswith('{"') and first.endswith("}"):
        return "json" if suffix == ".json" else "lines"
    return "json" if _JSON.match(text) and suffix in ("", ".json") else None


def _markup_kind(text: str) -> str | None:
    """Return the kind of XML or HTML that a text begins like, or None."""
    if _FLAT.search(text, 0, _PROLOGUE):
        return "odt"
    if _FEED.search(text, 0, _PROLOGUE):
        return "feed"
    if _XML_TEXT.search(text, 0, _PROLOGUE):
        return "xml"
    return "html" if _begins_like_html(text) else None


def _is_table(text: str) -> bool:
    """Return whether a first line names columns, parted by tabs: what Excel calls Unicode text."""
    names = text.split("\n", 1)[0].strip("\r\n").split("\t")
    return len(names) >= 3 and {"text", "title"} <= set(find_columns(names, {}))
