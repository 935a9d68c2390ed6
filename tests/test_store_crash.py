"""Writers killed without warning, at many moments: the index opens, and holds all of each document or none of it."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from store_samples import MANIFEST, check_against, differences, version

from rag.errors import IndexLocked
from rag.records import text_digest
from rag.store import DocumentRows, LocalStore

SAMPLES = Path(__file__).parent / "samples"

# Forks a writer for each line it reads: starting Python anew for each would take twenty times as long as the writing.
# A writer says each step before it and after it, so that the test knows what must, what may and what must not be there.
WRITERS = """
import os, random, sys
import faiss
sys.path.insert(0, sys.argv[1])
from store_samples import NAMES, version
from rag.store import LocalStore

def write(folder, seed, first, optimise):
    draw = random.Random(int(seed))
    store = LocalStore.open(folder, write=True)
    for step in range(int(first), 10**9):
        kinds = ["upsert", "delete", "optimise", "flush", "purge"]
        kind = draw.choices(kinds, [6, 2, int(optimise), int(optimise), 0.2 * int(optimise)])[0]
        names = draw.sample(NAMES, 3)
        print("begin", kind, step, *names, flush=True)
        if kind == "upsert":
            store.upsert([version(name, step) for name in names])
        elif kind == "delete":
            store.delete(names)
        elif kind == "flush":
            with store.writing():
                store._newest.save()
        else:
            {"optimise": store.optimise, "purge": store.purge}[kind]()
        print("end", flush=True)

def create(folder):
    print("begin", flush=True)
    for number in range(10**9):
        LocalStore.create(f"{folder}/{number}", MANIFEST).close()

from store_samples import MANIFEST
for line in sys.stdin:
    child = os.fork()
    if not child:
        call, *words = line.split()
        {"write": write, "create": create}[call](*words)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""


class Writers:
    """Starts writers and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITERS, str(SAMPLES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=SAMPLES.parents[1],
            # Each line goes out at once: without a buffer, a writer's words come between a line and its end.
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )
        self._heard = b""

    def start(self, *words: object) -> int:
        """Start a writer, wait until it has begun, and return its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{' '.join(map(str, words))}\n".encode())
        self._said: list[list[str]] = []
        child = 0
        while not (child and self._said):
            line = self._line()
            if line[0].isdigit():
                child = int(line[0])
            else:
                self._said.append(line)
        return child

    def kill(self, child: int) -> list[list[str]]:
        """Kill a writer, and return what it said, word by word."""
        os.kill(child, signal.SIGKILL)
        while True:
            try:
                line = self._line()
            except TimeoutError:  # nothing more will come from a process that is gone
                with pytest.raises(ProcessLookupError):
                    os.kill(child, 0)
                return self._said
            if line[-1:] and line[-1].endswith("dead"):
                return self._said
            self._said.append(line)

    def close(self) -> None:
        """End the process that forks; its writers are dead by then."""
        self._process.communicate(timeout=60)

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        while b"\n" not in self._heard:
            if not select.select([self._process.stdout], [], [], 10.0)[0]:
                raise TimeoutError("the writers have said nothing for 10 seconds")
            self._heard += os.read(self._process.stdout.fileno(), 65_536)
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode().split()


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    writers = Writers()
    yield writers
    writers.close()


def after(documents: dict[str, DocumentRows], said: Sequence[str]) -> dict[str, DocumentRows]:
    """Return the documents after one step as announced."""
    _, kind, step, *names = said
    changed = dict(documents)
    for name in names:
        if kind == "upsert":
            changed[name] = version(name, int(step))
        elif kind == "delete":
            changed.pop(name, None)
    return changed


Earlier = dict[str, list[str]]


def earlier_after(documents: dict[str, DocumentRows], earlier: Earlier, said: Sequence[str]) -> Earlier:
    """Return the sha256 of the earlier texts, the latest first, after one step as announced."""
    _, kind, _, *names = said
    changed = dict(earlier)
    for name in names:
        if kind == "upsert" and name in documents:
            changed[name] = [documents[name].document.sha256, *earlier.get(name, [])]
        elif kind == "delete":
            changed.pop(name, None)
    return changed


def held(folder: Path) -> dict[str, str]:
    with LocalStore.open(folder) as store:
        return {info.id: store.document(info.id).text for info in store.list_documents()}


def held_earlier(folder: Path) -> Earlier:
    """Return the sha256 of the earlier texts that are there; each is found under it, to the letter."""
    with LocalStore.open(folder) as store:
        found = {info.id: [one.sha256 for one in store.versions(info.id)] for info in store.list_documents()}
        for name, digests in found.items():
            for digest in digests:
                document = store.cited(name, digest).document
                assert document is not None and text_digest(document.text) == digest
        return {name: digests for name, digests in found.items() if digests}


def run_rounds(writers: Writers, folder: Path, rounds: int, optimise: int) -> None:
    draw = random.Random(rounds + optimise)
    documents: dict[str, DocumentRows] = {}
    earlier: Earlier = {}
    LocalStore.create(folder, MANIFEST).close()
    steps = 0
    for number in range(rounds):
        child = writers.start("write", folder, number, steps, optimise)
        time.sleep(draw.uniform(0.0, 0.04))
        said = writers.kill(child)
        steps += 1 + sum(line[0] == "begin" for line in said)
        for begin, _ in zip(said[::2], said[1::2], strict=False):
            documents, earlier = after(documents, begin), earlier_after(documents, earlier, begin)
        found = held(folder)
        if len(said) % 2:  # killed within a step: all of it happened, or nothing
            perhaps = after(documents, said[-1])
            if found != {name: rows.document.text for name, rows in documents.items()}:
                documents, earlier = perhaps, earlier_after(documents, earlier, said[-1])
        assert found == {name: rows.document.text for name, rows in documents.items()}
        assert held_earlier(folder) == earlier
        with LocalStore.open(folder) as store:
            check_against(store, documents)
            assert store.verify() == []
    with LocalStore.open(folder, write=True) as store:  # the lock of the dead is free
        store.optimise()
        assert len(list((folder / "snapshot").iterdir())) == 3  # and their unfinished files are swept up
        check_against(store, documents)


def test_killed_while_writing(writers: Writers, tmp_path: Path) -> None:
    run_rounds(writers, tmp_path, 20, 1)


def test_killed_while_writing_snapshots(writers: Writers, tmp_path: Path) -> None:
    run_rounds(writers, tmp_path, 12, 40)


@pytest.mark.slow
def test_killed_very_often(writers: Writers, tmp_path: Path) -> None:
    run_rounds(writers, tmp_path, 100, 4)


def test_killed_while_creating(writers: Writers, tmp_path: Path) -> None:
    """Whatever is left behind, creating again works."""
    child = writers.start("create", tmp_path)
    time.sleep(0.15)
    writers.kill(child)
    folders = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    assert folders
    for folder in folders[:-1]:
        assert LocalStore.open(folder).count() == 0
    LocalStore.create(folders[-1], MANIFEST, replace=True).close()
    assert LocalStore.open(folders[-1]).count() == 0


def test_reading_while_another_process_writes(writers: Writers, tmp_path: Path) -> None:
    """Every hit is there, its words are its document's, and a document is seen whole: one version, all passages."""
    LocalStore.create(tmp_path, MANIFEST).close()
    child = writers.start("write", tmp_path, 5, 0, 1)
    try:
        with LocalStore.open(tmp_path) as store:
            generations: set[int] = set()
            enough, deadline = time.monotonic() + 1.5, time.monotonic() + 30  # on a busy machine the writer is slow
            while time.monotonic() < (enough if len(generations) > 5 else deadline):
                with store.view() as view:
                    generations.add(view.generation)
                    ids, _ = view.search_terms([{"ana": 1.0, "om": 1.0, "pere": 1.0}], 1000)
                    assert len(ids) == view.count()
                    found = view.passages_with_documents(ids)
                    for passage, document in found:
                        assert document.text[passage.start : passage.end] == passage.text
                    for document in {document.id: document for _, document in found}.values():
                        lines = sorted(passage.text for passage, owner in found if owner.id == document.id)
                        assert lines == sorted(document.text.split("\n"))
            assert len(generations) > 5
            with pytest.raises(
                IndexLocked, match=f"is being written by process {child}; this is process {os.getpid()}"
            ):
                store.delete(["d1"])
    finally:
        writers.kill(child)


def test_snapshot_of_the_dead_equals_a_rebuilt_one(writers: Writers, tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([version("kept", 2)])  # which no writer removes
    child = writers.start("write", tmp_path, 3, 0, 5)
    time.sleep(0.3)
    writers.kill(child)
    with LocalStore.open(tmp_path) as store:
        store.optimise()
        with store.view() as view:
            served = view.state.segments[0]
            assert view.state.snapshot is not None
    for path in (tmp_path / "snapshot").iterdir():
        path.unlink()
    with LocalStore.open(tmp_path) as store, store.view() as view:
        assert view.state.snapshot is None
        assert differences(served, view.state.segments[0]) == []


@pytest.mark.parametrize("what", ["documents", "snapshot"])
def test_disk_that_fills_up(tmp_path: Path, what: str) -> None:
    """A limit on file size stands for the full disk; the step that fails is undone, and the rest goes on."""
    LocalStore.create(tmp_path, MANIFEST).close()
    program = (
        "import resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from store_samples import version\n"
        "from rag.store import LocalStore\n"
        "from rag.errors import RagError\n"
        "store = LocalStore.open(sys.argv[2])\n"
        "store.upsert([version('first', 2)])\n"
        "many = [version(f'd{number}', 2) for number in range(3000)]\n"
        "if sys.argv[3] == 'snapshot': store.upsert(many)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try: store.optimise() if sys.argv[3] == 'snapshot' else store.upsert(many)\n"
        "except RagError as error: print(type(error).__name__, error)\n"
        "print(store.document_count(), store.document('first').text.split()[2])\n"
    )
    command = [sys.executable, "-c", program, str(SAMPLES), str(tmp_path), what]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=SAMPLES.parents[1])
    error, state = done.stdout.splitlines()
    assert error.startswith(f"IndexUnusable The index at {str(tmp_path)!r}")
    assert state == ("3001 2" if what == "snapshot" else "1 2")
    assert list(tmp_path.glob("snapshot/*")) == []  # nothing half written is left to fill the disk further
    expected = {"first": version("first", 2)}
    if what == "snapshot":
        expected |= {f"d{number}": version(f"d{number}", 2) for number in range(3000)}
    assert held(tmp_path) == {name: rows.document.text for name, rows in expected.items()}
    with LocalStore.open(tmp_path) as store:
        assert store.verify() == []
