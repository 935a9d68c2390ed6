"""Columns that whoever indexes names, and what `rag index --explain` prints of one file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from rag import Index, Settings, SettingsError
from rag.cli.commands import main

_TEXT = "Cesta pri Gori je zaprta; plaz jo je zasul v sredo zjutraj in jo bodo očistili do petka."
_TABLE = f'kaj,kdaj,kdo\n"{_TEXT}",3. 2. 2026,Ana Zupan\n'


def test_columns_are_named_where_they_are_not_known(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "t.csv").write_text(_TABLE, "utf-8")
    (folder / "t.jsonl").write_text(json.dumps({"kaj": _TEXT, "kdaj": "3. 2. 2026"}) + "\n", "utf-8")
    place = tmp_path / "index"
    with Index.create(place) as index:
        report = index.sync(folder)
        assert report.added == ()
        assert {failure.source for failure in report.failed} == {"t.csv", "t.jsonl"}
    settings = Settings.load(columns="text=kaj, published=kdaj,author=kdo", index=place)
    with Index.open(settings=settings) as index:
        report = index.sync(folder)  # the files have not changed, and are read all the same
        assert (report.added, report.failed) == (("t.csv#1", "t.jsonl#1"), ())
        document = index.document("t.csv#1")
        assert (document.text, document.published, document.author) == (_TEXT, date(2026, 2, 3), "Ana Zupan")


def test_a_column_that_is_not_there_and_a_field_that_is_none_are_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--columns has 'tekst=kaj'\. Write FIELD=NAME, with a field of id, text"):
        Settings.load(columns="tekst=kaj")
    path = tmp_path / "t.csv"
    path.write_text(_TABLE, "utf-8")
    reading = Index.explain_file(path, settings=Settings.load(columns="text=kam"))
    assert reading.documents == ()
    assert "has no column 'kam' (columns: kaj, kdaj, kdo)" in reading.failures[0].message()


def test_what_would_be_read_of_a_file_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(f"---\ntitle: Plaz\nauthor: Ana Zupan\n---\n{_TEXT}\n".encode("windows-1250"))
    assert main(["index", "--explain", str(path)]) == 0
    shown = capsys.readouterr().out
    for line in (
        "kind: text",
        "encoding: windows-1250",
        "document: a.md",
        "title: Plaz  [meta]",
        "author: Ana Zupan  [meta]",
    ):
        assert line in shown
    assert f"⟧{_TEXT}" in shown.replace("\n", "")
    assert main(["index", "--explain", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["documents"][0]["title"], told["failures"]) == ("text", "Plaz", [])
    assert main(["index", "--explain", str(tmp_path / "gone.txt")]) == 1
    assert "no longer exists" in capsys.readouterr().out
