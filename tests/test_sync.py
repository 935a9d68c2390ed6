"""Sync makes the index equal to a folder, whatever happens to the files, and loses nothing on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import SEEDS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import CorpusError, Index, IndexLocked, Settings
from rag.indexing.folder import list_files

ROOT = Path(__file__).parent.parent


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    shutil.copytree(SEEDS, folder)
    return folder


def names(report: object) -> dict[str, list[str]]:
    groups = ("added", "changed", "removed", "unchanged")
    return {name: [id_[:3] for id_ in sorted(getattr(report, name))] for name in groups if getattr(report, name)}


def article(topic: str, number: int) -> str:
    return f"Titlul despre {topic} numărul {number}\n\nMinistrul a vorbit despre {topic}. Au fost {number} întrebări.\n"


def test_added_changed_removed_unchanged(corpus: Path, tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        assert names(index.sync(corpus)) == {"added": ["000", "001", "002", "003", "004"]}
        assert names(index.sync(corpus)) == {"unchanged": ["000", "001", "002", "003", "004"]}
        (corpus / "000_49a346e2707c7533.txt").unlink()
        (corpus / "sub").mkdir()
        (corpus / "sub" / "101.txt").write_text(article("vulcani", 1), "utf-8")
        changed = corpus / "002_aade9f3352086e29.txt"
        changed.write_text(article("furtuni", 2), "utf-8")
        os.utime(corpus / "001_cca8ae2506ca1769.txt")  # touched, not changed
        report = index.sync(corpus)
        assert names(report) == {
            "added": ["sub"], "changed": ["002"], "removed": ["000"], "unchanged": ["001", "003", "004"],
        }  # fmt: skip
        assert index.retrieve("vulcani", k=1)[0].document.id == "sub/101.txt"
        assert index.retrieve("furtuni", k=1)[0].document.id == "002_aade9f3352086e29.txt"
        assert all(hit.document.id[:3] != "000" for hit in index.retrieve("Iran Witkoff Kushner Moscova", k=50))
        assert index.verify() == []


def test_files_that_cannot_be_read_are_named_and_the_rest_goes_on(corpus: Path, tmp_path: Path) -> None:
    (corpus / "empty.txt").write_bytes(b"")
    (corpus / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (corpus / "large.txt").write_bytes(b"a " * 25_000_000)
    (corpus / "two\nlines.txt").write_bytes(b"")
    (corpus / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with Index.create(tmp_path / "index") as index:
        report = index.sync(corpus)
        assert len(report.added) == 5
        reasons = {failure.source: failure.message() for failure in report.failed}
        assert set(reasons) == {"empty.txt", "binary.txt", "large.txt", "two\nlines.txt", "picture.jpg"}
        assert "0 bytes" in reasons["empty.txt"]
        assert "50,000,000 bytes" in reasons["large.txt"]
        assert "is a picture" in reasons["picture.jpg"]
        assert all("\n" not in reason for reason in reasons.values())
        assert {failure.source for failure in index.failures()} == set(reasons)
        again = index.sync(corpus)
        assert {failure.source for failure in again.failed} == set(reasons)
        assert len(again.unchanged) == 5
        (corpus / "empty.txt").write_text(article("cutremure", 3), "utf-8")
        assert index.sync(corpus).added == ("empty.txt",)
        assert "empty.txt" not in {failure.source for failure in index.failures()}


def test_a_file_that_goes_bad_keeps_what_was_read_from_it(corpus: Path, tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        index.sync(corpus)
        (corpus / "003_569c59af60f09498.txt").write_bytes(b"\x00\x01\x02" * 100)
        report = index.sync(corpus)
        assert [failure.source for failure in report.failed] == ["003_569c59af60f09498.txt"]
        assert index.document("003_569c59af60f09498.txt").text.startswith("Prima pagină")


def test_a_wrong_folder_does_not_empty_the_index(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Index.create(tmp_path / "index") as index:
        with pytest.raises(CorpusError, match="holds no articles; nothing was indexed"):
            index.sync(tmp_path / "empty")
        index.sync(corpus)
        with pytest.raises(CorpusError, match="holds no articles; the index holds 5 files and was not changed"):
            index.sync(tmp_path / "empty")
        with pytest.raises(CorpusError, match="There is no folder at"):
            index.sync(tmp_path / "missing")
        with pytest.raises(CorpusError, match="is a file, not a folder"):
            index.sync(corpus / "000_49a346e2707c7533.txt")
        assert index.info()["documents"] == 5


def test_a_second_writer_is_refused_and_readers_go_on(corpus: Path, tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        index.sync(corpus)
        code = (
            "import sys, rag\n"
            "index = rag.Index.open(sys.argv[1])\n"
            "with index._store.writing():\n"
            "    print('held', flush=True)\n"
            "    sys.stdin.readline()\n"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "index")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as holder:
            assert holder.stdout is not None and holder.stdin is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(IndexLocked, match=rf"process {holder.pid}"):
                index.sync(corpus)
            assert index.retrieve("Kremlin", k=1)
            holder.stdin.write("\n")
            holder.stdin.close()
        assert len(index.sync(corpus).unchanged) == 5


_TOPICS = st.dictionaries(
    st.sampled_from([f"{n}.txt" for n in range(6)]),
    st.tuples(st.sampled_from(["vulcani", "trenuri", "mere"]), st.integers(0, 3)),
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(_TOPICS, min_size=1, max_size=4))
def test_any_history_of_a_folder_ends_equal_to_building_anew(
    states: list[dict[str, tuple[str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = tmp_path_factory.mktemp("history")
    folder = base / "corpus"
    folder.mkdir()
    with Index.create(base / "grown", settings=Settings(workers=0)) as grown:
        for state in states:
            for path in folder.iterdir():
                path.unlink()
            for name, (topic, number) in state.items():
                (folder / name).write_text(article(topic, number), "utf-8")
            (folder / "always.txt").write_text(article("drumuri", 9), "utf-8")
            grown.sync(folder)
        with Index.create(base / "fresh", settings=Settings(workers=0)) as fresh:
            fresh.sync(folder)
            for question in ("vulcani", "Despre ce a vorbit ministrul?", "train stations"):
                ours, theirs = found(grown, question), found(fresh, question)
                assert list(ours) == list(theirs)
                assert list(ours.values()) == pytest.approx(list(theirs.values()), abs=5e-6)  # sums in another order
        assert grown.verify() == []


def found(index: Index, question: str) -> dict[tuple[str, int, int], float]:
    hits = index.retrieve(question, k=20, collapse=False)
    return dict(sorted(((hit.document.id, hit.passage.start, hit.passage.end), hit.score) for hit in hits))


def test_killed_at_any_moment_the_index_opens_and_the_next_sync_completes_it(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(200):
        topic = ("vulcani", "trenuri", "mere", "poduri")[number % 4]
        (folder / f"{number:03}.txt").write_text(article(topic, number) * 3, "utf-8")
    index_path = tmp_path / "index"
    Index.create(index_path).close()
    code = "import sys, rag\nindex = rag.Index.open(sys.argv[1])\nprint('go', flush=True)\nindex.sync(sys.argv[2])\n"
    counts = []
    for attempt in range(8):
        command = [sys.executable, "-c", code, str(index_path), str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.15 * (attempt + 1))
            process.send_signal(signal.SIGKILL)
        with Index.open(index_path) as index:
            assert index.verify() == []
            counts.append(index.info()["documents"])
    assert counts == sorted(counts)
    with Index.open(index_path) as index:
        report = index.sync(folder)
        assert len(report.added) + len(report.unchanged) == 200
        assert index.info()["documents"] == 200
        assert index.verify() == []


def test_what_programs_leave_beside_documents_is_no_article(corpus: Path) -> None:
    before = {file.id for file in list_files(corpus)}
    for name in ("Firma.html", "Note-2.htm", "Firma_files/ad.html", "Firma_files/main.js", "Note-2-Dateien/a.htm"):
        (corpus / name).parent.mkdir(exist_ok=True)
        (corpus / name).write_text("<p>x", "utf-8")
    for name in ("~$Nota.docx", "Thumbs.db", "desktop.ini", "Other_files/story.txt"):
        (corpus / name).parent.mkdir(exist_ok=True)
        (corpus / name).write_text("x", "utf-8")
    assert {file.id for file in list_files(corpus)} - before == {"Firma.html", "Note-2.htm", "Other_files/story.txt"}
