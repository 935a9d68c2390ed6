"""Reading in other processes: the same result as in this one, and a file that kills its process is named."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future, wait
from contextlib import closing
from pathlib import Path

import pytest
from killer_samples import corpus, write
from reader_samples import PARAGRAPHS, page, zipped

from rag.errors import CorpusError
from rag.indexing.folder import list_files
from rag.readers import messages, outcome, pool, read_content
from rag.readers.content import Content
from rag.readers.files import read_files
from rag.readers.outcome import Outcome
from rag.readers.source_file import SourceFile
from rag.settings import ReadLimits

__all__ = ["corpus"]


def outcomes(folder: Path, workers: int = 2, max_seconds: int = 60) -> dict[str, str]:
    """Return for each file its text, or why it has none."""
    read = read_files(list_files(folder), ReadLimits(max_bytes=5_000_000, max_seconds=max_seconds, workers=workers))
    return {file.id: told(outcome).replace(f"{folder}/", "") for file, outcome in read}


def told(outcome: Outcome) -> str:
    return str(outcome.failure or "") or "".join(getattr(part, "text", "failure") for part in outcome.parts)


def test_a_file_that_kills_its_process_is_named_and_the_rest_is_read(corpus: Path) -> None:
    write(corpus, ["a", "KILL", "b", "EXIT", "c", "FORGE", "d", "MUTE", "e"])
    down = "crashed the process that read it, twice"
    read = {word: f"{word} was read without any trouble." for word in "abcde"}
    assert outcomes(corpus) == {
        "000.fodt": read["a"], "001.fodt": f"'001.fodt' {down} (SIGKILL). Leave it out, or convert it to text",
        "002.fodt": read["b"], "003.fodt": f"'003.fodt' {down} (exit code 7). Leave it out, or convert it to text",
        "004.fodt": read["c"], "005.fodt": f"'005.fodt' {down} (UnpicklingError in its answer). Leave it out, or convert it to text",
        "006.fodt": read["d"], "007.fodt": f"'007.fodt' {down} (str for an answer). Leave it out, or convert it to text", "008.fodt": read["e"],
    }  # fmt: skip


def test_what_a_process_hands_on_is_bounded(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(corpus, ["a", "MUCH", "b", "CLAIM", "c"])
    read = outcomes(corpus)
    assert [read[f"{n:03}.fodt"] for n in (0, 2, 4)] == [f"{word} was read without any trouble." for word in "abc"]
    assert read["001.fodt"] == (
        "'001.fodt' holds more text and metadata than the limit of 60,000,000 bytes. Split it, or leave it out"
    )
    assert "003.fodt' crashed the process that read it, twice (MessageTooLarge in its answer)" in read["003.fodt"]


def test_of_files_that_are_asked_for_together_only_the_killer_is_blamed(corpus: Path) -> None:
    write(corpus, ["KILL" if n % 20 == 7 else f"w{n}" for n in range(80)])
    read = outcomes(corpus)
    assert list(read) == [f"{n:03}.fodt" for n in range(80)]
    assert read == {
        f"{n:03}.fodt": f"'{n:03}.fodt' crashed the process that read it, twice (SIGKILL). Leave it out, or convert it to text"
        if n % 20 == 7
        else f"w{n} was read without any trouble."
        for n in range(80)
    }


def test_two_batches_are_read_while_what_came_before_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(150):
        (tmp_path / f"{number:03}.html").write_bytes(page())
    asked: list[Future[Outcome]] = []
    ask = pool.Workers.read

    def noted(self: pool.Workers, file: SourceFile) -> Future[Outcome]:
        asked.append(ask(self, file))
        return asked[-1]

    monkeypatch.setattr(pool.Workers, "read", noted)
    with closing(
        read_files(list_files(tmp_path), ReadLimits(max_bytes=5_000_000, max_seconds=60, workers=2))
    ) as reading_:
        assert next(reading_)[0].id == "000.html"  # and nobody asks for more
        wait(asked[:129], timeout=120)
        assert sum(future.done() for future in asked) >= 129


def test_a_file_whose_process_is_killed_by_something_else_is_not_to_blame(corpus: Path, tmp_path: Path) -> None:
    write(corpus, [f"ONCE {tmp_path / str(n)}" if n % 3 == 0 else "x" for n in range(12)])
    assert set(outcomes(corpus).values()) == {"ONCE was read without any trouble.", "x was read without any trouble."}
    assert len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 4


def test_time_and_memory_are_bounded(corpus: Path) -> None:
    write(corpus, ["LOOP", f"WAIT {corpus.parent / 'started'}"])
    slow = "Reading '{}' takes more than 1 s. Split it, or raise RAG_MAX_FILE_SECONDS"
    assert outcomes(corpus, max_seconds=1) == {name: slow.format(name) for name in ("000.fodt", "001.fodt")}
    write(corpus, ["FILL", "b"])
    assert outcomes(corpus) == {
        "000.fodt": "'000.fodt' needs more than 500,000,000 bytes of memory to be read. Split it, or leave it out",
        "001.fodt": "b was read without any trouble.",
    }


def test_readers_load_nothing_heavy_and_what_libraries_print_goes_nowhere(
    corpus: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(corpus, ["PRINT", "LOADED"])
    assert list(outcomes(corpus).values()) == ["PRINT was read without any trouble.", "loaded: []"]
    assert capfd.readouterr() == ("", "")


def test_where_no_process_can_be_started_nothing_is_read_in_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.html").write_bytes(page())
    expected = "No process can be started to read files ({}); nothing more was read. "
    expected += "To read them in this process, without limits, set RAG_WORKERS=0"
    missing = f"[Errno 2] No such file or directory: '{tmp_path / 'none'}'"
    for executable, why in ((str(tmp_path / "none"), missing), ("/bin/false", "exit code 1")):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", executable)
            with pytest.raises(CorpusError) as raised:
                outcomes(tmp_path)
            assert str(raised.value) == expected.format(why)
    assert outcomes(tmp_path, workers=0)["0.html"] == outcomes(tmp_path)["0.html"] == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md", "a.jsonl"])
def test_no_file_is_read_in_this_process_whatever_it_is_called_and_however_small(
    corpus: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*arguments: object) -> None:
        raise AssertionError("read in the process that serves")

    monkeypatch.setattr(outcome, "read_file", here)
    (corpus / name).write_bytes(
        zipped(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": "<office:document>\nKILL\n</office:document>",
            }
        )
    )
    crashed = f"'{name}' crashed the process that read it, twice (SIGKILL). Leave it out, or convert it to text"
    assert outcomes(corpus) == {name: crashed}


def test_a_readers_own_mistake_and_memory_cost_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text(PARAGRAPHS[0], "utf-8")

    def mistaken(content: Content) -> object:
        if content.id == "a.txt":
            raise KeyError("line\nend")
        if content.id == "b.txt":
            raise MemoryError
        return read_content(content)

    monkeypatch.setattr(outcome, "reader_of", lambda kind: mistaken)
    assert outcomes(tmp_path, workers=0) == {
        "a.txt": "'a.txt' cannot be read: its reader failed (KeyError: 'line\\nend'). Leave it out, or convert it to text",
        "b.txt": "'b.txt' needs more memory to be read than there is. Split it, or leave it out",
        "c.txt": PARAGRAPHS[0],
    }


def test_messages_hold_records_and_nothing_else(tmp_path: Path) -> None:
    with (tmp_path / "message").open("wb") as stream:
        messages.send(stream, os.system)
    with (tmp_path / "message").open("rb") as stream, pytest.raises(Exception, match=r"posix\.system is no part of a"):
        messages.receive(stream)
    with (tmp_path / "message").open("rb") as stream, pytest.raises(messages.MessageTooLarge):
        messages.receive(stream, 10)
    with (tmp_path / "message").open("rb+") as stream:
        with pytest.raises(messages.MessageTooLarge):
            messages.send(stream, "x" * 100, 100)
        assert stream.tell() == 0
    (tmp_path / "message").write_bytes((tmp_path / "message").read_bytes()[:-1])
    with (tmp_path / "message").open("rb") as stream, pytest.raises(EOFError):
        messages.receive(stream)
