"""The snapshot: used when sound, rebuilt from the rows when not, and caught up with the difference."""

from __future__ import annotations

import json
import logging
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from store_samples import DIMENSION, MANIFEST, check_against, filled, make_rows, sample, vector_of

from rag.errors import IndexUnusable
from rag.records import Filters
from rag.store import LocalStore
from rag.store.tables.context_rows import to_bytes
from rag.store.tables.database import NAME
from rag.store.tables.rows import ContextRow


def snapshot_file(folder: Path, kind: str) -> Path:
    [path] = (folder / "snapshot").glob(f"{kind}*")
    return path


def context_row(passage: int) -> ContextRow:
    return ContextRow(
        passage=passage,
        vector=to_bytes(vector_of(f"context {passage}")[None])[0],
        sentences=to_bytes(np.stack([vector_of(f"sentence {passage} {n}") for n in range(2)])),
    )


def cosines(store: LocalStore) -> NDArray[np.float32]:
    with store.view() as view:
        found = view.context_cosines(vector_of("asked"), range(1, 81))
        return np.concatenate([found.passage, *found.sentences])


def test_snapshot_is_used_and_needs_no_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        with store.view() as view:
            assert view.state.snapshot is not None and view.state.snapshot.commit == view.state.commit
            assert len(view.state.segments) == 1
        check_against(store, documents)
    assert caplog.records == []


@pytest.mark.parametrize("kind", ["vectors", "arrays", "current"])
@pytest.mark.parametrize("harm", ["missing", "cut", "empty", "flip", "longer"])
def test_harmed_snapshot_is_rebuilt(tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, harm: str) -> None:
    documents = filled(tmp_path)
    path = snapshot_file(tmp_path, kind)
    content = bytearray(path.read_bytes())
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-7])
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "longer":
        path.write_bytes(content + b" }")
    else:
        content[random.Random(kind).randrange(len(content) // 4, len(content))] ^= 4
        path.write_bytes(content)
    with caplog.at_level(logging.WARNING), LocalStore.open(tmp_path) as store:
        reported = store.verify()
        assert [line.startswith("snapshot: ") for line in reported] == (
            [] if (kind, harm) == ("current", "missing") else [True]
        )
        check_against(store, documents)
        assert [
            record.message.startswith(f"index at {str(tmp_path)!r}: snapshot not used (") for record in caplog.records
        ] == [True]
        store.optimise()
        caplog.clear()
        with LocalStore.open(tmp_path) as again:
            check_against(again, documents)
        assert caplog.records == []
        assert len(list((tmp_path / "snapshot").iterdir())) == 3  # what was left of the old one is gone


@pytest.mark.parametrize("kind", ["vectors", "arrays", "context"])
@pytest.mark.parametrize("harm", ["cut", "empty", "flip", "nan", "longer"])
def test_a_snapshot_harmed_while_it_is_served_is_rebuilt_before_it_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, harm: str
) -> None:
    documents = filled(tmp_path, replace(MANIFEST, contextual="model-c", contextual_dimension=DIMENSION))
    with LocalStore.open(tmp_path) as store:
        store.put_context([context_row(passage) for passage in range(1, 81)])
        store.optimise()
        expected = cosines(store)
        path = snapshot_file(tmp_path, kind)
        with path.open("r+b") as file:
            size = path.stat().st_size
            if harm in ("cut", "empty"):
                file.truncate(size - 7 if harm == "cut" else 0)
            else:
                file.seek({"flip": size // 2, "nan": size // 3 // 4 * 4, "longer": size}[harm])
                file.write(b"\xff" * (size // 3))
        with caplog.at_level(logging.WARNING):
            check_against(store, documents)
            assert np.array_equal(cosines(store), expected)
        assert [record.message for record in caplog.records] == [
            f"index at {str(tmp_path)!r}: snapshot not used"
            f" (ValueError: {path.name} does not match its size or checksum); rebuilt from the database"
        ]
        store.optimise()
        caplog.clear()
    with LocalStore.open(tmp_path) as store:
        check_against(store, documents)
        assert store.verify() == [] and caplog.records == []


def test_what_was_read_of_a_snapshot_while_it_was_written_to_is_refused(tmp_path: Path) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        for error in (None, IndexError("out of bounds")):
            with pytest.raises(IndexUnusable, match=r"was written to while it was read\. Ask again"), store.view():
                path = snapshot_file(tmp_path, "arrays")
                path.write_bytes(path.read_bytes()[::-1])
                if error is not None:
                    raise error
            check_against(store, documents)
            store.optimise()


def test_a_snapshot_that_is_replaced_linked_or_touched_is_still_sound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store, LocalStore.open(tmp_path) as other:
        path = snapshot_file(tmp_path, "arrays")
        (tmp_path / "backup").hardlink_to(path)
        check_against(store, documents)
        other.optimise()
        assert not path.exists()
        check_against(store, documents)
        snapshot_file(tmp_path, "arrays").touch()
        for one in (store, other):
            check_against(one, documents)
            with one.view() as view:
                assert view.state.snapshot is not None
    assert caplog.records == []


@pytest.mark.parametrize(
    ("field", "value"), [("dimension", 9), ("fingerprint", "0" * 16), ("model", "model-b"), ("rows", 79), ("layout", 2)]
)
def test_snapshot_of_something_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    import zlib

    documents = filled(tmp_path)
    path = tmp_path / "snapshot" / "current.json"
    text = json.dumps(json.loads(json.loads(path.read_text())["content"]) | {field: value})
    path.write_text(json.dumps({"content": text, "crc32": zlib.crc32(text.encode())}))
    with LocalStore.open(tmp_path) as store:
        check_against(store, documents)
    assert "snapshot not used" in caplog.text


def test_database_put_back_to_an_earlier_copy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The snapshot is then of a future that did not happen, even when later writes reach the same number."""
    documents = filled(tmp_path / "index")
    shutil.copy(tmp_path / "index" / NAME, tmp_path / NAME)
    with LocalStore.open(tmp_path / "index") as store:
        store.upsert([make_rows("later", ["ana"])])
        store.optimise()
    shutil.copy(tmp_path / NAME, tmp_path / "index" / NAME)
    with LocalStore.open(tmp_path / "index") as store:
        check_against(store, documents)
        documents["other"] = make_rows("other", ["mere ana"])
        store.upsert([documents["other"]])
    with LocalStore.open(tmp_path / "index") as store:
        check_against(store, documents)
    assert caplog.text.count("is of commit 3, which is not in the database's history") == 2


def test_only_the_difference_is_applied(tmp_path: Path) -> None:
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        documents["new"] = make_rows("new", ["ana noua"])
        store.upsert([documents["new"]])
        del documents["d3"]
        store.delete(["d3"])
    with LocalStore.open(tmp_path) as store, store.view() as view:
        assert [len(segment) for segment in view.state.segments] == [80, 1]
        check_against(store, documents)


def test_large_snapshots_are_of_the_fast_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.store.search.state.FLAT_LIMIT", 700)
    documents = {f"d{n}": sample(f"d{n}", [f"ana are {n}", f"mere {n}"], n % 5) for n in range(350)}
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(list(documents.values()))
        kinds = []
        for name in ("new", "newer"):
            store.optimise()
            with store.view() as view:
                kinds.append(view.state.segments[0].vectors.kind)
            documents[name] = make_rows(name, ["ana noua"])
            store.upsert([documents[name]])
        assert kinds == ["flat", "fast"]
        store.delete(["d3"])
        del documents["d3"]
        assert store.verify() == []
    with LocalStore.open(tmp_path) as store:
        ids, scores = store.search_vectors(vector_of("x"), 5, Filters(languages=frozenset({"ro"})))
        expected = sorted(
            (
                (float(row.embedding @ vector_of("x")), rows.document.text[row.start : row.end])
                for rows in documents.values()
                for row in rows.passages
                if rows.document.language == "ro"
            ),
            reverse=True,
        )[:5]
        assert [passage.text for passage in store.passages(ids)] == [text for _, text in expected]
        np.testing.assert_allclose(scores, [score for score, _ in expected], atol=1e-6)


def test_segments_stay_few(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        for number in range(200):
            store.upsert([make_rows(f"d{number}", ["ana are", "mere"])])
            store.refresh()
        with store.view() as view:
            sizes = [len(segment) for segment in view.state.segments]
        assert sum(sizes) == 400
        assert len(sizes) <= 9
        store.delete([f"d{number}" for number in range(199)])
        with store.view() as view:
            assert sum(segment.live for segment in view.state.segments) == 2
            assert len(view.state.segments) <= 2


def test_disk_full_while_writing_a_snapshot(tmp_path: Path) -> None:
    """A folder in the way of the file stands for any error of the file system: the index goes on."""
    documents = filled(tmp_path)
    with LocalStore.open(tmp_path) as store:
        documents["new"] = make_rows("new", ["ana"])
        store.upsert([documents["new"]])
        shutil.rmtree(tmp_path / "snapshot")
        (tmp_path / "snapshot").write_text("in the way")
        with pytest.raises(IndexUnusable, match=r"its snapshot cannot be written \(.*\); no document is lost"):
            store.optimise()
        check_against(store, documents)
