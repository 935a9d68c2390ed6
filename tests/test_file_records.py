"""What the index knows of files agrees with the documents it holds of them, whoever changed those and however it ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag import Document, Index, Settings
from rag.server.corpus_trash import PREFIX, Removed, Trash

ROOT = Path(__file__).parent.parent
TEXT = "Le phare de Gênes a été reconstruit en 1543 par la république, selon son gardien."
ROWS = "id,text\n1,Vršič ostane zaprt do konca marca.\n2,Na Hrvaškem raste cena jagod.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "corpus"
    place.mkdir()
    (place / "a.txt").write_text(TEXT, "utf-8")
    (place / "rows.csv").write_text(ROWS, "utf-8")
    return place


def ids(index: Index) -> list[str]:
    return [info.id for info in index.documents()]


def made(tmp_path: Path, folder: Path) -> Index:
    index = Index.create(tmp_path / "index", settings=Settings(workers=0))
    index.sync(folder)
    return index


def test_what_is_removed_comes_back_while_its_file_is_there(tmp_path: Path, folder: Path) -> None:
    with made(tmp_path, folder) as index:
        everything = ["a.txt", "rows.csv#1", "rows.csv#2"]
        assert ids(index) == everything
        index.remove(["a.txt", "rows.csv#2"])
        assert ids(index) == ["rows.csv#1"]
        assert index.sync(folder).added == ("a.txt", "rows.csv#2")
        assert ids(index) == everything and index.verify() == []
        index.remove(["a.txt"])
        (folder / "a.txt").unlink()
        assert index.sync(folder).added == ()
        assert ids(index) == everything[1:]


def test_what_a_program_put_in_the_place_of_a_file_is_read_from_the_file_again(tmp_path: Path, folder: Path) -> None:
    with made(tmp_path, folder) as index:
        index.add([Document(id="a.txt", text="Something else stands here now.")])
        assert index.document("a.txt").text == "Something else stands here now."
        report = index.sync(folder)
        assert "a.txt" in (*report.added, *report.changed)
        assert index.document("a.txt").text == TEXT
        assert index.sync(folder).unchanged == ("a.txt", "rows.csv#1", "rows.csv#2")


def test_a_removal_that_is_killed_before_the_file_goes_loses_nothing(tmp_path: Path, folder: Path) -> None:
    made(tmp_path, folder).close()
    code = (
        "import os, signal, sys, pathlib\nfrom rag import Index\nfrom rag.server.corpus_changes import Changes\n"
        "index = Index.open(sys.argv[1])\n"
        "pathlib.Path.rename = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "changes = Changes(index, pathlib.Path(sys.argv[2]))\n"
        "changes.remove({'a.txt': index.document('a.txt').sha256})\n"
        "changes.stop(300)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "index", folder], cwd=ROOT, timeout=300, check=False)
    assert done.returncode == -9
    with Index.open(tmp_path / "index", settings=Settings(workers=0)) as index:
        assert ids(index) == ["rows.csv#1", "rows.csv#2"] and (folder / "a.txt").exists()
        assert index.sync(folder).added == ("a.txt",)
        assert index.document("a.txt").text == TEXT and index.verify() == []


def test_what_a_killed_server_removed_is_deleted_by_a_later_one(folder: Path) -> None:
    earlier, later = Trash(folder), Removed(ids=["a.txt"], files=["a.txt"])
    earlier.take(later)
    (place,) = folder.glob(f"{PREFIX}*")
    assert (place / "a.txt").is_file()
    Trash(folder)
    assert place.exists()  # the time in which it can be put back is not over
    os.utime(place, (0, 0))
    Trash(folder)
    assert not place.exists()
    earlier.empty()
