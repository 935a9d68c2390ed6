"""An index that is filled by other processes: the same as without them, and they end with it."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from killer_samples import corpus, write
from reader_samples import PARAGRAPHS, page, zipped
from test_readers_office import make_docx, make_epub, make_mail, make_odt, make_rtf
from test_readers_parts import CSV, tarred
from test_readers_pdf import FIRST, SECOND, make_pdf
from waiting import wait_until

from rag import Index, Settings, SyncReport
from rag.cli.commands import main

__all__ = ["corpus"]

ROOT = Path(__file__).parent.parent


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
    stored = ('INTO "stored"', 'INTO "documents"')  # when a text was stored
    return [
        re.sub(r"'[-\dT:]+\+00:00'", "now", line) if any(name in line for name in stored) else line for line in kept
    ]


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
    assert report.added == ("000.fodt", "002.fodt")
    with Index.open(tmp_path / "index") as index:
        assert [(failure.source, failure.message()) for failure in index.failures()] == [
            (
                "001.fodt",
                "'001.fodt' crashed the process that read it, twice (SIGKILL). Leave it out, or convert it to text",
            )
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
    wait_until(lambda: not any(is_alive(reader) for reader in readers))


def reader_id(place: Path) -> int:
    wait_until(lambda: place.exists() and bool(place.read_text()))
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
    assert capsys.readouterr().err == "rag: workers is -1; it must be at least 0. Choose another value\n"
    assert main([*arguments, "many"]) == 1
    assert capsys.readouterr().err == "rag: --workers is 'many'. A whole number is needed for workers\n"
