"""What of a folder is indexed, what would be, what only moved, and what Ctrl-C leaves."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest

from rag import CorpusError, Index, IndexLocked, SyncReport
from rag.cli.commands import main
from rag.indexing import watcher

ROOT = Path(__file__).parent.parent


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Titlul {name}\n\nMinistrul a vorbit luni despre {name} și despre bugetul țării.\n", "utf-8")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write(tmp_path / "corpus", "a.txt", "b.md", "old/c.txt", "old/d.txt")
    return tmp_path / "corpus"


def test_a_dry_run_reports_and_writes_nothing(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "index")
    assert main(["index", str(corpus), "--index", place, "--dry-run"]) == 0
    assert "4 added" in capsys.readouterr().out
    assert not Path(place).exists()
    assert main(["index", str(corpus), "--index", place]) == 0
    (corpus / "a.txt").unlink()
    (corpus / "b.md").write_text("Alt text, cu totul altul, despre vulcani.", "utf-8")
    (corpus / "old").rename(corpus / "new")
    (corpus / "empty.txt").write_bytes(b"")
    write(corpus, "e.txt")
    with Index.open(place) as index:
        before = index._store.generation
        planned = index.sync(corpus, dry_run=True)
        assert index._store.generation == before
        assert [info.id for info in index.documents()] == ["a.txt", "b.md", "old/c.txt", "old/d.txt"]
        assert (planned.added, planned.changed, planned.removed) == (("e.txt",), ("b.md",), ("a.txt",))
        assert planned.moved == (("old/c.txt", "new/c.txt"), ("old/d.txt", "new/d.txt"))
        assert [failure.source for failure in planned.failed] == ["empty.txt"]
        done = index.sync(corpus)
        assert (done.added, done.changed, done.removed) == (planned.added, planned.changed, planned.removed)
        assert (done.moved, done.failed) == (planned.moved, planned.failed)


def test_moved_files_are_not_encoded_again(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Index.create(tmp_path / "index") as index, Index.create(tmp_path / "fresh") as fresh:
        index.sync(corpus)
        (corpus / "old").rename(corpus / "new")
        (corpus / "b.md").rename(corpus / "b2.md")
        with monkeypatch.context() as patch:
            encoded: list[str] = []
            encode = index.encoder.encode_passages

            def counting(texts: Sequence[str], **options: object) -> object:
                encoded.extend(texts)
                return encode(texts)

            patch.setattr(index.encoder, "encode_passages", counting)
            report = index.sync(corpus)
        assert encoded == []
        assert sorted(report.moved) == [("b.md", "b2.md"), ("old/c.txt", "new/c.txt"), ("old/d.txt", "new/d.txt")]
        assert (report.added, report.removed, report.unchanged) == ((), (), ("a.txt",))
        assert "3 moved" in str(report)
        fresh.sync(corpus)
        assert index.documents() == fresh.documents()
        for question in ("ministrul buget", "vorbit despre c.txt"):
            assert [(hit.document.id, round(hit.score, 5)) for hit in index.retrieve(question, 9, collapse=False)] == [
                (hit.document.id, round(hit.score, 5)) for hit in fresh.retrieve(question, 9, collapse=False)
            ]
        assert index.verify() == []
        assert sorted(index.sync(corpus).unchanged) == ["a.txt", "b2.md", "new/c.txt", "new/d.txt"]


def test_include_and_exclude_choose_files(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Index.create(tmp_path / "index") as index:
        assert index.sync(corpus, include=["*.txt"]).added == ("a.txt", "old/c.txt", "old/d.txt")
        report = index.sync(corpus, include=["*.txt", "*.md"], exclude=["old/", "/a.txt"])
        assert (report.added, report.removed) == (("b.md",), ("a.txt", "old/c.txt", "old/d.txt"))
        with pytest.raises(CorpusError, match=r"None of 4 files is selected by --include \*\.pdf; .*"):
            index.sync(corpus, include=["*.pdf"])
        with pytest.raises(
            CorpusError, match=r"--exclude: Invalid git pattern: '!'\. Write patterns as in \.gitignore"
        ):
            index.sync(corpus, exclude=["!"])
        assert [info.id for info in index.documents()] == ["b.md"]
    arguments = [
        "index",
        str(corpus),
        "--index",
        str(tmp_path / "index"),
        "--include",
        "a.*",
        "--include",
        "b.*",
        "--json",
    ]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["added"] == ["a.txt"]


def test_failures_are_listed(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "index")
    assert main(["index", str(corpus), "--index", place]) == 0
    capsys.readouterr()
    assert main(["info", "--failures", "--index", place]) == 0
    assert capsys.readouterr().out == "every file was read\n"
    (corpus / "bad\n.txt").write_bytes(b"")
    assert main(["index", str(corpus), "--index", place]) == 0
    capsys.readouterr()
    assert main(["info", "--failures", "--index", place]) == 0
    out = capsys.readouterr().out
    assert out.startswith("bad .txt: ") and out.count("\n") == 1 and "0 bytes" in out
    assert main(["info", "--index", place]) == 0
    assert "1 (which and why: rag info --failures)" in capsys.readouterr().out


SLOW = (
    "import sys, time\nfrom rag.indexing import sync\nfrom rag.readers import outcome\nfrom rag.cli.commands import main\nsync._BATCH = 2\nread = outcome.read_file\n"
    "def slow(*a, **k):\n    print('read', file=sys.stderr, flush=True)\n    time.sleep(0.2)\n    return read(*a, **k)\n"
    "outcome.read_file = slow\nsys.exit(main(sys.argv[1:]))\n"
)


def stopped(signal_: signal.Signals, *arguments: str) -> tuple[int, str]:
    """Run `rag`, reading slowly, two files at a time, and stop it while it reads the fourth."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *arguments, "--workers", "0"], stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stderr is not None
        for _ in range(4):
            assert process.stderr.readline() == "read\n"
        process.send_signal(signal_)
        rest = process.stderr.read()
    return process.returncode, rest


def test_ctrl_c_says_what_is_kept_and_the_next_run_goes_on(corpus: Path, tmp_path: Path) -> None:
    place = str(tmp_path / "index")
    code, err = stopped(signal.SIGINT, "index", str(corpus), "--index", place)
    assert code == 130
    kept = "2 of 4 new or changed files are indexed and kept, the same command goes on from here"
    assert err == f"rag: stopped; {kept}\n"
    with Index.open(place) as index:
        assert [info.id for info in index.documents()] == ["a.txt", "b.md"]
        report = index.sync(corpus)
        assert (report.unchanged, report.added) == (("a.txt", "b.md"), ("old/c.txt", "old/d.txt"))


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGKILL])
def test_a_rebuild_that_is_stopped_leaves_the_old_index(corpus: Path, tmp_path: Path, signal_: signal.Signals) -> None:
    place = tmp_path / "index"
    with Index.create(place) as index:
        index.sync(corpus, include=["a.txt"])
        code, err = stopped(signal_, "index", str(corpus), "--index", str(place), "--rebuild")
        assert [info.id for info in index.documents()] == ["a.txt"]
        assert index.retrieve("ministrul", 1)[0].document.id == "a.txt"
        assert index.verify() == []
        if signal_ == signal.SIGINT:
            assert (code, err) == (
                130,
                "rag: stopped; the index is as it was before, and nothing of the new one is kept\n",
            )
            assert not (place / "rebuilding").exists()
        assert main(["index", str(corpus), "--index", str(place), "--rebuild"]) == 0
        assert not (place / "rebuilding").exists()
        assert len(index.documents()) == 4
        assert index.verify() == []


def test_watching_follows_the_folder_and_stops_on_ctrl_c(corpus: Path, tmp_path: Path) -> None:
    place = str(corpus / "index")  # inside the folder: what it writes itself is no change
    command = [
        sys.executable,
        "-m",
        "rag.cli",
        "index",
        str(corpus),
        "--index",
        place,
        "--watch",
        "--include",
        "*.txt",
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        assert "3 added, 0 changed, 0 removed" in process.stdout.readline()
        write(corpus, "e.txt")
        assert "1 added, 0 changed, 0 removed, 3 unchanged" in process.stdout.readline()
        (corpus / "e.txt").rename(corpus / "f.txt")
        (corpus / "a.txt").unlink()
        assert "0 added, 0 changed, 1 removed, 2 unchanged, 0 failed, 1 moved" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert err == "rag: stopped watching; the index is equal to the folder as last seen\n"
    with Index.open(place) as index:
        assert [info.id for info in index.documents()] == ["f.txt", "old/c.txt", "old/d.txt"]


def test_what_cannot_be_watched_is_one_line(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "index")
    assert main(["index", str(corpus), "--index", place, "--watch", "--rebuild"]) == 1
    assert capsys.readouterr().err == ("rag: --watch cannot be used with --dry-run, --rebuild. Leave one of them out\n")
    assert main(["index", str(corpus / "none"), "--index", place, "--watch"]) == 1
    assert capsys.readouterr().err.startswith("rag: There is no folder at ")
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert main(["index", str(corpus), "--index", place, "--watch"]) == 1
    assert (
        capsys.readouterr().err == "rag: Watching a folder needs the package watchfiles. Run: pip install '.[watch]'\n"
    )


def test_a_locked_index_is_tried_again_while_watching(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers: list[SyncReport | IndexLocked] = [
        SyncReport(added=("a",)), IndexLocked("busy"), IndexLocked("busy"), SyncReport(changed=("a",)), SyncReport(),
    ]  # fmt: skip

    def sync() -> SyncReport:
        answer = answers.pop(0)
        if isinstance(answer, IndexLocked):
            raise answer
        return answer

    monkeypatch.setattr(watcher, "_changes", lambda *_: iter([True, False, True, False, False, False, True]))
    reports = list(watcher.watch_folder(tmp_path, sync, index=tmp_path))
    assert reports == [SyncReport(added=("a",)), SyncReport(changed=("a",))]
    assert answers == []


def test_progress_says_the_rate_and_the_time_left(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(
            f"Občina je popravila most številka {number}. Dela so trajala tri tedne.", "utf-8"
        )
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    command = [sys.executable, "-m", "rag.cli", "index", str(folder), "--index", str(tmp_path / "index")]
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # a terminal whose other side is closed cannot be read
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert done.wait(timeout=60) == 0
    states = [state for state in shown.decode().split("\r") if state.startswith("indexing:")]
    assert "0/40" in states[0]
    # done, of how many, since when, until when, how many a second
    assert re.search(r"100%.*40/40 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+file/s\]", states[-1])
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "indexing:" not in quiet.stderr  # not a terminal
