"""Files prepared apart from an index: each once, bit for bit as without, whoever makes them and whatever is killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from tiny_contextual import write_tiny_contextual

from rag import CorpusError, Index, SettingsError
from rag.cli.commands import main
from rag.encoding import contextual
from rag.indexing.prepared_files import Pending, Recipe, prepare_here, prepared_place
from rag.readers.source_file import SourceFile, file_digest
from rag.settings import ReadLimits, Settings
from rag.store.tables.rows import PassageRow

ROOT = Path(__file__).parents[1]
TEXT = "Pe {n} martie, orașul {n} a deschis un pod nou peste râu. Primarul a spus că podul va scurta drumul."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text("\n\n".join([TEXT.format(n=number * 10 + n) for n in range(8)]), "utf-8")
    (folder / "table.csv").write_text("id,text,title\na,Un text destul de lung aici.,A\nb,Alt text despre un pod.,B\n")
    (folder / "empty.txt").write_text("")
    return folder


def made(place: Path) -> Index:
    return Index.create(place, settings=Settings(index=place, model="table", workers=0))


def rows_of(index: Index) -> dict[str, list[PassageRow]]:
    return index._store.stored_rows([info.id for info in index.documents()])


def assert_same(one: Index, other: Index) -> None:
    """Compare all that is stored, bit for bit."""
    first, second = rows_of(one), rows_of(other)
    assert list(first) == list(second) != []
    for id_, passages in first.items():
        assert one.document(id_) == other.document(id_)
        assert len(passages) == len(second[id_]) > 0
        for a, b in zip(passages, second[id_], strict=True):
            assert (a.start, a.end, a.surface, a.lemma) == (b.start, b.end, b.surface, b.lemma)
            for name in ("embedding", "tokens", "sentence_starts", "sentence_norms"):
                assert getattr(a, name).tobytes() == getattr(b, name).tobytes()
            assert (a.context is None) == (b.context is None)
            if a.context is not None and b.context is not None:
                assert np.array_equal(a.context.vector, b.context.vector)
                assert np.array_equal(a.context.sentences, b.context.sentences)
    assert one._store.files() == other._store.files()


def test_loaded_equals_read(corpus: Path, tmp_path: Path) -> None:
    """What is prepared and loaded equals what is read at once, failures and members of files too."""
    with made(tmp_path / "one") as one, made(tmp_path / "two") as two:
        plain = one.sync(corpus)
        report = two.sync(corpus, prepared=tmp_path / "prepared")
        assert (report.added, [f.source for f in report.failed]) == (plain.added, [f.source for f in plain.failed])
        assert [str(failure) for failure in report.failed] == [str(failure) for failure in plain.failed]
        assert len(report.failed) == 1
        assert_same(one, two)
        assert two.verify() == []
        (corpus / "3.txt").write_text("Alt text, mai scurt, despre același pod.", "utf-8")
        (corpus / "4.txt").rename(corpus / "moved.txt")
        (corpus / "5.txt").unlink()
        plain, report = one.sync(corpus), two.sync(corpus, prepared=tmp_path / "prepared")
        assert (report.changed, report.removed, report.moved) == (plain.changed, plain.removed, plain.moved)
        assert_same(one, two)


def test_prepared_once(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another index of the same kind takes what is there; one of other sizes does not."""
    with made(tmp_path / "one") as one:
        one.sync(corpus, prepared=tmp_path / "prepared")
    places = {path: path.stat().st_mtime_ns for path in (tmp_path / "prepared").iterdir()}
    assert len(places) == 8
    with made(tmp_path / "two") as two:
        two.sync(corpus, prepared=tmp_path / "prepared")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "prepared").iterdir()} == places
    other = Settings(index=tmp_path / "three", model="table", workers=0, chunk_tokens=40)
    with Index.create(tmp_path / "three", settings=other) as three:
        three.sync(corpus, prepared=tmp_path / "prepared")
    assert len(list((tmp_path / "prepared").iterdir())) == 16


def test_a_prepared_file_is_a_table(corpus: Path, tmp_path: Path) -> None:
    with made(tmp_path / "index") as index:
        index.sync(corpus, prepared=tmp_path / "prepared", include=["table.csv"])
        (place,) = (tmp_path / "prepared").iterdir()
        table = parquet.read_table(place).to_pylist()
        assert [(row["document"], row["start"], row["end"]) for row in table] == [(0, 0, 28), (1, 0, 23)]
        (row,) = rows_of(index)["table.csv#a"]
        assert table[0]["embedding"] == row.embedding.tolist()
        place.write_bytes(place.read_bytes()[:-20])
    with (
        made(tmp_path / "other") as other,
        pytest.raises(CorpusError, match=r"prepared file .* is damaged .*\. Remove it"),
    ):
        other.sync(corpus, prepared=tmp_path / "prepared", include=["table.csv"])


def test_refined_with_it(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contextual vectors come with the passages; nothing is left to refine."""
    monkeypatch.setattr(contextual, "CONTEXTUAL", write_tiny_contextual(tmp_path / "context"))
    with Index.create(tmp_path / "one", settings=Settings(index=tmp_path / "one", workers=0)) as one:
        one.sync(corpus, prepared=tmp_path / "prepared")
        refinement = one.refinement()
        assert refinement is not None
        assert refinement.refined == refinement.passages > 0
        with Index.create(tmp_path / "two", settings=Settings(index=tmp_path / "two", workers=0)) as two:
            two.sync(corpus)
            two.refine()
            mine, theirs = rows_of(one), rows_of(two)
            for a, b in zip(chain(*mine.values()), chain(*theirs.values()), strict=True):
                assert a.context is not None and b.context is not None
                steps = a.context.vector.astype(int) - b.context.vector.astype(int)
                assert np.abs(steps).max() <= 1  # batches of other sizes round otherwise in the last digit


def pending_of(corpus: Path) -> list[Pending]:
    files = [
        SourceFile(path=path, id=path.name, size=path.stat().st_size, mtime_ns=path.stat().st_mtime_ns)
        for path in sorted(corpus.iterdir())
    ]
    return [(file, file_digest(file.path, 10**6)) for file in files]


_KILLED = """
import sys, pickle
from rag.indexing.prepared_files import prepare_here, Preparer
recipe, folder, pending = pickle.load(sys.stdin.buffer)
preparer = Preparer(recipe, folder)
for each in pending:
    preparer.prepare([each])
    print("made", flush=True)
"""


def test_killed_while_preparing(corpus: Path, tmp_path: Path) -> None:
    """What was finished is kept and not made again; no half file has the name of a whole one."""
    import pickle

    with made(tmp_path / "index") as index:
        recipe = Recipe(manifest=index._store.manifest, limits=ReadLimits(workers=0), refine=False)
    pending, folder = pending_of(corpus), tmp_path / "prepared"
    folder.mkdir()
    for wanted in (1, 3):
        with subprocess.Popen(
            [sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(pickle.dumps((recipe, folder, pending)))
            process.stdin.close()
            for _ in range(wanted):
                assert process.stdout.readline() == b"made\n"
            os.kill(process.pid, signal.SIGKILL)
    finished = {path: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}
    assert len(finished) >= 3
    prepare_here(recipe, folder, pending)
    assert set(folder.glob("*.parquet")) == {
        prepared_place(folder, file, digest, recipe.key) for file, digest in pending
    }
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    alone = tmp_path / "alone"
    alone.mkdir()
    prepare_here(recipe, alone, pending)
    for path in alone.iterdir():
        assert parquet.read_table(path).equals(parquet.read_table(folder / path.name))


def test_flags(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index, prepared = ["--index", str(tmp_path / "index")], ["--prepared", str(tmp_path / "prepared")]
    assert main(["index", str(corpus), "--model", "table", "--workers", "0", *index, *prepared]) == 0
    assert len(list((tmp_path / "prepared").iterdir())) == 8
    assert main(["index", str(corpus), "--ray", "local", *index]) == 1
    assert "--prepared DIR" in capsys.readouterr().err


def test_what_is_not_installed(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    with made(tmp_path / "index") as index:
        for module, extra, address in (("ray", "ray", "local"), ("pyarrow", "parquet", None)):
            for place in ("rag.indexing.ray_cluster", "rag.indexing.prepared_files"):
                monkeypatch.setattr(
                    f"{place}.find_spec", lambda name, module=module: None if name == module else real(name)
                )
            with pytest.raises(SettingsError, match=rf"pip install '\.\[{extra}\]'"):
                index.sync(corpus, prepared=tmp_path / "prepared", ray=address)


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray (240 MB): pip install '.[ray]'")
def test_on_ray(corpus: Path, tmp_path: Path) -> None:
    """On a cluster, with a process killed on the way: each file once, bit for bit as in one process."""
    import ray

    for number in range(6, 90):
        (corpus / f"{number}.txt").write_text(TEXT.format(n=number), "utf-8")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        killed = _kill_one_worker(tmp_path / "on_ray")
        with made(tmp_path / "one") as one, made(tmp_path / "two") as two:
            one.sync(corpus, prepared=tmp_path / "on_ray", ray="local")
            assert killed.wait(60) == 0
            two.sync(corpus, prepared=tmp_path / "here")
            assert_same(one, two)
        names = sorted(path.name for path in (tmp_path / "on_ray").glob("*.parquet"))
        assert names == sorted(path.name for path in (tmp_path / "here").iterdir())
    finally:
        ray.shutdown()


_KILLER = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
end = time.monotonic() + 120
while not (folder.exists() and any(folder.glob("*.parquet"))):
    if time.monotonic() > end:
        sys.exit(1)
    time.sleep(0.01)
names = [path.name.split(".")[1] for path in folder.glob("*.part")]
workers = [
    int(path.parent.name) for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")
    if b"MapWorker" in path.read_bytes()
]
for worker in workers[:1]:
    os.kill(worker, signal.SIGKILL)
sys.exit(0 if workers else 2)
"""


def _kill_one_worker(folder: Path) -> subprocess.Popen[bytes]:
    """Kill a process of the cluster as soon as the first file is made."""
    return subprocess.Popen([sys.executable, "-c", _KILLER, str(folder)])
