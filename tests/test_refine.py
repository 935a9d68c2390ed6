"""Refining: newest first, in batches, stopped and killed at any moment, and what searching makes of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_contextual import write_tiny_contextual
from waiting import wait_until

from rag import Document, Filters, Index, IndexLocked
from rag.cli.commands import main
from rag.encoding import contextual
from rag.encoding.contextual import ContextualEncoder
from rag.indexing import refine as refining
from rag.store.locking import WriteLock
from rag.store.tables.context_rows import from_bytes, reach, to_bytes

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"
WORDS = ["peace", "war", "moscow", "paris"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in the place of the one that ships, and batches of five passages."""
    made = write_tiny_contextual(tmp_path / "contextual")
    monkeypatch.setattr(contextual, "CONTEXTUAL", made)
    monkeypatch.setattr(refining, "_BATCH", 5)
    return made


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Iterator[Index]:
    with Index.create(tmp_path / "index") as index:
        index.add(documents(17))
        yield index


def documents(count: int, first: int = 0) -> list[Document]:
    """Make documents of two sentences each, all different, in turn in two languages."""
    draw = np.random.default_rng(first)
    return [
        Document(
            id=f"d{number:03}",
            text=f"{' '.join(draw.choice(WORDS, 4))} {number}. {' '.join(draw.choice(WORDS, 3))}.",
            language="en" if number % 2 else "ro",
            title=f"Article {number}",
        )
        for number in range(first, first + count)
    ]


def searched(index: Index, question: str, k: int, filters: Filters | None = None) -> list[tuple[str, float]]:
    (vector,) = ContextualEncoder().encode_queries([question])
    with index._store.view() as view:
        ids, scores = view.search_context(vector, k, filters)
        return list(zip(view.passage_documents(ids), scores.round(5).tolist(), strict=True))


def plain(index: Index, question: str) -> list[tuple[str, float]]:
    """Do the same from the rows of the database: every product, sorted."""
    (vector,) = ContextualEncoder().encode_queries([question])
    with index._store._catalogue.reading() as database:
        rows = database.execute(
            "SELECT passage, documents.id, vector FROM context_vectors JOIN passages ON passages.id = passage"
            " JOIN documents ON number = document"
        ).fetchall()
    scored = [
        (id_, name, float(from_bytes(np.frombuffer(code, np.uint8)[None])[0] @ vector)) for id_, name, code in rows
    ]
    scored.sort(key=lambda each: (-round(each[2], 5), each[0]))
    return [(name, round(score, 5)) for _, name, score in scored]


def close(one: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    """Whether scores agree by rank, and each document has its own."""
    return np.allclose([s for _, s in one], [s for _, s in other], atol=2e-5) and all(
        abs(dict(other)[name] - score) < 2e-5 for name, score in one
    )


def test_bytes_hold_a_vector_within_half_a_step() -> None:
    vectors = np.random.default_rng(1).normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    back = from_bytes(to_bytes(vectors))
    assert np.abs(back - vectors).max() <= reach(384) / 255 + 1e-6
    assert np.abs((back * vectors).sum(axis=1) - 1).max() < 2e-3


def test_what_is_refined_is_searched_exactly(index: Index) -> None:
    assert str(index.refinement()) == "0 of 17 passages are refined"
    assert searched(index, "war in moscow", 5) == []
    assert str(index.refine()) == "17 of 17 passages are refined"
    for question in ("war in moscow", "peace", "paris"):
        expected = plain(index, question)
        assert close(searched(index, question, 17), expected)
        assert close(searched(index, question, 4), expected[:4] if expected[3][1] > expected[4][1] else expected)
    romanian = Filters(languages={"ro"})
    assert {name for name, _ in searched(index, "peace", 50, romanian)} == {f"d{n:03}" for n in range(0, 17, 2)}
    assert searched(index, "peace", 50, Filters(documents={"d003"}))[0][0] == "d003"
    index.remove(["d003", "d016"])
    assert {name for name, _ in searched(index, "peace", 50)} == {f"d{n:03}" for n in range(17)} - {"d003", "d016"}
    assert close(searched(index, "peace", 50), plain(index, "peace"))
    assert index.verify() == []


def test_the_newest_come_first_and_what_arrives_meanwhile_before_the_rest(index: Index) -> None:
    rounds = iter([False, False, True])
    index.refine(stopped=lambda: next(rounds))
    done = {name for name, _ in plain(index, "war")}
    assert done == {f"d{n:03}" for n in range(7, 17)}
    index.add(documents(3, first=100))
    rounds = iter([False, True])
    index.refine(stopped=lambda: next(rounds))
    assert {name for name, _ in plain(index, "war")} - done == {"d100", "d101", "d102", "d006", "d005"}
    assert index.refine() == index.refinement()
    assert index.refinement() is not None and index.refinement().waiting == 0  # type: ignore[union-attr]


def test_a_snapshot_holds_the_vectors_and_equals_the_database(index: Index, tmp_path: Path) -> None:
    index.refine()
    index._store.optimise()
    expected = searched(index, "war in moscow", 9)
    with Index.open(tmp_path / "index") as again:
        with again._store.view() as view:
            assert view.state.context_mapped
        assert searched(again, "war in moscow", 9) == expected
        assert again.verify() == []
        again.add(documents(4, first=50))
        again.remove(["d001"])
        again.refine()
        assert close(searched(again, "peace", 50), plain(again, "peace"))
        with again._store._catalogue.reading() as database:
            (path,) = (tmp_path / "index" / "snapshot").glob("context-*.faiss")
            assert database.execute("SELECT count(*) FROM context_vectors").fetchone() == (20,)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with Index.open(tmp_path / "index") as damaged:  # the snapshot is not used: the rows are
        assert close(searched(damaged, "peace", 50), plain(damaged, "peace"))


def test_a_damaged_row_is_found(index: Index) -> None:
    index.refine()
    with index._store._transaction() as (database, _):
        database.execute("UPDATE context_vectors SET sentences = x'00' WHERE passage = 3")
    assert "passage 3: its contextual vectors have 32 and 1 numbers, the index 32" in index.verify()


def test_a_moved_file_keeps_its_vectors(folder: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Peace in Moscow is near, they said on Monday after the talks.", "utf-8")
    with Index.create(tmp_path / "index") as index:
        index.sync(corpus)
        index.refine()
        before = plain(index, "peace")
        (corpus / "a.txt").rename(corpus / "b.txt")
        assert index.sync(corpus).moved
        assert [(name.replace("b.txt", "a.txt"), score) for name, score in plain(index, "peace")] == before
        assert index.refinement() is not None and index.refinement().waiting == 0  # type: ignore[union-attr]


def test_only_one_process_refines_at_a_time(index: Index, tmp_path: Path) -> None:
    lock = WriteLock(tmp_path / "index" / "refining")
    with pytest.raises(IndexLocked, match=str(os.getpid())):
        index.refine()
    lock.release()
    index.refine()


HOLDER = """
import sys, time
from pathlib import Path
from rag.store.locking import LOCK, REFINING_LOCK, WriteLock
folder = Path(sys.argv[1])
refining, lock = WriteLock(folder / REFINING_LOCK), WriteLock(folder / LOCK)
print("held", flush=True)
sys.stdin.readline()
lock.release()
time.sleep(1)
"""


def test_a_writer_waits_while_another_process_stores_what_it_refined(index: Index, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "index")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    ) as process:
        assert process.stdin is not None and process.stdout is not None and process.stdout.readline() == "held\n"
        letting_go = threading.Timer(0.3, lambda: (process.stdin.write("\n"), process.stdin.flush()))  # type: ignore[union-attr]
        letting_go.start()
        index.add([Document(id="late", text="War.")])
        letting_go.join()
    assert "late" in {info.id for info in index.documents()}


def test_indexing_leaves_refining_to_the_process_that_does_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, corpus = str(tmp_path / "other"), tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("Peace in Moscow is near, they said on Monday after the talks.", "utf-8")
    assert main(["index", str(corpus), "--index", place, "--no-refine"]) == 0
    lock = WriteLock(Path(place) / "refining")
    assert main(["index", str(corpus), "--index", place]) == 0
    assert "0 of " in capsys.readouterr().out.splitlines()[-1]
    lock.release()


KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from rag import Index
from rag.encoding import contextual
from rag.indexing import refine as refining
contextual.CONTEXTUAL = Path(sys.argv[2])
refining._BATCH = 3
with Index.open(sys.argv[3]) as index:
    print("open", flush=True)
    index.refine()
    print("done", flush=True)
"""


def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_goes_on(
    index: Index, folder: Path, tmp_path: Path
) -> None:
    index.add(documents(120, first=200))
    place, counts = tmp_path / "index", [0]
    for pause in (0.0, 0.02, 0.05, 0.1, 0.15):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(SAMPLES), str(folder), str(place)],
            stdout=subprocess.PIPE,
            cwd=HERE.parent,
        )
        assert process.stdout is not None and process.stdout.readline() == b"open\n"
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        process.stdout.close()
        with Index.open(place) as again:
            refinement = again.refinement()
            assert refinement is not None and refinement.refined >= counts[-1]
            counts.append(refinement.refined)
            assert again.verify() == []
            assert again.retrieve("war in moscow", 3)
    with Index.open(place) as again:
        assert str(again.refine()) == "137 of 137 passages are refined"
        assert again.verify() == []
        assert close(searched(again, "peace war", 137), plain(again, "peace war"))


def test_in_the_background(index: Index) -> None:
    background = index.refine_in_background()
    background.start()
    try:
        wait_until(lambda: index.refinement() is not None and index.refinement().waiting == 0)  # type: ignore[union-attr]
        index.add(documents(4, first=300))
        background.wake()
        wait_until(lambda: index.refinement() is not None and index.refinement().refined == 21)  # type: ignore[union-attr]
    finally:
        background.stop(20)
    assert not background._thread.is_alive()


def test_the_command_line_says_how_far_it_is(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, place = tmp_path / "corpus", str(tmp_path / "index")
    corpus.mkdir()
    (corpus / "a.txt").write_text("Peace in Moscow is near, they said on Monday after the talks.", "utf-8")
    assert main(["index", str(corpus), "--index", place, "--no-refine"]) == 0
    assert (
        "0 of 1 passages are refined; the rest is found by the table until then. Run: rag refine"
        in capsys.readouterr().out
    )
    assert main(["refine", "--index", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"passages": 1, "refined": 1}
    (corpus / "b.txt").write_text("War is over, said the speaker in Paris on Tuesday evening.", "utf-8")
    assert main(["index", str(corpus), "--index", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["refinement"] == {"passages": 2, "refined": 2}
    assert main(["info", "--index", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["refined passages"] == 2
    assert main(["refine", "--index", place]) == 0
    assert "2 of 2 passages are refined\n" in capsys.readouterr().out


def test_a_refined_passage_is_found_by_what_the_table_does_not_know(index: Index) -> None:
    """The tiny model knows no cosine but of its four words; a question in them finds passages by its vectors alone."""
    index.add([Document(id="far", text="Paris paris paris.", language="fr"), Document(id="near", text="War.")])
    before = {hit.document.id: hit for hit in index.retrieve("paris", 19, collapse=False)}
    index.refine()
    after = {hit.document.id: hit for hit in index.retrieve("paris", 19, collapse=False)}
    assert "context_vector" not in before["far"].why
    assert after["far"].why["context_vector"] == max(hit.why["context_vector"] for hit in after.values())
    scores = [hit.score for hit in index.retrieve("paris", 19, collapse=False)]
    assert scores == sorted(scores, reverse=True)


def test_half_refined_everything_is_still_found(index: Index) -> None:
    expected = {hit.document.id for hit in index.retrieve("war in moscow", 17, collapse=False)}
    rounds = iter([False, True])
    index.refine(stopped=lambda: next(rounds))
    hits = index.retrieve("war in moscow", 17, collapse=False)
    assert {hit.document.id for hit in hits} == expected
    assert {"context_vector" in hit.why for hit in hits} == {True, False}
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_refining_does_not_count_as_a_change_of_what_is_said(index: Index) -> None:
    with index._store.view() as view:
        before = view.content
    index.refine()
    with index._store.view() as view:
        assert view.content == before < view.generation
    index.remove(["d004"])
    with index._store.view() as view:
        assert view.content == view.generation
