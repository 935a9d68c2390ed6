"""Tables and archives: many articles in one file, of which one that cannot be read does not lose the others."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import PARAGRAPHS, error, fuzz, make_parquet, page, parts, zipped

from rag import Index

CSV = f"""id;Headline;body;date;source;lang;url
a;Nov zakon;"{PARAGRAPHS[0]}
{PARAGRAPHS[1]}";2026-01-28;Gazeta;sl-SI;https://gazeta.si/a
b;Prazno;;2026-01-28;;;
a;Drugič;{PARAGRAPHS[2]};;;;
;Brez ključa;{PARAGRAPHS[2]};pred dvema urama;;;
"""


def tarred(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return stream.getvalue()


def test_one_row_is_one_article(tmp_path: Path) -> None:
    documents, failures = parts(tmp_path / "t.csv", CSV.encode("utf-8-sig"))
    assert [d.id for d in documents] == ["t.csv#a", "t.csv#4"]
    first = documents[0]
    assert first.text == f"{PARAGRAPHS[0]}\n{PARAGRAPHS[1]}"
    assert (first.title, first.outlet, first.published, first.language) == (
        "Nov zakon",
        "Gazeta",
        date(2026, 1, 28),
        "sl",
    )
    assert (first.source, first.evidence["published"]) == ("https://gazeta.si/a", "meta")
    assert documents[1].published is None
    assert [(f.source, f.message().replace(f"{tmp_path}/", "")) for f in failures] == [
        ("t.csv#b", "'t.csv#b' has no text (row 2). Remove it, or name its column text"),
        ("t.csv#a@3", "'t.csv#a@3' repeats the key of an earlier row (row 3). Give it a key of its own"),
    ]


def test_a_table_without_a_column_for_the_text(tmp_path: Path) -> None:
    assert error(tmp_path / "t.csv", b"id,name\n1,x\n") == (
        "'t.csv' has no column for the text (columns: id, name). Name it: rag index FOLDER --columns text=NAME"
    )


def test_json_lines_with_a_damaged_line(tmp_path: Path) -> None:
    rows = [{"id": n, "title": f"Naslov {n}", "text": text} for n, text in enumerate(PARAGRAPHS)]
    lines = [json.dumps(row) for row in rows]
    lines[1] = lines[1][:-9]
    documents, failures = parts(tmp_path / "t.jsonl", "\n".join([*lines, "7", "[" * 100_000]).encode())
    assert [d.id for d in documents] == ["t.jsonl#0", "t.jsonl#2"]
    assert [f.source for f in failures] == ["t.jsonl#2", "t.jsonl#4", "t.jsonl#5"]
    assert "is not JSON. Repair that line" in failures[0].message()
    assert "is not a JSON object" in failures[1].message()


def test_parquet(tmp_path: Path) -> None:
    data = make_parquet({"id": ["a", "b"], "content": [PARAGRAPHS[0], None], "date": [date(2026, 1, 28), None]})
    documents, failures = parts(tmp_path / "t.parquet", data)
    assert [(d.id, d.text, d.published) for d in documents] == [("t.parquet#a", PARAGRAPHS[0], date(2026, 1, 28))]
    assert [f.source for f in failures] == ["t.parquet#b"]
    assert "is a damaged Parquet file" in error(tmp_path / "t.parquet", data[:-20])


@pytest.mark.parametrize("make", [zipped, tarred, lambda members: gzip.compress(tarred(members))])
def test_members_are_read_by_what_they_are(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    text = PARAGRAPHS[0].encode()
    members = {
        "x/a.txt": text, "b.bin": page(), "rows.csv": f"id,text\n1,{PARAGRAPHS[2]}\n2,\n".encode(),
        "picture.jpg": b"\xff\xd8\xff\xe0", "../up.txt": text, "empty.txt": b"", "inner.zip": zipped({"c.txt": text}),
        "__MACOSX/a.txt": b"\0", ".hidden": b"\0",
    }  # fmt: skip
    documents, failures = parts(tmp_path / "z", make(members))
    assert [d.id for d in documents] == ["z#x/a.txt", "z#b.bin", "z#rows.csv#1", "z#../up.txt", "z#inner.zip#c.txt"]
    assert documents[0].text == PARAGRAPHS[0]
    assert [f.source for f in failures] == ["z#rows.csv#2", "z#picture.jpg", "z#empty.txt"]
    assert not (tmp_path.parent / "up.txt").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_are_all_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for text in PARAGRAPHS[:2]:
            archive.writestr("a.txt", text)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as packed:
        for text in PARAGRAPHS[:2]:
            member = tarfile.TarInfo("a.txt")
            member.size = len(text.encode())
            packed.addfile(member, io.BytesIO(text.encode()))
    for data in (stream.getvalue(), tar.getvalue()):
        documents, failures = parts(tmp_path / "z", data)
        assert [(d.id, d.text) for d in documents] == [("z#a.txt", PARAGRAPHS[0]), ("z#a.txt@2", PARAGRAPHS[1])]
        assert failures == []


def test_one_gzipped_file_is_read_as_itself(tmp_path: Path) -> None:
    documents, _ = parts(tmp_path / "a.txt.gz", gzip.compress(PARAGRAPHS[0].encode()))
    assert [(d.id, d.text) for d in documents] == [("a.txt.gz", PARAGRAPHS[0])]
    members = b"".join(gzip.compress(f"{text}\n".encode()) for text in PARAGRAPHS)
    documents, _ = parts(tmp_path / "a.txt.gz", members + bytes(100))
    assert [d.text for d in documents] == ["".join(f"{text}\n" for text in PARAGRAPHS)]
    assert "is compressed, and damaged or cut short. Fetch it again" in error(tmp_path / "a.gz", members + b"rest")


def test_bombs_and_nesting_are_bounded(tmp_path: Path) -> None:
    many = zipped({f"{n}.txt": b" " * 900_000 for n in range(12)})
    assert "unpacks to more than the limit of 10,000,000 bytes" in error(tmp_path / "a.zip", many, max_bytes=1_000_000)
    _, failures = parts(tmp_path / "a.zip", zipped({"a.txt": b" " * 1_000_001}), max_bytes=1_000_000)
    assert "has more than 1,000,000 bytes" in failures[0].message()
    bomb = gzip.compress(b" " * 11_000_000)
    assert "unpacks to more than the limit" in error(tmp_path / "a.gz", bomb, max_bytes=1_000_000)
    nested = PARAGRAPHS[0].encode()
    for depth in range(4):
        nested = zipped({f"{depth}.zip" if depth else "a.txt": nested})
    documents, failures = parts(tmp_path / "a.zip", nested)
    assert documents == []
    assert "lies inside 2 archives already. Unpack the outer ones" in failures[0].message()
    assert "is compressed, and damaged or cut short" in error(tmp_path / "a.gz", bomb[:200])


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.gz", "a.csv", "a.jsonl", "a.parquet"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))
def test_any_damage_gives_parts_or_one_line(tmp_path: Path, name: str, damage: list[tuple[int, bytes]]) -> None:
    members = {"a.txt": PARAGRAPHS[0].encode(), "b.html": page()}
    samples = {
        "a.zip": zipped({**members}), "a.tar": tarred(members), "a.gz": gzip.compress(PARAGRAPHS[0].encode()),
        "a.csv": CSV.encode(), "a.jsonl": (json.dumps({"text": PARAGRAPHS[0]}) + "\n").encode() * 3,
        "a.parquet": b"PAR1" + bytes(3000) + b"PAR1",
    }  # fmt: skip
    data = bytearray(samples[name])
    for at, value in damage:
        at = 3 + at % len(data)
        data[at : at + len(value)] = value
    fuzz(tmp_path / name, bytes(data))


def test_a_member_without_a_name_is_no_error_of_the_program(tmp_path: Path) -> None:
    data = zipped({"a.txt": PARAGRAPHS[0]})
    at = data.rindex(b"a.txt")
    fuzz(tmp_path / "a.zip", data[:at] + b"\0.txt" + data[at + 5 :])  # a name ends at its first null
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [""]


def test_a_row_that_goes_bad_keeps_what_was_indexed_and_loses_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    rows = [f"{n},{text.replace(',', '')}" for n, text in enumerate(PARAGRAPHS)]
    (folder / "t.csv").write_text("\n".join(["id,text", *rows]), "utf-8")
    with Index.create(tmp_path / "index") as index:
        assert index.sync(folder).added == ("t.csv#0", "t.csv#1", "t.csv#2")
        (folder / "t.csv").write_text("\n".join(["id,text", "0,", rows[1]]), "utf-8")
        report = index.sync(folder)
        assert (report.changed, report.removed) == (("t.csv#1",), ("t.csv#2",))
        assert [failure.source for failure in report.failed] == ["t.csv"]
        assert report.failed[0].message().startswith("1 of its parts cannot be read: ")
        assert "#0' has no text (row 1). Remove it" in report.failed[0].message()
        again = index.sync(folder)
        assert (sorted(again.unchanged), again.failed) == (["t.csv#0", "t.csv#1"], report.failed)
        hit = index.retrieve("Kaj je zavrnila opozicija?", k=1)[0]
        assert (hit.citation.document_id, index.quote(hit.citation)) == ("t.csv#1", hit.passage.text)
