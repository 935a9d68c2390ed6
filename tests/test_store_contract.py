"""What every store does, whatever finds its candidates: mapped arrays on this machine, or a Milvus server."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from milvus_server import requires_milvus, serving
from store_samples import MANIFEST, WORDS, check_against, make_rows, sample, vector_of, version

from rag.errors import IndexMismatch
from rag.records import Filters, ListQuery
from rag.store import DocumentRows, LocalStore
from rag.store.milvus_following import open_with_milvus
from rag.store.tables.context_rows import to_bytes
from rag.store.tables.manifest import Manifest
from rag.store.tables.rows import ContextRow

SAMPLES = Path(__file__).parent / "samples"
Opening = Callable[[Path], LocalStore]

FILTERS = (
    None,
    Filters(languages=frozenset({"ro"})),
    Filters(languages=frozenset({"sl", "hr"}), outlets=frozenset({"o1"})),
    Filters(published_from=date(2026, 1, 8), published_to=date(2026, 1, 14)),
    Filters(documents=frozenset({"d0", "d3", "none"})),
)

STORES = ["local", pytest.param("milvus", marks=requires_milvus)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server, started once for all tests here."""
    with serving(tmp_path_factory.mktemp("milvus") / "data") as server:
        yield server.address if server else ""


@pytest.fixture(params=STORES)
def opening(request: pytest.FixtureRequest, address: str) -> Opening:
    """Open the index of a folder in one of the ways."""
    if request.param == "local":
        return LocalStore.open
    return lambda folder: open_with_milvus(folder, f"{address}/i{abs(hash(folder))}")


def create(folder: Path, manifest: Manifest = MANIFEST) -> None:
    LocalStore.create(folder, manifest).close()


def test_any_history_equals_the_plain_way(opening: Opening, tmp_path: Path) -> None:
    """Upsert, delete, optimise and reopen at random: every answer equals counting over the documents left."""
    draw = random.Random(7)
    for number in range(2):
        folder = tmp_path / str(number)
        create(folder)
        store, documents = opening(folder), dict[str, DocumentRows]()
        for step in range(10):
            name = draw.choice("abcdef")
            kind = draw.choices(["upsert", "delete", "optimise", "reopen"], [6, 2, 1, 1])[0]
            if kind == "upsert":
                passages = [" ".join(draw.choices(WORDS, k=draw.randint(1, 8))) for _ in range(draw.randint(0, 4))]
                documents[name] = sample(name, passages, draw.randrange(5))
                store.upsert([documents[name]])
            elif kind == "delete":
                assert store.delete([name]) == ([name] if documents.pop(name, None) else [])
            elif kind == "optimise":
                store.optimise()
            else:
                store.close()
                store = opening(folder)
            if step % 3 == 2:
                check_against(store, documents, draw.choice(FILTERS))
        check_against(store, documents)
        assert store.verify() == []
        store.close()


def test_filters(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    documents = {f"d{n}": sample(f"d{n}", ["ana are mere", f"om pere {n}", "mere"], n % 5) for n in range(6)}
    with opening(tmp_path) as store:
        store.upsert(list(documents.values()))
        for filters in FILTERS:
            check_against(store, documents, filters)


def test_names_in_filters_need_no_quoting(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    outlets = ["a", '"a" or 1 == 1', "o'clock", "gazeta\n\\", "ž" * 300]
    with opening(tmp_path) as store:
        store.upsert([make_rows(f"d{n}", ["ana are mere"], outlet=outlet) for n, outlet in enumerate(outlets)])
        for number, outlet in enumerate(outlets):
            filters = Filters(outlets=frozenset({outlet}))
            with store.view() as view:
                ids, _ = view.search_terms([{"ana": 1.0}], 9, filters)
                assert view.passage_documents(ids) == [f"d{number}"]
                assert view.search_vectors(vector_of("x"), 9, filters)[0].tolist() == ids.tolist()


def test_a_changed_document(opening: Opening, tmp_path: Path) -> None:
    """Neither its old words nor its old vector are found, and statistics are those of the new text."""
    create(tmp_path)
    with opening(tmp_path) as store:
        store.upsert([make_rows("a", ["ana are mere"]), make_rows("b", ["om"])])
        assert len(store.search_terms([{"ana": 1.0}], 5)[0]) == 1
        documents = {"a": make_rows("a", ["pere are om", "om"], language="sl"), "b": make_rows("b", ["om"])}
        store.upsert([documents["a"]])
        assert len(store.search_terms([{"ana": 1.0}], 5)[0]) == 0
        check_against(store, documents, Filters(languages=frozenset({"sl"})))
        assert len(store.search_vectors(vector_of("x"), 9)[0]) == 3


def test_idf_is_that_of_now(opening: Opening, tmp_path: Path) -> None:
    """A word that was rare when a passage came in, and is common now, counts as a common one; longer texts, too."""
    create(tmp_path)
    documents = {"first": make_rows("first", ["ana are mere"])}
    with opening(tmp_path) as store:
        store.upsert(list(documents.values()))
        check_against(store, documents)  # sent to a server by now
        for number in range(4):
            longer = [f"ana {' '.join(['pere'] * 12)} {number} {n}" for n in range(3)]
            documents[f"d{number}"] = make_rows(f"d{number}", longer)
        store.upsert([documents[f"d{number}"] for number in range(4)])
        check_against(store, documents)


def test_alternatives_do_not_add_up(opening: Opening, tmp_path: Path) -> None:
    """Of a word's alternatives the best counts: passages with many of them hide none with a better one."""
    create(tmp_path)
    many = [f"ana an ano ane ani {n}" for n in range(60)]
    with opening(tmp_path) as store:
        store.upsert([make_rows(f"m{n}", [text]) for n, text in enumerate(many)])
        store.upsert([make_rows("best", ["izvor"])])
        groups = [{"ana": 0.9, "an": 0.9, "ano": 0.9, "ane": 0.9, "ani": 0.9, "izvor": 1.0}]
        with store.view() as view:
            ids, scores = view.search_terms(groups, 2)
            everything, all_scores = view.search_terms(groups, 100)
            assert view.passage_documents(ids)[0] == "best"
            assert ids.tolist() == everything[:2].tolist()
            assert scores.tolist() == all_scores[:2].tolist()


def test_equal_scores_come_by_place(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    with opening(tmp_path) as store:
        for name in ("c", "a", "b"):
            store.upsert([make_rows(name, ["ana are mere"])])
        with store.view() as view:
            for ids in (view.search_terms([{"ana": 1.0}], 2)[0], view.search_vectors(vector_of("x"), 2)[0]):
                assert sorted(view.passage_documents(ids)) == ["a", "b"]


def test_reads_its_own_writes_and_those_of_others(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    with opening(tmp_path) as one, opening(tmp_path) as other:
        documents: dict[str, DocumentRows] = {}
        for number, (writer, reader) in enumerate([(one, one), (one, other), (other, one), (other, other)]):
            documents[f"d{number}"] = version(f"d{number}", number)
            writer.upsert([documents[f"d{number}"]])
            check_against(reader, documents)
        one.delete(["d0"])
        del documents["d0"]
        check_against(other, documents)


def test_near_duplicates_count_once(opening: Opening, tmp_path: Path) -> None:
    """Statistics count the first of documents that are the same text, whichever comes in or goes."""
    create(tmp_path)
    words = " ".join(f"cuvant{n}" for n in range(60))
    with opening(tmp_path) as store:
        expected = []
        for change in ("b", "a", "-a", "c"):
            if change.startswith("-"):
                store.delete([change[1:]])
            else:
                store.upsert([make_rows(change, [words, f"om {change}"])])
            with store.view() as view:
                expected.append((view.count(), view.counted(), view.document_frequency(["cuvant1", "om"]).tolist()))
        assert expected == [(2, 2, [1, 1]), (4, 2, [1, 1]), (2, 2, [1, 1]), (4, 2, [1, 1])]


def test_contextual_vectors(opening: Opening, tmp_path: Path) -> None:
    """Passages are found by their contextual vectors as soon as they have them, and not when they are gone."""
    create(tmp_path, Manifest(model="m", fingerprint="f", dimension=8, contextual="c" * 8, contextual_dimension=8))
    query = vector_of("query")
    with opening(tmp_path) as store:
        store.upsert([make_rows(f"d{n}", [f"om {n}", f"ana {n}"], language="ro" if n % 2 else "sl") for n in range(6)])
        assert store.view().__enter__().refined_count() == 0
        ids = [waiting.passage for waiting in store.waiting(20)]
        codes = {id_: to_bytes(vector_of(f"context {id_}")[None]) for id_ in ids}
        store.put_context([ContextRow(passage=id_, vector=codes[id_][0], sentences=codes[id_]) for id_ in ids[:10]])
        store.delete(["d5"])
        with store.view() as view:
            held = sorted(set(ids[:10]) & set(view.search_vectors(query, 99)[0].tolist()))
            assert view.refined_count() == len(held) == 8
            known = view.context_cosines(query, held)
            assert known.known.all()
            order = np.argsort(-known.passage, kind="stable")
            found, scores = view.search_context(query, 5)
            assert found.tolist() == np.array(held)[order][:5].tolist()
            np.testing.assert_allclose(scores, np.sort(known.passage)[::-1][:5], atol=1e-6)
            only = view.search_context(query, 99, Filters(languages=frozenset({"ro"})))[0]
            assert set(view.languages_of(only)) == {"ro"}


def test_listed_by_words(opening: Opening, tmp_path: Path) -> None:
    """Words and phrases of the list of documents are found in the texts; what was corrected by hand filters."""
    create(tmp_path)
    with opening(tmp_path) as store:
        store.upsert([make_rows("a", ["ana are mere"]), make_rows("b", ["mere are ana"]), make_rows("c", ["om"])])
        for find, expected in (("ana", ["a", "b"]), ('"ana are"', ["a"]), ("none", []), ("om mere", []), ("", "abc")):
            with store.view() as view:
                page = view.browse(ListQuery(find=find))
                assert sorted(info.id for info in page.rows) == list(expected)
        store.correct("c", {"outlet": "gazeta"})
        with store.view() as view:
            ids, _ = view.search_vectors(vector_of("x"), 9, Filters(outlets=frozenset({"gazeta"})))
            assert view.passage_documents(ids) == ["c"]


def test_removed_for_good(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    with opening(tmp_path) as store:
        store.upsert([make_rows("a", ["ana are secretcuvant"]), make_rows("b", ["om"])])
        store.optimise()
        store.delete(["a"])
        store.purge()
        check_against(store, {"b": make_rows("b", ["om"])})
    hashed = b"secretcuvant"
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and hashed in path.read_bytes()]


def test_a_rebuilt_index_is_another(opening: Opening, tmp_path: Path) -> None:
    """Emptied and filled with other documents, in place: nothing of the old ones is found."""
    create(tmp_path)
    with opening(tmp_path) as store:
        store.upsert([version("old", 1)])
        check_against(store, {"old": version("old", 1)})
    LocalStore.create(tmp_path, MANIFEST, replace=True).close()
    with opening(tmp_path) as store:
        documents = {"new": version("new", 5)}
        store.upsert(list(documents.values()))
        store.optimise()
        check_against(store, documents)


_WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from store_samples import NAMES, version
from rag.store import LocalStore
if sys.argv[3]:
    from rag.store.milvus_following import open_with_milvus
    store = open_with_milvus(sys.argv[2], sys.argv[3])
else:
    store = LocalStore.open(sys.argv[2])
for step in range(10**6):
    store.upsert([version(name, step) for name in NAMES[step % 3 :: 3]])
    store.optimise()
    if step == 4:
        print("going", flush=True)
    store.delete([NAMES[step % len(NAMES)]])
    store.search_terms([{"ana": 1.0}], 3)
"""


@pytest.mark.parametrize("kind", STORES)
def test_killed_while_writing(kind: str, tmp_path: Path, address: str) -> None:
    """A writer that is killed while it stores or sends leaves an index that answers like the plain way."""
    create(tmp_path)
    address = f"{address}/killed" if kind == "milvus" else ""
    for delay in (0.0, 0.03, 0.11):
        words = [sys.executable, "-c", _WRITER, str(SAMPLES), str(tmp_path), address]
        with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=SAMPLES.parents[1]) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"going\n"
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(delay)
            os.kill(writer.pid, signal.SIGKILL)
        with open_with_milvus(tmp_path, address) if address else LocalStore.open(tmp_path) as store:
            held = {info.id: store.document(info.id) for info in store.list_documents()}
            documents = {name: _version_of(name, document.text) for name, document in held.items()}
            check_against(store, documents)
            assert store.verify() == []


def _version_of(name: str, text: str) -> DocumentRows:
    """Return the state of a document that has this text: all of it is there, or none."""
    step = int(text.split()[2])
    rows = version(name, step)
    assert rows.document.text == text
    return rows


def test_another_model_is_refused(opening: Opening, tmp_path: Path) -> None:
    create(tmp_path)
    with opening(tmp_path) as store:
        store.upsert([version("a", 1)])
        other = Manifest(model="model-b", fingerprint="e" * 16, dimension=8)
        LocalStore.create(tmp_path, other, replace=True).close()
        with pytest.raises(IndexMismatch, match="model-b"):
            store.search_vectors(vector_of("x"), 3)
