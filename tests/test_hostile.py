"""A folder as people have it, with every kind of file, broken and hostile ones too: each costs itself and no other."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from reader_samples import PARAGRAPHS, error, make_parquet, page, parts, read, zipped
from test_readers_office import BOMB, make_docx, make_epub, make_mail, make_odt, make_rtf
from test_readers_parts import tarred
from test_readers_pdf import FIRST, SECOND, make_pdf
from test_readers_warc import records, three
from zstandard import compress

from rag import Index, Settings, readers
from rag.cli.commands import main
from rag.errors import ReadError
from rag.readers import read_parts

ROOT = Path(__file__).parent.parent
ROMANIAN = "Preşedintele a anunţat că garanţiile de securitate vor fi semnate în săptămâna viitoare, la Bucureşti."
SLOVENE = "Predsednik je napovedal, da bodo jamstva podpisali čez teden dni v Žalcu, če bo šlo vse po načrtu."
ROWS = "id,text\n17,Prelaz Vršič ostane zaradi snežnega plazu zaprt do konca marca.\n18,Na Hrvaškem raste cena jagod.\n"


def edited(data: bytes, member: str, before: bytes, after: bytes) -> bytes:
    """Return a ZIP file in which one member reads otherwise."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert before in members[member]
    return zipped({**members, member: members[member].replace(before, after, 1)})


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder below which another user may write; pytest's own belong to one user."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        yield Path(place)


@pytest.fixture
def ordinary_user(shared_folder: Path) -> Iterator[None]:
    """Be somebody to whom permissions apply: they do not to the superuser, whom tests in containers run as."""
    with Index.create(shared_folder / "warm", settings=Settings(workers=0)) as index:  # imports what it needs
        (shared_folder / "first").mkdir()
        (shared_folder / "first" / "a.txt").write_text(SLOVENE, "utf-8")
        index.sync(shared_folder / "first")
        index.retrieve("jamstva", 1)
    superuser = os.geteuid() == 0
    if superuser:
        os.seteuid(65534)
    try:
        yield
    finally:
        if superuser:
            os.seteuid(0)


def test_what_may_not_be_read_is_named_and_the_rest_is_indexed(shared_folder: Path, ordinary_user: None) -> None:
    folder = shared_folder / "corpus"
    (folder / "locked").mkdir(parents=True)
    (folder / "a.txt").write_text(SLOVENE, "utf-8")
    (folder / "b.txt").write_text(ROMANIAN, "utf-8")
    (folder / "locked" / "c.txt").write_text(ROMANIAN, "utf-8")
    (folder / "b.txt").chmod(0)
    (folder / "locked").chmod(0)
    try:
        with Index.create(shared_folder / "index", settings=Settings(workers=0)) as index:
            report = index.sync(folder)
            assert report.added == ("a.txt",)
            assert [(failure.source, failure.message()) for failure in report.failed] == [
                ("b.txt", "'b.txt' cannot be read: Permission denied. Check its permissions"),
                ("locked", "Folder 'locked' cannot be listed. Check its permissions"),
            ]
            with pytest.raises(ReadError, match=r"b\.txt' cannot be read: Permission denied\. Check its permissions"):
                list(read_parts(folder / "b.txt", document_id="b.txt"))
    finally:
        (folder / "locked").chmod(0o700)


def test_a_file_is_read_as_one_state_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Prva polovica", "utf-8")
    read_bytes = readers._read
    writes = 0

    def written_meanwhile(stream: object, most: int) -> bytes:
        nonlocal writes
        data = read_bytes(stream, most)  # type: ignore[arg-type]
        if writes:
            writes -= 1
            with path.open("a", encoding="utf-8") as more:
                more.write(" in druga")
        return data

    monkeypatch.setattr(readers, "_read", written_meanwhile)
    writes = 1
    (document,) = read_parts(path, document_id="a.txt")
    assert getattr(document, "text", None) == "Prva polovica in druga"
    writes = 99
    with pytest.raises(ReadError) as raised:
        list(read_parts(path, document_id="a.txt"))
    assert str(raised.value) == "'a.txt' changes while it is read. Index again when it is complete"


def test_a_file_that_changed_and_changed_back_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    path = folder / "a.txt"
    path.write_text(SLOVENE, "utf-8")
    read_bytes = readers._read

    def changed_before(stream: object, most: int) -> bytes:
        if path.read_text("utf-8") == SLOVENE:
            path.write_text(ROMANIAN, "utf-8")
        return read_bytes(stream, most)  # type: ignore[arg-type]

    with Index.create(tmp_path / "index", settings=Settings(workers=0)) as index:
        with monkeypatch.context() as patch:
            patch.setattr(readers, "_read", changed_before)  # after it was looked at, before it is read
            index.sync(folder)
        assert index.document("a.txt").text == ROMANIAN
        path.write_text(SLOVENE, "utf-8")
        assert index.sync(folder).changed == ("a.txt",)
        assert index.document("a.txt").text == SLOVENE


def test_entities_of_any_format_are_not_expanded(tmp_path: Path) -> None:
    doctype = f"{BOMB}]>".encode()
    word = edited(make_docx(), "word/document.xml", b"?>", b"?>" + doctype.replace(b"DOCTYPE x", b"DOCTYPE document"))
    word = edited(word, "word/document.xml", PARAGRAPHS[0].encode(), b"&j;")
    assert error(tmp_path / "a.docx", word) == (
        "'a.docx' is a damaged or hostile Word document (EntitiesForbidden). Save it again"
    )
    outside = b"?><!DOCTYPE document [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    word = edited(make_docx(), "word/document.xml", b"?>", outside)
    word = edited(word, "word/document.xml", PARAGRAPHS[0].encode(), b"&a;")
    assert "EntitiesForbidden" in error(tmp_path / "a.docx", word)
    book = edited(make_epub(), "O/p.opf", b"<p ", doctype + b"<p ")
    assert (
        error(tmp_path / "a.epub", book) == "'a.epub' is a damaged or hostile EPUB (EntitiesForbidden). Save it again"
    )
    markup = page(body="<p>&j;</p>").replace(b"<!DOCTYPE html>", doctype.replace(b"DOCTYPE x", b"DOCTYPE html"))
    assert len(read(tmp_path / "a.xhtml", b"<?xml version='1.0'?>" + markup).text) < 1000


@pytest.mark.parametrize("tags", ["<div>", "<span>", "<b><i>", "<ul><li>", "<table><tr><td>", "<a href=x><p>x", "<g>"])
def test_markup_nested_without_end_is_one_line_or_an_article(tmp_path: Path, tags: str) -> None:
    count = 100_000 // tags.count("<")
    data = f"<html><body>{tags * count}<p>{PARAGRAPHS[0]}</p>".encode()
    try:
        assert len(read(tmp_path / "a.html", data).text) < 1000
    except ReadError as failure:
        assert "holds no article text" in str(failure) or "cannot be taken apart" in str(failure)


def test_a_row_of_a_key_that_was_there_is_reported(tmp_path: Path) -> None:
    lines = [json.dumps({"id": "a", "text": text}) for text in PARAGRAPHS]
    documents, failures = parts(tmp_path / "t.jsonl", "\n".join(lines).encode())
    assert [(d.id, d.text) for d in documents] == [("t.jsonl#a", PARAGRAPHS[0])]
    assert [f.message().replace(f"{tmp_path}/", "") for f in failures] == [
        "'t.jsonl#a@2' repeats the key of an earlier row (row 2). Give it a key of its own",
        "'t.jsonl#a@3' repeats the key of an earlier row (row 3). Give it a key of its own",
    ]


@pytest.mark.parametrize("day", ["0000-01-01", "0000-00-00", "0000-01-01T00:00:00Z", "-0001-01-01", "99999-01-01"])
def test_a_date_that_cannot_be_is_none(tmp_path: Path, day: str) -> None:
    (row,), _ = parts(tmp_path / "t.jsonl", json.dumps({"text": PARAGRAPHS[0], "date": day}).encode())
    marked = page(f"<meta property='article:published_time' content='{day}'>", f"<time datetime='{day}'></time>")
    text = f"Nov zakon o varnosti\n\n{day}\n\n{PARAGRAPHS[0]}\n".encode()
    assert (row.published, read(tmp_path / "a.html", marked).published) == (None, None)
    assert read(tmp_path / "a.txt", text).published is None


def test_an_email_of_the_year_0_has_no_date(tmp_path: Path) -> None:
    sent = b"Wed, 28 Jan 2026 18:20:00 +0000"
    assert sent in make_mail()
    assert read(tmp_path / "a.eml", make_mail().replace(sent, b"Sat, 01 Jan 0000 00:00:00 +0000")).published is None
    short = read(tmp_path / "a.eml", make_mail().replace(sent, b"28 Jan 26 18:20:00 +0000")).published
    assert str(short) == "2026-01-28 18:20:00+00:00"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "windows-1250"])
@pytest.mark.parametrize("text", [ROMANIAN, SLOVENE])
def test_old_encodings_are_known_in_every_format_of_text(tmp_path: Path, text: str, encoding: str) -> None:
    rows = [f'id,text\n1,"{text}"\n', json.dumps({"text": text}, ensure_ascii=False)]
    page_ = f"<html><body><article><p>{text}</p></article></body></html>"
    for name, content in zip(("a.txt", "a.csv", "a.jsonl", "a.html"), [text, *rows, page_], strict=True):
        assert read(tmp_path / name, content.encode(encoding)).text == text


NAMES = ("\u202egpj.txt", "a\u200bb.txt", "\u0627\u0644\u062e\u0628\u0631.txt", "\x1b[31mred.txt")


def test_names_that_turn_or_hide_are_told_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"{SLOVENE} {name}", "utf-8")
        (folder / f"bad{name}").write_bytes(b"")
    place = ["--index", str(tmp_path / "index")]
    assert main(["index", str(folder), *place]) == 0
    report = capsys.readouterr().err
    assert main(["info", "--failures", *place]) == 0
    for told in (report, capsys.readouterr().out):
        assert not {"\u202e", "\u200b", "\x1b"} & set(told)
        for escaped in (
            "bad\\u202egpj.txt",
            "bada\\u200bb.txt",
            "bad\u0627\u0644\u062e\u0628\u0631.txt",
            "bad\\x1b[31mred.txt",
        ):
            assert f"{escaped}: '" in told
    assert main(["ask", "Kje bodo podpisali jamstva?", *place]) == 0
    assert "\x1b" not in capsys.readouterr().out
    with Index.open(tmp_path / "index") as index:
        assert sorted(info.id for info in index.documents()) == sorted(NAMES)
    (row,), _ = parts(
        tmp_path / "t.jsonl", json.dumps({"text": SLOVENE, "title": "Na\u200bslov \u202eclanka"}).encode()
    )
    assert row.title == "Naslov clanka"


def fill(folder: Path) -> None:
    """Write a file of every shape there is, whole and broken."""
    folder.mkdir()
    files: dict[str, bytes | str] = {
        "notes.md": PARAGRAPHS[0], "mixed.txt": f"{PARAGRAPHS[0]}\r\n\r{PARAGRAPHS[1]}\n\r\n{PARAGRAPHS[2]}\u2028",
        "wide.txt": SLOVENE.encode("utf-16-le"), "ro.txt": ROMANIAN.encode("windows-1250"),
        "sl.txt": SLOVENE.encode("windows-1250"), "page.html": page(), "word.docx": make_docx(), "open.odt": make_odt(),
        "book.epub": make_epub(), "rich.rtf": make_rtf(), "letter.eml": make_mail(), "table.csv": ROWS,
        "rows.parquet": make_parquet({"id": ["31"], "text": ["Občina Bovec je popravila most čez Sočo pri Čezsoči."]}),
        "lines.jsonl": "\n".join(json.dumps({"id": "x", "text": t, "date": "0000-01-01"}) for t in PARAGRAPHS[:2]),
        "saved.mhtml": make_mail("html"), "crawl.warc": three(), "crawl.warc.zst": b"".join(map(compress, records())),
        "packed.txt.gz": gzip.compress(SLOVENE.encode()), "columns.tsv": "id\ttext\n21\tPošta v Kobaridu odslej odpira ob sedmih.\n",
        "paper.pdf": make_pdf([FIRST, SECOND]), "archive.zip": zipped({"../../up.txt": PARAGRAPHS[1], "/etc/x.txt": SLOVENE}),
        "archive.tar": tarred({"member.txt": PARAGRAPHS[2].encode()}), "\u202etxt.txt": "Rimljani so gradili ceste.",
        "cut.pdf": make_pdf([FIRST])[:150], "secret.pdf": make_pdf([FIRST], password="x"),
        "long.pdf": make_pdf([SECOND]).replace(b"[4 0 R]", b"[" + b"4 0 R " * 10_000 + b"]"), "bomb.zip": zipped({f"{n}.txt": bytes(19_000_000) for n in range(11)}),
        "bomb.odt": make_odt(f"{BOMB}]>", "&j;"), "deep.html": "<html><body>" + "<div>" * 100_000 + "<p>x",
        "empty.txt": b"", "picture.jpg": b"\xff\xd8\xff\xe0", "two.docx": make_docx()[:900],
    }  # fmt: skip
    for name, data in files.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    with (folder / "huge.txt").open("wb") as stream:
        stream.truncate(2_000_000_000)
    os.mkfifo(folder / "pipe.txt")
    (folder / "device.txt").symlink_to("/dev/zero")
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")


def rag(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
def test_a_folder_of_all_shapes_is_indexed_and_cited(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    fill(folder)
    done = rag("index", folder, "--index", tmp_path / "index", "--json")
    report = json.loads(done.stdout)
    assert sorted(report["added"]) == sorted([
        "archive.tar#member.txt", "archive.zip#../../up.txt", "archive.zip#/etc/x.txt", "book.epub", "letter.eml",
        "lines.jsonl#x", "mixed.txt", "notes.md", "open.odt", "page.html", "paper.pdf", "rich.rtf", "ro.txt", "sl.txt",
        "table.csv#17", "table.csv#18", "wide.txt", "word.docx", "\u202etxt.txt", "columns.tsv#21",
        "packed.txt.gz", "rows.parquet#31", "saved.mhtml",
        *(f"{crawl}#https://gazeta.si/{page}" for crawl in ("crawl.warc", "crawl.warc.zst") for page in ("a?x=1", "b", "c")),
    ])  # fmt: skip
    reasons = {failure["source"]: failure["message"] for failure in report["failed"]}
    expected = {
        "bomb.odt": "is a damaged or hostile OpenDocument text (EntitiesForbidden)",
        "bomb.zip": "unpacks to more than the limit of 200,000,000 bytes", "cut.pdf": "is a damaged PDF",
        "deep.html": "holds no article text", "device.txt": "is not a regular file", "empty.txt": "is empty (0 bytes)",
        "huge.txt": "has 2,000,000,000 bytes, more than the limit of 20,000,000",
        "lines.jsonl": "1 of its parts cannot be read", "long.pdf": "has 10,000 pages, more than the limit of 2,000",
        "picture.jpg": "is a picture, not text", "pipe.txt": "is not a regular file",
        "secret.pdf": "is an encrypted PDF", "self.txt": "Too many levels of symbolic links",
        "two.docx": "is a damaged archive or office document",
    }  # fmt: skip
    assert set(reasons) == set(expected)
    assert {name for name, part in expected.items() if part not in reasons[name]} == set()
    lines = done.stderr.splitlines()
    assert len(lines) == len(expected)
    assert all(line.startswith("rag: not read: ") for line in lines)

    place = ("--index", tmp_path / "index", "--json")
    paper = json.loads(rag("ask", "What did the opposition demand?", *place).stdout)
    assert (paper["quotes"][0]["citation"]["document_id"], paper["quotes"][0]["citation"]["page"]) == ("paper.pdf", 2)
    row = json.loads(rag("ask", "Zakaj je zaprt prelaz Vršič?", *place).stdout)
    assert row["quotes"][0]["citation"]["document_id"] == "table.csv#17"
    with Index.open(tmp_path / "index") as index:
        assert index.verify() == []
        assert index.document("mixed.txt").text == f"{PARAGRAPHS[0]}\r\n\r{PARAGRAPHS[1]}\n\r\n{PARAGRAPHS[2]}\u2028"
        assert [index.document(id_).text for id_ in ("ro.txt", "sl.txt", "wide.txt")] == [ROMANIAN, SLOVENE, SLOVENE]
    again = rag("index", folder, "--index", tmp_path / "index", "--json")
    assert (json.loads(again.stdout)["added"], len(json.loads(again.stdout)["failed"])) == ([], len(expected))
