"""Valid files of every format, damaged at random: documents, failures or one line come of them, and nothing else.

`FUZZ=5000 pytest tests/test_fuzz.py` (or `make fuzz`) tries so many damages of each format, others at every run; the
default is few, always the same. What a long run finds becomes a test of its own below.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import PARAGRAPHS, error, fuzz, make_parquet, page, zipped
from test_readers_office import make_docx, make_epub, make_mail, make_odt, make_rtf
from test_readers_parts import CSV, tarred
from test_readers_pdf import FIRST, SECOND, make_pdf
from test_readers_warc import records, three

from benchmarks.cases import kinds, mail, odf, rtf, several, tables, word
from benchmarks.cases.old_word import make_doc
from rag.indexing.folder import list_files

_MORE = int(os.environ.get("FUZZ", "0"))

_SCHEMA = json.dumps({"@type": "NewsArticle", "headline": "Nov zakon", "datePublished": "2026-01-28", "author": [{}]})
_HEAD = f"<script type='application/ld+json'>{_SCHEMA}</script><meta property='article:published_time' content='2026'>"


def _parquet() -> bytes:
    return make_parquet({"id": ["a", "b"], "text": list(PARAGRAPHS[:2]), "date": ["2026", None]})


_ROWS = [
    {"id": n, "text": text, "date": "2026-01-28", "url": "https://gazeta.si/a"} for n, text in enumerate(PARAGRAPHS)
]


def _state() -> str:
    story = {"title": "Nov zakon", "body": "".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
    script = f"<script type='application/json'>{json.dumps({'props': {'article': story}})}</script>"
    return f"<html><head><title>Nov zakon</title></head><body><a href='/'>Domov</a>{script}</body></html>"


_FURTHER = {
    tuple(kinds.CASES): ("rss", "atom", "pptx", "fictionbook", "nitf", "safari", "bz2", "xz"),
    tuple(tables.JSON): ("array", "hits", "by-column"), tuple(several.CASES): ("nexis-uni", "factiva-html-codes", "labels"), tuple(tables.SHEETS): ("xlsx",), tuple(mail.CASES): ("mailbox", "attachment"),
    tuple(word.CASES): ("alt-box", "fldchar"), tuple(rtf.CASES): ("textbox", "table"), tuple(odf.CASES): ("flat", "deletion"),
}  # fmt: skip
_SAMPLES: dict[str, Callable[[], bytes]] = {
    "a.txt": lambda: "\r\n".join(["Nov zakon", "Ana Novak", "28. 1. 2026 ob 18.20", *PARAGRAPHS, "Preberi še"]).encode(),
    "a.html": lambda: page(_HEAD, "<time datetime='2026-01-28T18:20'>danes</time><table><tr><td>x</td></tr></table>"),
    "a.pdf": lambda: make_pdf([FIRST, SECOND], title="A new law"),
    "a.doc": lambda: make_doc("\n".join(PARAGRAPHS)), "a.docx": make_docx, "a.odt": make_odt, "a.epub": make_epub, "a.rtf": make_rtf, "a.eml": make_mail,
    "a.mhtml": lambda: make_mail("html"), "a.csv": CSV.encode, "a.parquet": _parquet,
    "a.jsonl": lambda: "\n".join(json.dumps(row) for row in _ROWS).encode(),
    "a.zip": lambda: zipped({"a.txt": PARAGRAPHS[0], "b.html": page(), "c.zip": zipped({"d.csv": CSV})}),
    "a.tar": lambda: tarred({"a.txt": PARAGRAPHS[0].encode(), "b.pdf": make_pdf([FIRST])}),
    "next.html": lambda: _state().encode(), "a.wacz": lambda: zipped({"datapackage.json": "{}", "archive/a.warc.gz": three(packed=True)}),
    "a.warc": three, "a.warc.gz": lambda: three(packed=True),
    "a.warc.zst": lambda: b"".join(map(zstandard.compress, records())),
    **{
        case.file: lambda data=case.data: data  # type: ignore[misc]
        for cases, names in _FURTHER.items() for case in cases if case.name in names
    },
    "a.gz": lambda: gzip.compress(tarred({"a.txt": PARAGRAPHS[0].encode()})),
}  # fmt: skip

# What parsers stumble over: ends, signs, large numbers, half a character, marks of other formats.
_TOKENS = [
    b"\x00", b"\xff\xff\xff\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"-1", b"99999999999999999999", b"0000-00-00", b"1e999",
    b'"', b"'", b"\\u0", b"\\'", b"{", b"}", b"[", b"<", b">", b"</", b"<!--", b"]]>", b"&#x0;", b"&#xD800;", b"&a;", b"=?",
    b"--", b"\r", b"\n\n", b"%PDF-", b"endobj", b"stream\n", b"/Kids [2 0 R]", b"PK\x03\x04", b"Content-Type: ", b"charset=x",
    b"WARC/1.0\r\n", b"Content-Length: 9\r\n", b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18",
    b"NaN", b"null", b"\x1b", b"\xe2\x80\xae", b"\xc2\x85", b"https://[", b"xml:space", b"<title>", b"<t:s t:c='x'/>",
]  # fmt: skip
_DAMAGE = st.tuples(
    st.sampled_from(["put", "over", "drop", "twice", "cut", "turn"]),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 64),
    st.sampled_from(_TOKENS) | st.binary(min_size=1, max_size=6),
)
_Damage = tuple[str, float, int, bytes]


def damaged(data: bytes, damages: list[_Damage]) -> bytes:
    """Return bytes with damages done one after another; the place is a share of their length."""
    out = bytearray(data)
    for kind, place, length, value in damages:
        at = int(place * len(out))
        if kind == "put":
            out[at:at] = value
        elif kind == "over":
            out[at : at + len(value)] = value
        elif kind == "drop":
            del out[at : at + length]
        elif kind == "twice":
            out[at:at] = out[at : at + length] * 3
        elif kind == "cut":
            del out[at:]
        elif out:
            out[at] ^= length
    return bytes(out)


def damaged_inside(data: bytes, place: float, damages: list[_Damage]) -> bytes:
    """Return a ZIP file one member of which is damaged: damage to the file itself seldom passes the checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = list(members)[int(place * len(members))]
    return zipped({**members, name: damaged(members[name], damages)})


@pytest.mark.parametrize("name", _SAMPLES)
@settings(
    max_examples=_MORE or 12,
    derandomize=not _MORE,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.floats(0, 1, exclude_max=True), inside=st.booleans(), damages=st.lists(_DAMAGE, min_size=1, max_size=8))
def test_any_damage_gives_documents_failures_or_one_line(
    tmp_path: Path, name: str, place: float, inside: bool, damages: list[_Damage]
) -> None:
    data = _SAMPLES[name]()
    inside = inside and data.startswith(b"PK")
    fuzz(tmp_path / name, damaged_inside(data, place, damages) if inside else damaged(data, damages))


@settings(max_examples=_MORE or 12, derandomize=not _MORE, deadline=None, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(damages=st.lists(_DAMAGE, min_size=1, max_size=8))
def test_a_page_with_its_folder_is_one_file_however_it_is_damaged(tmp_path: Path, damages: list[_Damage]) -> None:
    folder = tmp_path / "Nov zakon_files"
    folder.mkdir(exist_ok=True)
    for name in ("saved_resource.html", "main.js.download", "slika.jpg"):
        (folder / name).write_bytes(damaged(page(), damages))
    fuzz(tmp_path / "Nov zakon.html", damaged(page(_HEAD), damages))
    assert [file.id for file in list_files(tmp_path)] == ["Nov zakon.html"]


# What long runs found.


@pytest.mark.parametrize("markup", ["<!DOCTYPE html>", "<!-- x -->", "</p>"])
def test_a_page_without_any_element_is_one_line(tmp_path: Path, markup: str) -> None:
    assert error(tmp_path / "a.html", markup.encode()) == (
        "'a.html' holds no article text (a frame, a script or an error page). Fetch it again"
    )
