"""A Milvus server as a store: the answers are the local ones, and every fault of the server is one clear line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from milvus_server import MilvusServer, requires_milvus, serving
from store_samples import MANIFEST, check_against, make_rows, vector_of

from rag import Answer, Hit, Index, IndexLocked, IndexMismatch, IndexUnusable, Settings, SettingsError
from rag.cli.commands import main
from rag.retrieval.question import Question
from rag.store import LocalStore, View
from rag.store.locking import WriteLock
from rag.store.milvus import MilvusCollections, MilvusState
from rag.store.milvus_address import MilvusAddress
from rag.store.milvus_following import LOCK, MilvusFollowing, open_with_milvus
from rag.store.tables.rows import Floats, Longs

ROOT = Path(__file__).parents[1]
QUESTIONS = list(
    dict.fromkeys(
        re.findall(r'(?:rag ask |rag retrieve |answer\(|retrieve\()"([^"]+)"', (ROOT / "README.md").read_text())
    )
)
DOCUMENTS = {f"d{n}": make_rows(f"d{n}", ["ana are mere", f"om pere {n}"], language="ro") for n in range(8)}

pytestmark = requires_milvus


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    with serving(tmp_path_factory.mktemp("milvus") / "data") as server:
        assert server is not None
        yield server


@pytest.fixture(scope="module")
def copied(seeds_index: Index, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the five articles, refined, of its own."""
    folder = tmp_path_factory.mktemp("copied") / "index"
    shutil.copytree(str(seeds_index.info()["index"]), folder)
    return folder


def filled(folder: Path, address: str) -> LocalStore:
    """Return an open store of a few documents, all of them sent."""
    LocalStore.create(folder, MANIFEST).close()
    store = open_with_milvus(folder, address)
    store.upsert(list(DOCUMENTS.values()))
    store.optimise()
    return store


def cited(found: Answer | list[Hit]) -> list[str]:
    if isinstance(found, list):
        return [str(hit.citation) for hit in found]
    return [str(quote.citation) for quote in found.quotes] + cited(list(found.hits))


def lists(view: View, question: Question, k: int) -> list[tuple[Longs, Floats]]:
    """Return every list of candidates of a question."""
    return [
        view.search_vectors(question.vector, k),
        view.search_context(question.context_vector, k),
        view.search_terms(question.words, k),
        view.search_terms(question.translated, k),
    ]


# -- the same answers --------------------------------------------------------------------------------------------------


def test_questions_of_the_readme(copied: Path, running: MilvusServer) -> None:
    """The same citations in the same order, and the same lists of candidates, as on this machine."""
    assert len(QUESTIONS) == 4
    address = f"{running.address}/readme"
    settings = Settings(index=copied, store=address)
    with Index.open(copied) as here, Index.open(settings=settings) as there:
        for question in QUESTIONS:
            assert cited(there.answer(question)) == cited(here.answer(question)) != []
            for mode in ("dense", "lexical", "hybrid"):
                ours, theirs = (index.retrieve(question, 20, mode=mode) for index in (here, there))
                assert cited(theirs) == cited(ours)
                assert [hit.score for hit in theirs] == pytest.approx([hit.score for hit in ours], abs=1e-5)
        newest = there._store._newest
        assert isinstance(newest, MilvusFollowing)
        assert newest.searched.lists <= newest.searched.requests
        assert newest.searched.uncertain == 0


def test_candidates_of_questions(copied: Path, running: MilvusServer) -> None:
    """Thirty questions: every list of candidates equals that of this machine, and every one is certain."""
    lines = (ROOT / "tests/data/seeds-beir/queries.jsonl").read_text("utf-8").splitlines()
    settings = Settings(index=copied, store=f"{running.address}/readme")
    with Index.open(copied) as here, Index.open(settings=settings) as there:
        newest = there._store._newest
        assert isinstance(newest, MilvusFollowing)
        with here._store.view() as ours, there._store.view() as theirs:
            for line in lines:
                question = here._parts.retriever._read(ours, json.loads(line)["text"])
                for k in (3, 20):
                    both = zip(lists(ours, question, k), lists(theirs, question, k), strict=True)
                    for (ids, scores), (found, close) in both:
                        assert found.tolist() == ids.tolist()
                        assert close == pytest.approx(scores, abs=2e-6)
                assert theirs.token_counts(1000).tolist() == ours.token_counts(1000).tolist()
        assert newest.searched.lists == 30 * 2 * 4
        assert newest.searched.uncertain == 0


def test_served(copied: Path, running: MilvusServer) -> None:
    """`rag serve --store` answers over HTTP with the citations of this machine."""
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(copied), "--port", "0"]
    command += ["--store", f"{running.address}/readme"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (
        Index.open(copied) as here,
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            assert process.stderr is not None
            found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)))
            for question in QUESTIONS[:2]:
                url = f"{found.group()}/api/answer?q={urllib.parse.quote(question)}"
                with urllib.request.urlopen(url, timeout=60) as response:
                    said = json.load(response)
                ours = here.answer(question)
                assert [quote["text"] for quote in said["quotes"]] == [quote.text for quote in ours.quotes]
                places = [(hit["citation"]["document_id"], hit["citation"]["start"]) for hit in said["hits"]]
                assert places == [(hit.citation.document_id, hit.citation.start) for hit in ours.hits]
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_command_line(tmp_path: Path, running: MilvusServer, capsys: pytest.CaptureFixture[str]) -> None:
    """`rag index --store` fills the server, and again when it was emptied; `rag ask --store` asks it."""
    (tmp_path / "corpus").mkdir()
    shutil.copy(ROOT / "seeds" / "003_569c59af60f09498.txt", tmp_path / "corpus")
    address = f"{running.address}/line"
    place = ["--index", str(tmp_path / "index")]
    indexing = ["index", str(tmp_path / "corpus"), "--no-refine", *place, "--store", address]
    collections = MilvusCollections(MilvusAddress.parse(address))
    assert main(indexing) == 0
    with Index.open(tmp_path / "index") as index:
        passages = index.info()["passages"]
    assert collections.count() == passages
    assert main(["retrieve", "Zelenski la Moscova", "-k", "1", "--json", *place, "--store", address]) == 0
    assert "003_569c59af60f09498" in capsys.readouterr().out
    collections.create(MilvusState(index="lost", model="", mean=1.0), 8, 0)
    assert main(["retrieve", "Zelenski", *place, "--store", address]) == 1
    assert "hold another index (lost)" in capsys.readouterr().err
    collections.create(MilvusState(index=(tmp_path / "index/milvus.id").read_text(), model="", mean=1.0), 8, 0)
    assert main(indexing) == 0
    assert collections.count() == passages
    collections.close()


# -- faults ------------------------------------------------------------------------------------------------------------


def test_server_that_goes_away(tmp_path: Path) -> None:
    """Down, back again, and held up: each is said, writing goes on, and nothing that was confirmed is lost."""
    server = MilvusServer(tmp_path / "data")
    address = MilvusAddress.parse(f"{server.address}/away")
    filled(tmp_path / "index", f"{server.address}/away").close()
    collections = MilvusCollections(address)
    documents = {**DOCUMENTS, "new": make_rows("new", ["ana"])}
    try:
        with LocalStore(
            tmp_path / "index", lambda place, catalogue: MilvusFollowing(place, catalogue, collections)
        ) as store:
            check_against(store, DOCUMENTS)
            server.kill()
            with pytest.raises(IndexUnusable, match="cannot be reached") as raised:
                store.search_vectors(vector_of("x"), 3)
            assert raised.value.facts["where"] == f"{server.address}/away"
            store.upsert([documents["new"]])
            with pytest.raises(IndexUnusable, match="cannot be reached"):
                store.optimise_if_due()
            assert store.document("new").text == "ana"
            server.start()
            assert collections.count() == 16
            check_against(store, documents)
            server.hold()
            collections._timeout, usual = 2.0, collections._timeout
            for _ in range(2):  # the second time by a new connection
                with pytest.raises(IndexUnusable, match="did not answer within 2 s"):
                    store.search_terms([{"ana": 1.0}], 3)
            server.go_on()
            collections._timeout = usual
            check_against(store, documents)
    finally:
        server.kill()


def test_server_that_lost_its_rows(running: MilvusServer, tmp_path: Path) -> None:
    """Collections that are gone, or hold fewer passages than they say, are noticed; indexing fills them again."""
    address = f"{running.address}/lost"
    store = filled(tmp_path, address)
    collections = MilvusCollections(MilvusAddress.parse(address))
    with store:
        with collections._asking() as (client, _):
            client.drop_collection("lost_passages")
        with pytest.raises(IndexUnusable, match="has no collections of this index any more"):
            store.search_vectors(vector_of("x"), 3)
        store.optimise()
        check_against(store, DOCUMENTS)
        collections.remove([1, 2], context=False)
    with open_with_milvus(tmp_path, address) as again:
        with pytest.raises(IndexUnusable, match=r"lacks passages of the index .* \(2\)"):
            again.search_vectors(vector_of("x"), 3)
        again.optimise()
        check_against(again, DOCUMENTS)
    collections.close()


def test_rows_of_another_index(running: MilvusServer, tmp_path: Path) -> None:
    """An index does not take the collections of another one, neither to read nor to write."""
    address = f"{running.address}/taken"
    with filled(tmp_path / "one", address) as one:
        LocalStore.create(tmp_path / "two", MANIFEST).close()
        with open_with_milvus(tmp_path / "two", address) as two:
            two.upsert([make_rows("x", ["om"])])
            for write in (two.optimise, lambda: two.search_vectors(vector_of("x"), 3)):
                with pytest.raises(IndexMismatch, match="hold another index"):
                    write()
            assert two.document("x").text == "om"
        check_against(one, DOCUMENTS)


def test_collections_that_are_not_ours(running: MilvusServer, tmp_path: Path) -> None:
    collections = MilvusCollections(MilvusAddress.parse(f"{running.address}/theirs"))
    with collections._asking() as (client, _):
        client.create_collection("theirs_passages", dimension=4)
    collections.close()
    LocalStore.create(tmp_path, MANIFEST).close()
    with open_with_milvus(tmp_path, f"{running.address}/theirs") as store:
        store.upsert(list(DOCUMENTS.values()))
        with pytest.raises(IndexMismatch, match="theirs_passages that this program did not make"):
            store.optimise()


def test_index_put_back_to_an_earlier_copy(running: MilvusServer, tmp_path: Path) -> None:
    """The server is ahead of a database that was restored: that is noticed, also once the numbers agree again."""
    address = f"{running.address}/restored"
    filled(tmp_path / "index", address).close()
    shutil.copytree(tmp_path / "index", tmp_path / "copy")
    with open_with_milvus(tmp_path / "index", address) as store:
        store.delete(["d0"])
        store.optimise()
    shutil.rmtree(tmp_path / "index")
    shutil.copytree(tmp_path / "copy", tmp_path / "index")
    with open_with_milvus(tmp_path / "index", address) as store:
        check_against(store, DOCUMENTS)
        documents = {**DOCUMENTS, "new": make_rows("new", ["ana"])}
        store.upsert([documents["new"]])
        check_against(store, documents)


def test_server_of_an_old_version(running: MilvusServer, tmp_path: Path) -> None:
    LocalStore.create(tmp_path, MANIFEST).close()
    with open_with_milvus(tmp_path, f"{running.address}/old") as store:
        store.upsert(list(DOCUMENTS.values()))
        running.version.write_text("2.3.1")
        try:
            with pytest.raises(IndexMismatch, match=r"is of version .*2\.3\.1; this program needs 2\.5 or later"):
                store.optimise()
        finally:
            running.version.unlink()
        check_against(store, DOCUMENTS)


def test_many_passages_are_left_to_indexing(
    running: MilvusServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A search sends no more than a little; it takes what the server holds whole, and says what that lacks."""
    monkeypatch.setattr("rag.store.milvus_following.MOST_AT_ONCE", 3)
    LocalStore.create(tmp_path, MANIFEST).close()
    with open_with_milvus(tmp_path, f"{running.address}/many") as store:
        store.upsert(list(DOCUMENTS.values()))
        with pytest.raises(IndexUnusable, match=r"lacks passages .* \(16\)\. Run: rag index FOLDER --store"):
            store.search_vectors(vector_of("x"), 3)
        store.optimise()
        check_against(store, DOCUMENTS)
        more = {f"e{n}": make_rows(f"e{n}", ["izvor"]) for n in range(4)}
        store.upsert(list(more.values()))
        store.delete(["d0"])
        with store.view() as view:
            assert view.search_terms([{"izvor": 1.0}], 9)[0].tolist() == []
            ids = view.search_terms([{"ana": 1.0}], 99)[0]
            assert set(view.passage_documents(ids)) == set(DOCUMENTS) - {"d0"}
        assert [record.message for record in caplog.records if "lacks passages" in record.message] != []
        store.optimise()
        check_against(store, {**{name: rows for name, rows in DOCUMENTS.items() if name != "d0"}, **more})


def test_interrupted_filling_goes_on(running: MilvusServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent before the interruption is not sent again, unless it was removed since."""
    monkeypatch.setattr("rag.store.milvus_following._BATCH", 4)
    monkeypatch.setattr("rag.store.milvus_following._NOTED", 1)
    sent: list[int] = []
    real = MilvusCollections.put_passages

    def put(self: MilvusCollections, rows: list) -> None:  # type: ignore[type-arg]
        if len(sent) == 8:
            raise KeyboardInterrupt
        real(self, rows)
        sent.extend(row.passage for row in rows)

    monkeypatch.setattr(MilvusCollections, "put_passages", put)
    LocalStore.create(tmp_path, MANIFEST).close()
    with open_with_milvus(tmp_path, f"{running.address}/interrupted") as store:
        store.upsert(list(DOCUMENTS.values()))
        with pytest.raises(KeyboardInterrupt):
            store.optimise()
    store = open_with_milvus(tmp_path, f"{running.address}/interrupted")
    with store:
        store.delete(["d0"])
        sent.append(0)
        store.optimise()
        assert sent == [*range(1, 9), 0, *range(9, 17)]
        check_against(store, {name: rows for name, rows in DOCUMENTS.items() if name != "d0"})


def test_counts_that_cannot_be_read(running: MilvusServer, tmp_path: Path) -> None:
    """Counts are derived: a damaged file is named, and without it they are made again."""
    address = f"{running.address}/counts"
    filled(tmp_path, address).close()
    (tmp_path / "counts.db").write_bytes(b"no database at all" * 100)
    with open_with_milvus(tmp_path, address) as store:
        with pytest.raises(IndexUnusable, match=r"counts\.db' cannot be used"):
            store.search_terms([{"ana": 1.0}], 3)
        for path in tmp_path.glob("counts.db*"):
            path.unlink()
        check_against(store, DOCUMENTS)


@pytest.mark.parametrize(
    ("text", "uri", "shown"),
    [
        ("milvus://host", "http://host:19530", "milvus://host:19530/izvor"),
        ("milvus://[::1]:1953/news", "http://[::1]:1953", "milvus://[::1]:1953/news"),
        ("milvus+tls://ana:p%40ss@host:1/x", "https://host:1", "milvus+tls://host:1/x"),
    ],
)
def test_addresses(text: str, uri: str, shown: str) -> None:
    address = MilvusAddress.parse(text)
    assert (address.uri, address.shown) == (uri, shown)
    assert address.token == ("ana:p@ss" if "@" in text else "")


@pytest.mark.parametrize("text", ["", "host", "http://host", "milvus://", "milvus://ana:secret@h:x", "milvus://h/a-b"])
def test_addresses_that_are_none(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not the address of a store") as raised:
        open_with_milvus(tmp_path, text)
    assert "secret" not in str(raised.value)


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SettingsError, match=r"pip install '\.\[milvus\]'"):
        open_with_milvus(tmp_path, "milvus://host")


def test_another_process_that_sends(running: MilvusServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it does, what the server holds whole is searched; where that is nothing, it is said who is at it."""
    monkeypatch.setattr("rag.store.milvus_following._READER_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr("rag.store.milvus_following._BEHIND_SECONDS", 0.0)
    with filled(tmp_path, f"{running.address}/sending") as store:
        store.upsert([make_rows("new", ["izvor"])])
        lock = WriteLock(tmp_path / LOCK)
        assert len(store.search_terms([{"izvor": 1.0}], 3)[0]) == 0
        assert len(store.search_terms([{"ana": 1.0}], 99)[0]) == 8
        monkeypatch.setattr("rag.store.milvus_following._PATIENCE_SECONDS", 0.1)
        with pytest.raises(IndexLocked, match="is being written by process"):
            store.optimise()
        collections = MilvusCollections(MilvusAddress.parse(f"{running.address}/sending"))
        collections.create(MilvusState(index=(tmp_path / "milvus.id").read_text(), model="", mean=1.0), 8, 0)
        collections.close()
        with pytest.raises(IndexLocked, match="is being written by process"):
            store.search_vectors(vector_of("x"), 3)
        lock.release()
        check_against(store, {**DOCUMENTS, "new": make_rows("new", ["izvor"])})
