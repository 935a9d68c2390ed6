"""Which files a folder of articles holds."""

import hashlib
import os
from pathlib import Path

import pytest

from rag.errors import CorpusError, ReadError
from rag.indexing.folder import list_files
from rag.readers.source_file import file_digest, printable


def _ids(folder: Path) -> list[str]:
    return [file.id for file in list_files(folder)]


def test_files_come_sorted_with_relative_ids(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.txt").write_text("22")
    (tmp_path / "a.txt").write_text("1")
    (tmp_path / "č.md").write_text("333")
    files = list_files(tmp_path)
    assert [(file.id, file.size) for file in files] == [("a.txt", 1), ("b/two.txt", 2), ("č.md", 4 - 1)]
    assert files[0].path == tmp_path / "a.txt"
    assert files[0].mtime_ns == (tmp_path / "a.txt").stat().st_mtime_ns


def test_hidden_files_and_files_about_the_corpus_are_left_out(tmp_path: Path) -> None:
    for name in (".hidden.txt", "README.md", "readme", "LICENSE", "Licence.txt", "readings.txt", "license-plates.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_text("x")
    assert _ids(tmp_path) == ["license-plates.txt", "readings.txt"]


def test_the_five_articles_without_their_readme() -> None:
    seeds = Path(__file__).parent.parent / "seeds"
    assert [id_[:3] for id_ in _ids(seeds)] == ["000", "001", "002", "003", "004"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("x")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "self").symlink_to(tmp_path / "in" / "self")
    assert _ids(tmp_path) == ["in/a.txt", "in/self"]


def test_pipes_and_broken_links_are_listed_so_that_they_are_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert [(file.id, file.size) for file in list_files(tmp_path)] == [("gone.txt", 0), ("pipe.txt", 0)]


def test_a_name_that_is_no_unicode_gets_an_id_that_is(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/s\xeatre.txt", "w", encoding="ascii") as stream:  # noqa: PTH123
        stream.write("x")
    assert _ids(tmp_path) == ["s\\xeatre.txt"]


def test_a_missing_folder_and_a_file_are_errors_with_the_next_command(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as missing:
        list_files(tmp_path / "no")
    expected = f"There is no folder at '{tmp_path}/no'. Give the one that holds the articles: rag index FOLDER"
    assert str(missing.value) == expected
    (tmp_path / "a\nb.txt").write_text("x")
    with pytest.raises(CorpusError) as file:
        list_files(tmp_path / "a\nb.txt")
    expected = f"'{tmp_path}/a\\nb.txt' is a file, not a folder. Give the folder that holds it: rag index FOLDER"
    assert str(file.value) == expected


def test_an_empty_folder_is_an_empty_corpus(tmp_path: Path) -> None:
    assert list_files(tmp_path) == []


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\x00pace")
    assert file_digest(tmp_path / "a.txt", 100) == hashlib.sha256(b"\xff\x00pace").hexdigest()
    with pytest.raises(ReadError, match=r"b\.txt' no longer exists\. Index again, or put it back"):
        file_digest(tmp_path / "b.txt", 100)


def test_printable_names_are_one_line() -> None:
    assert printable("a\nb\t\u202eč\udcea") == "a\\nb\\t\\u202eč\\udcea"
