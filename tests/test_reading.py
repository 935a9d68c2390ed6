"""Reading in other processes: the same result as in this one, and a file that kills its process is named."""

from __future__ import annotations

import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from pathlib import Path

import pytest
from reader_samples import PARAGRAPHS, page, zipped
from test_readers_office import make_docx, make_epub, make_mail, make_odt, make_rtf
from test_readers_parts import CSV, tarred
from test_readers_pdf import FIRST, SECOND, make_pdf

from rag import Index, Settings, SyncReport
from rag.cli import main
from rag.indexing import frames, reading, workers
from rag.indexing.corpus import SourceFile, list_files
from rag.indexing.readers import read_content
from rag.indexing.readers.content import Content
from rag.indexing.reading import Outcome, read_files

ROOT = Path(__file__).parent.parent

# In place of the RTF library, in the readers' processes alone: what the file says, it does.
LIBRARY = """
import os, signal, sys, time
from pathlib import Path

def rtf_to_text(text, errors=""):
    word, _, place = text.split("\\n")[1].partition(" ")
    if word == "KILL" or (word == "ONCE" and not Path(place).exists()):
        Path(place).touch() if word == "ONCE" else None
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "EXIT":
        os._exit(7)
    if word == "FILL":
        return str(len(bytearray(800_000_000)))
    while word == "LOOP":
        pass
    if word == "WAIT":
        Path(place).write_text(str(os.getpid()))
        time.sleep(600)
    if word == "LOADED":
        heavy = ("torch", "gradio", "faiss", "sentence_transformers", "simplemma", "pandas", "sqlite3")
        return f"loaded: {[name for name in heavy if name in sys.modules]}"
    if word == "PRINT":
        print("a library speaks", flush=True)
        os.system("echo a program speaks")
    if word in ("FORGE", "MUTE"):
        import decimal, pickle
        forged = pickle.dumps(decimal.Decimal(1) if word == "FORGE" else "something")
        pickle.dumps = lambda *_, **__: forged
    return f"{word} was read without any trouble."
"""


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a library that does what files say."""
    package = tmp_path / "libraries" / "striprtf"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "striprtf.py").write_text(LIBRARY, "utf-8")
    monkeypatch.syspath_prepend(package.parent)
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def write(folder: Path, words: Sequence[str], start: int = 0) -> None:
    for number, word in enumerate(words, start=start):
        (folder / f"{number:03}.rtf").write_text(f"{{\\rtf1\n{word}\n}}", "utf-8")


def outcomes(folder: Path, workers: int = 2, max_seconds: int = 60) -> dict[str, str]:
    """Return for each file its text, or why it has none."""
    read = read_files(list_files(folder), max_bytes=5_000_000, max_seconds=max_seconds, workers=workers)
    return {file.id: told(outcome).replace(f"{folder}/", "") for file, outcome in read}


def told(outcome: Outcome) -> str:
    return outcome.failure or "".join(getattr(part, "text", "failure") for part in outcome.parts)


def test_a_file_that_kills_its_process_is_named_and_the_rest_is_read(corpus: Path) -> None:
    write(corpus, ["a", "KILL", "b", "EXIT", "c", "FORGE", "d", "MUTE", "e"])
    down = "took the reader's process down, twice"
    read = {word: f"{word} was read without any trouble." for word in "abcde"}
    assert outcomes(corpus) == {
        "000.rtf": read["a"], "001.rtf": f"'001.rtf' {down} (SIGKILL). Leave it out",
        "002.rtf": read["b"], "003.rtf": f"'003.rtf' {down} (exit code 7). Leave it out",
        "004.rtf": read["c"], "005.rtf": f"'005.rtf' {down} (UnpicklingError in its answer). Leave it out",
        "006.rtf": read["d"], "007.rtf": f"'007.rtf' {down} (str for an answer). Leave it out", "008.rtf": read["e"],
    }  # fmt: skip


def test_of_files_that_are_asked_for_together_only_the_killer_is_blamed(corpus: Path) -> None:
    write(corpus, ["KILL" if n % 20 == 7 else f"w{n}" for n in range(80)])
    read = outcomes(corpus)
    assert list(read) == [f"{n:03}.rtf" for n in range(80)]
    assert read == {
        f"{n:03}.rtf": f"'{n:03}.rtf' took the reader's process down, twice (SIGKILL). Leave it out"
        if n % 20 == 7
        else f"w{n} was read without any trouble."
        for n in range(80)
    }


def test_two_batches_are_read_while_what_came_before_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(150):
        (tmp_path / f"{number:03}.html").write_bytes(page())
    asked: list[Future[Outcome]] = []
    ask = workers.Workers.read

    def noted(self: workers.Workers, file: SourceFile) -> Future[Outcome]:
        asked.append(ask(self, file))
        return asked[-1]

    monkeypatch.setattr(workers.Workers, "read", noted)
    with closing(read_files(list_files(tmp_path), max_bytes=5_000_000, max_seconds=60, workers=2)) as reading_:
        assert next(reading_)[0].id == "000.html"  # and nobody asks for more
        wait(asked[:129], timeout=120)
        assert sum(future.done() for future in asked) >= 129


def test_a_file_whose_process_is_killed_by_something_else_is_not_to_blame(corpus: Path, tmp_path: Path) -> None:
    write(corpus, [f"ONCE {tmp_path / str(n)}" if n % 3 == 0 else "x" for n in range(12)])
    assert set(outcomes(corpus).values()) == {"ONCE was read without any trouble.", "x was read without any trouble."}
    assert len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 4


def test_time_and_memory_are_bounded(corpus: Path) -> None:
    write(corpus, ["LOOP", f"WAIT {corpus.parent / 'started'}"])
    slow = "takes more than 1 s to be read. Split it, or raise RAG_MAX_FILE_SECONDS"
    assert outcomes(corpus, max_seconds=1) == {"000.rtf": f"'000.rtf' {slow}", "001.rtf": f"'001.rtf' {slow}"}
    write(corpus, ["FILL", "b"])
    assert outcomes(corpus) == {
        "000.rtf": "'000.rtf' needs more than 500,000,000 bytes of memory to be read. Split it, or leave it out",
        "001.rtf": "b was read without any trouble.",
    }


def test_readers_load_nothing_heavy_and_what_libraries_print_goes_nowhere(
    corpus: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(corpus, ["PRINT", "LOADED"])
    assert list(outcomes(corpus).values()) == ["PRINT was read without any trouble.", "loaded: []"]
    assert capfd.readouterr() == ("", "")


def test_where_no_process_can_be_started_files_are_read_in_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.html").write_bytes(page())
    here = outcomes(tmp_path, workers=0)
    assert here["0.html"] == "".join("\n".join(PARAGRAPHS))
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(sys, "executable", str(tmp_path / "none"))
        assert outcomes(tmp_path) == here
        patch.setattr(sys, "executable", "/bin/false")
        assert outcomes(tmp_path) == here
    expected = "no process can be started to read files ({}); they are read in this one"
    missing = f"[Errno 2] No such file or directory: '{tmp_path / 'none'}'"
    assert [record.getMessage() for record in caplog.records] == [
        expected.format(missing),
        expected.format("exit code 1"),
    ]


def test_a_readers_own_mistake_and_memory_cost_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(PARAGRAPHS[0], "utf-8")

    def mistaken(content: Content) -> object:
        if content.id == "a.txt":
            raise KeyError("line\nend")
        if content.id == "b.txt":
            raise MemoryError
        return read_content(content)

    monkeypatch.setattr(reading, "read_content", mistaken)
    assert outcomes(tmp_path, workers=0) == {
        "a.txt": "'a.txt' cannot be read: its reader failed (KeyError: 'line\\nend'). Leave it out, or convert it to text",
        "b.txt": "'b.txt' needs too much memory to be read. Split it, or leave it out",
        "c.txt": PARAGRAPHS[0],
    }


def test_messages_hold_records_and_nothing_else(tmp_path: Path) -> None:
    with (tmp_path / "message").open("wb") as stream:
        frames.send(stream, os.system)
    with (tmp_path / "message").open("rb") as stream, pytest.raises(Exception, match=r"posix\.system is no part of a"):
        frames.receive(stream)
    (tmp_path / "message").write_bytes((tmp_path / "message").read_bytes()[:-1])
    with (tmp_path / "message").open("rb") as stream, pytest.raises(EOFError):
        frames.receive(stream)


def fill(folder: Path) -> None:
    """Write every format, good and bad, and enough of them for several processes."""
    samples = {
        "a.docx": make_docx(), "a.odt": make_odt(), "a.epub": make_epub(), "a.rtf": make_rtf(), "a.eml": make_mail(),
        "a.html": page("<meta property='article:published_time' content='2026-01-28T18:20:00+02:00'>"),
        "a.pdf": make_pdf([FIRST, SECOND]), "bad.pdf": make_pdf([FIRST])[:120], "a.csv": CSV.encode(),
        "a.tar": tarred({"x.txt": PARAGRAPHS[0].encode(), "empty.txt": b""}),
        "a.zip": zipped({"y.txt": PARAGRAPHS[1].encode(), "b.pdf": make_pdf([SECOND])}), "empty.txt": b"",
        "picture.jpg": b"\xff\xd8\xff\xe0",
    }  # fmt: skip
    for name, data in samples.items():
        (folder / name).write_bytes(data)
    for number in range(200):
        text = f"Titlul numărul {number}\n\nMinistrul a vorbit despre {number} poduri și despre bugetul țării.\n"
        (folder / f"{number:03}.txt").write_text(text, "utf-8")


def content_of(index: Path) -> list[str]:
    with sqlite3.connect(index / "catalogue.db") as database:
        lines = list(database.iterdump())
    database.close()
    by_chance = ('INSERT INTO "commits"', 'INSERT INTO "meta"')  # an index's and a commit's own ids are drawn
    kept = [line for line in lines if not line.startswith(by_chance)]
    return [re.sub(r"'[-\dT:]+\+00:00'", "now", line) if 'INTO "stored"' in line else line for line in kept]


def synced(index: Path, folder: Path, workers: int) -> SyncReport:
    with Index.create(index, settings=Settings(index=index, workers=workers)) as opened:
        return opened.sync(folder)


def test_with_and_without_other_processes_the_database_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    fill(folder)
    here, there = synced(tmp_path / "here", folder, 0), synced(tmp_path / "there", folder, 2)
    assert (here.added, here.failed) == (there.added, there.failed)
    assert (len(here.added), len(here.failed)) == (212, 5)
    assert content_of(tmp_path / "here") == content_of(tmp_path / "there")


def test_a_killer_does_not_stop_an_index_and_is_listed(corpus: Path, tmp_path: Path) -> None:
    write(corpus, ["a", "KILL", "b"])
    report = synced(tmp_path / "index", corpus, 1)
    assert report.added == ("000.rtf", "002.rtf")
    with Index.open(tmp_path / "index") as index:
        assert [(failure.source, failure.reason) for failure in index.failures()] == [
            ("001.rtf", "'001.rtf' took the reader's process down, twice (SIGKILL). Leave it out")
        ]


def test_a_script_needs_no_guard_around_its_main_part(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.html").write_bytes(page())
    script = tmp_path / "script.py"
    script.write_text(
        f"import rag\nprint('begun')\nwith rag.Index.create({str(tmp_path / 'index')!r}) as index:\n"
        f"    print(index.sync({str(folder)!r}).added)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=True)
    assert (done.stdout, done.stderr) == ("begun\n('a.html',)\n", "")


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_readers_end_with_the_process_that_started_them(corpus: Path, tmp_path: Path, signal_: signal.Signals) -> None:
    write(corpus, [f"WAIT {tmp_path / 'first'}", f"WAIT {tmp_path / 'second'}"])
    (corpus / "large.txt").write_text(PARAGRAPHS[0] * 50_000, "utf-8")  # worth a second process
    command = [sys.executable, "-m", "rag.cli", "index", str(corpus), "--index", str(tmp_path / "index")]
    path = os.pathsep.join([str(tmp_path / "libraries"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "RAG_WORKERS": "2"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True, cwd=ROOT
    )
    readers = [reader_id(tmp_path / "first"), reader_id(tmp_path / "second")]
    if signal_ == signal.SIGINT:
        os.killpg(process.pid, signal_)  # as a terminal does
    else:
        process.send_signal(signal_)
    _, err = process.communicate(timeout=60)
    stopped = "rag: stopped; 0 of 3 new or changed files are indexed and kept, the same command goes on from here\n"
    assert (process.returncode, err) == ((130, stopped) if signal_ == signal.SIGINT else (-signal_, ""))
    while any(is_alive(reader) for reader in readers):
        time.sleep(0.02)


def reader_id(place: Path) -> int:
    while not (place.exists() and place.read_text()):
        time.sleep(0.02)
    return int(place.read_text())


def is_alive(process: int) -> bool:
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"  # nobody may be there to collect it
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_number_of_workers_is_a_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.html").write_bytes(page())
    arguments = ["index", str(tmp_path), "--index", str(tmp_path / "i"), "--workers"]
    assert main([*arguments, "0"]) == 0
    assert "1 added" in capsys.readouterr().out
    assert main([*arguments, "-1"]) == 1
    assert capsys.readouterr().err == "rag: workers is -1; it must be at least 0\n"
    assert main([*arguments, "many"]) == 1
    assert capsys.readouterr().err == "rag: --workers is 'many'; a whole number is needed for workers\n"
