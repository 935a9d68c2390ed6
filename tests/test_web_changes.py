"""Changing the corpus over HTTP, on real files and a real index."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag import Document, Index
from rag.fetching.archive import keep_page
from rag.fetching.fetcher import Response
from rag.server import listen
from rag.server.app import make_server
from rag.server.corpus_changes import Changes
from rag.server.corpus_folder import incoming
from rag.server.corpus_routes import add_changes
from rag.server.options import Terms

SEEDS = Path(__file__).parent.parent / "seeds"
ARTICLE = b"The lighthouse of Genoa\n\nThe lighthouse of Genoa was rebuilt in 1543 by the republic, said the keeper.\n"


@dataclass
class Place:
    client: TestClient
    app: FastAPI
    index: Index
    folder: Path
    changes: Changes

    def wait(self) -> dict[str, Any]:
        """Return the state once nothing is under way: the change's own thread ends first."""
        for thread in threading.enumerate():
            if thread.name == "changes":
                thread.join(60)
        state: dict[str, Any] = self.client.get("/api/corpus").json()
        assert state["busy"] is False
        return state

    def state(self, language: str) -> dict[str, Any]:
        """Return the state as a reader of a language gets it."""
        state: dict[str, Any] = self.client.get("/api/corpus", headers={"Accept-Language": language}).json()
        return state

    def put(self, name: str, content: bytes = ARTICLE, query: str = "") -> Any:
        return self.client.put(f"/api/corpus/files/{name}{query}", content=content)

    def remove(self, *ids: str, sha256: str | None = None, files: tuple[str, ...] = ()) -> Any:
        known = {info.id: info.sha256 for info in self.index.documents()}
        articles = [{"id": id_, "sha256": sha256 or known.get(id_, "0" * 64)} for id_ in ids]
        return self.client.post("/api/corpus/remove", json={"articles": articles, "files": list(files)})

    def post(self, what: str, **body: object) -> Any:
        return self.client.post(f"/api/corpus/{what}", json=body)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for seed in ("003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt"):
        shutil.copy(SEEDS / seed, folder)
    with Index.create(tmp_path / "index") as index:
        index.sync(folder)
        changes = Changes(index, folder)
        app = FastAPI()
        add_changes(app, changes)
        yield Place(TestClient(app), app, index, folder, changes)


def test_a_file_that_is_added_answers_and_is_gone_when_removed(place: Place) -> None:
    assert place.put("new/genoa.txt").json() == {"name": "new/genoa.txt", "state": "stored"}
    assert (place.folder / "new" / "genoa.txt").read_bytes() == ARTICLE
    assert place.client.post("/api/corpus/sync").status_code == 202
    assert place.wait()["added"] == ["new/genoa.txt"]
    assert (
        place.index.answer("When was the lighthouse of Genoa rebuilt?").quotes[0].citation.document_id
        == "new/genoa.txt"
    )
    assert place.remove("new/genoa.txt").status_code == 202
    assert place.wait()["removed"] == ["new/genoa.txt"]
    assert not (place.folder / "new" / "genoa.txt").exists()
    assert len(place.index.documents()) == 2 and place.index.verify() == []


def test_the_last_article_stays_and_what_was_removed_can_be_added_again(place: Place) -> None:
    first, last = (info.id for info in place.index.documents())
    content = (place.folder / first).read_bytes()
    place.remove(first)
    assert place.wait()["removed"] == [first]
    refused = place.remove(last)
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "The last article cannot be removed: a corpus has at least one. Add another first",
    )  # fmt: skip
    place.put(first, content)
    place.client.post("/api/corpus/sync")
    assert place.wait()["added"] == [first]


def test_two_uploads_of_the_same_name(place: Place) -> None:
    assert place.put("a.txt").json()["state"] == "stored"
    assert place.put("a.txt").json()["state"] == "same"
    refused = place.put("a.txt", b"other")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Another file is called 'a.txt' already. Replace it, or rename this one"
    assert (place.folder / "a.txt").read_bytes() == ARTICLE
    assert place.put("a.txt", b"other", "?replace=true").status_code == 201
    assert (place.folder / "a.txt").read_bytes() == b"other"


@pytest.mark.parametrize(
    "name", ["%2e%2e/a.txt", ".hidden", "a/%2e%2e/%2e%2e/b", "a%09b.txt", "x" * 201, "a%5cb.txt", "out/a.txt", "/a"]
)
def test_a_name_that_cannot_be_used_stores_nothing(place: Place, name: str) -> None:
    (place.folder / "out").symlink_to(place.folder.parent)
    before = sorted(path.name for path in place.folder.parent.rglob("*"))
    refused = place.put(name)
    assert refused.status_code == 422 and "\n" not in refused.json()["detail"]
    assert sorted(path.name for path in place.folder.parent.rglob("*")) == before


def test_a_pdf_renamed_txt_is_reported_and_the_rest_goes_on(place: Place) -> None:
    place.put("fake.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n\x00\x01\x02")
    place.put("genoa.txt")
    place.client.post("/api/corpus/sync")
    state = place.wait()
    assert state["added"] == ["genoa.txt"] and [entry["source"] for entry in state["failed"]] == ["fake.txt"]
    assert state["failed"][0]["message"].startswith("'fake.txt' ")  # not where the folder lies on this machine


def test_an_upload_cut_off_leaves_nothing(place: Place) -> None:
    terms = Terms(port=0)
    with listen(terms) as listener:
        server = make_server(place.app, terms)
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        with socket.create_connection(listener.getsockname()[:2], 60) as line:
            line.sendall(
                b"PUT /api/corpus/files/cut.txt HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n\r\nhalf"
            )
        server.should_exit = True
        running.join(60)
    assert [path.name for path in place.folder.iterdir() if not path.name.startswith("00")] == []


def test_what_a_killed_server_left_is_removed(place: Place) -> None:
    (place.folder / ".incoming-abc").write_text("half")
    (place.folder / ".removed-abc").mkdir()
    (place.folder / ".removed-abc" / "a.txt").write_text("removed before the server was killed")
    add_changes(FastAPI(), place.changes)
    assert not (place.folder / ".incoming-abc").exists() and not (place.folder / ".removed-abc").exists()
    with incoming(place.folder) as (path, _):
        assert path.name.startswith(".")


def test_one_change_at_a_time(place: Place) -> None:
    with place.index._store.writing():  # the change waits for its turn meanwhile
        assert place.client.post("/api/corpus/sync").json()["busy"] is True
        for refused in (
            place.client.post("/api/corpus/sync"),
            place.remove("003_569c59af60f09498.txt"),
        ):
            assert refused.status_code == 409
            assert refused.json()["detail"] == "The corpus is being changed already. Wait until that is done"
        assert place.index.answer("Cine l-a invitat pe Zelenski la Moscova?").hits
    assert place.wait()["problem"] == ""


def test_another_program_that_writes_is_a_state_of_its_own(place: Place, tmp_path: Path) -> None:
    from rag.store.local import LocalStore

    with LocalStore.open(tmp_path / "index", write=True):
        place.remove("003_569c59af60f09498.txt")
        state = place.wait()
    assert state["problem"] == "locked" and state["detail"]
    assert (place.folder / "003_569c59af60f09498.txt").exists() and len(place.index.documents()) == 2


def test_the_index_is_made_anew_while_the_old_one_answers(place: Place) -> None:
    question = "Cine l-a invitat pe Zelenski la Moscova?"
    best, generation = place.index.answer(question).quotes[0].text, place.index.generation
    place.put("genoa.txt")  # read for the first time by the rebuild
    with place.index._store.writing():
        place.client.post("/api/corpus/rebuild")
        assert place.wait()["problem"] == "locked" and len(place.index.documents()) == 2
    assert place.client.post("/api/corpus/rebuild").json()["busy"] is True
    while place.client.get("/api/corpus").json()["busy"]:
        assert place.index.answer(question).quotes[0].text == best
    state = place.wait()
    names = ["003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt", "genoa.txt"]
    assert (state["problem"], sorted(state["added"])) == ("", names)
    assert [info.id for info in place.index.documents()] == names and place.index.verify() == []
    assert place.index.generation > generation
    assert place.index.answer(question).quotes[0].text == best


def test_what_could_not_come_back_keeps_an_index_from_being_made_anew(place: Place) -> None:
    place.index.add([Document(id="added", text="Added by a program, and of no file.")])
    place.client.post("/api/corpus/rebuild")
    state = place.wait()
    assert state["problem"] == "failed"
    assert "1 article came from another folder than" in state["detail"] and "'added'" in state["detail"]
    assert len(place.index.documents()) == 3


def test_articles_of_another_folder_are_never_dropped(place: Place) -> None:
    for file in list(place.folder.iterdir()):
        file.unlink()
    place.put("genoa.txt")
    place.client.post("/api/corpus/sync")
    state = place.wait()
    assert state["problem"] == "failed" and "2 articles came from another folder than" in state["detail"]
    assert len(place.index.documents()) == 2


@pytest.mark.parametrize("change", ["sync", "rebuild"])
def test_a_file_deleted_by_hand_is_said_to_be_missing_and_its_article_stays_until_it_is_removed(
    place: Place, change: str
) -> None:
    gone, kept = "004_e006c9bc8f8c5fea.txt", "003_569c59af60f09498.txt"
    (place.folder / gone).unlink()
    place.client.post(f"/api/corpus/{change}")
    state = place.wait()
    assert (state["problem"], state["removed"]) == ("failed", [])
    assert state["detail"] == (
        f"The file of {gone!r} is no longer in {str(place.folder)!r}; nothing was removed. "
        "Put it back, or remove the article with Remove, beside it"
    )
    assert [info.id for info in place.index.documents()] == [kept, gone]
    told = [place.state(language)["detail"] for language in ("ro", "sl")]
    assert told[0].startswith(f"Fișierul articolului „{gone}” nu mai este în")
    assert told[1].startswith(f"Datoteke članka »{gone}« ni več v")
    assert (state["code"], state["facts"]) == ("article_file_missing", {"id": gone, "folder": str(place.folder)})
    place.remove(gone)  # as the message says
    assert place.wait()["removed"] == [gone]
    place.client.post("/api/corpus/sync")
    assert place.wait()["problem"] == "" and [info.id for info in place.index.documents()] == [kept]


def test_no_article_goes_with_another_because_its_file_is_missing(place: Place) -> None:
    gone = "003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt"
    place.put("genoa.txt")
    place.client.post("/api/corpus/sync")
    assert place.wait()["added"] == ["genoa.txt"]
    for name in gone:
        (place.folder / name).unlink()
    place.client.post("/api/corpus/sync")
    state = place.wait()
    assert state["detail"] == (
        f"The files of 2 articles are no longer in {str(place.folder)!r}, for example {gone[0]!r}; nothing was removed. "
        "Put them back, remove each with Remove, or, to drop them all, run: rag index FOLDER"
    )
    told = [place.state(language)["detail"] for language in ("ro", "sl")]
    assert told[0].startswith("Fișierele a 2 articole nu mai sunt în") and told[0].endswith("rulați: rag index DOSAR")
    assert told[1].startswith("Datotek člankov (2) ni več v") and told[1].endswith("zaženite: rag index MAPA")
    place.remove(gone[0])
    state = place.wait()
    assert (state["problem"], state["removed"]) == ("", [gone[0]])
    assert [info.id for info in place.index.documents()] == [gone[1], "genoa.txt"]
    place.remove(gone[1])
    assert place.wait()["removed"] == [gone[1]]
    place.client.post("/api/corpus/sync")  # nothing is missing now
    assert place.wait()["problem"] == "" and [info.id for info in place.index.documents()] == ["genoa.txt"]


@pytest.mark.parametrize("key", ["x/../a.txt", "../a.txt", "x/..%2Fa.txt", "x/%2e%2e/a.txt", "a?b#c"])
def test_an_article_is_removed_by_its_id_whatever_that_says(place: Place, key: str) -> None:
    place.put("a.txt")
    rows = [
        f'{{"id": "{id_}", "text": "{id_} is the lighthouse of Genoa, said the keeper."}}' for id_ in (key, "other")
    ]
    place.put("rows.jsonl", rows[0].encode())
    place.client.post("/api/corpus/sync")
    place.wait()
    assert place.remove(f"rows.jsonl#{key}").status_code == 202
    assert place.wait()["removed"] == [f"rows.jsonl#{key}"]
    assert (place.folder / "a.txt").exists() and not (place.folder / "rows.jsonl").exists()
    assert place.index.document("a.txt").text.encode() == ARTICLE
    place.put("two.jsonl", "\n".join(rows).encode())
    place.client.post("/api/corpus/sync")
    place.wait()
    refused = place.remove(f"two.jsonl#{key}")
    assert (refused.status_code, (place.folder / "two.jsonl").exists()) == (422, True)
    assert "holds other articles too" in refused.json()["detail"]


def test_an_article_with_another_text_than_was_listed_is_not_removed(place: Place) -> None:
    place.put("a.txt")
    place.client.post("/api/corpus/sync")
    place.wait()
    seen = place.index.document("a.txt").sha256
    place.put("a.txt", ARTICLE.replace(b"1543", b"1544"), "?replace=true")
    place.client.post("/api/corpus/sync")
    place.wait()
    refused = place.remove("a.txt", sha256=seen)
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "'a.txt' has changed since it was listed; nothing was removed. Look at it again",
    )  # fmt: skip
    assert (place.folder / "a.txt").exists() and place.index.document("a.txt").text.count("1544") == 1
    assert place.client.request("DELETE", "/api/corpus/articles/a.txt").status_code in (404, 405)


def test_an_article_that_is_not_there_cannot_be_removed(place: Place) -> None:
    refused = place.remove("none.txt")
    assert (refused.status_code, refused.json()["detail"]) == (
        404, "There is no article 'none.txt'. It may have been removed already",
    )  # fmt: skip


def test_several_articles_and_a_file_that_cannot_be_read_are_removed_at_once_and_put_back(place: Place) -> None:
    place.put("a.txt")
    place.put("empty.txt", b"")
    place.index.add([Document(id="added", text="Added by a program, and of no file.", title="As read")])
    place.client.post("/api/corpus/sync")
    place.wait()
    for id_ in ("a.txt", "added"):
        assert place.post("correct", id=id_, title="By hand", published="2026-01-02").status_code == 202
        assert place.wait()["changed"] == [id_]
    before = {info.id: (info.title, info.corrected) for info in place.index.documents()}
    assert place.remove("a.txt", "none.txt").status_code == 404  # all of them or none
    assert place.remove(files=("003_569c59af60f09498.txt",)).json()["code"] == "file_not_failed"
    assert place.remove("a.txt", "added", files=("empty.txt",)).status_code == 202
    state = place.wait()
    assert (state["removed"], state["restorable"], state["failed"]) == (["a.txt", "added"], 2, [])
    assert not (place.folder / "a.txt").exists() and not (place.folder / "empty.txt").exists()
    assert place.index.failures() == [] and len(place.index.documents()) == 2
    assert place.post("restore").status_code == 202
    state = place.wait()
    assert (state["added"], state["restorable"], state["problem"]) == (["a.txt", "added"], 0, "")
    assert {info.id: (info.title, info.corrected) for info in place.index.documents()} == before
    assert [failure.source for failure in place.index.failures()] == ["empty.txt"]
    place.post("correct", id="added", discard=True)
    place.wait()
    assert place.index.document("added").title == "As read" and place.index.verify() == []
    assert place.post("restore").json()["code"] == "nothing_removed"
    ids = [info.id for info in place.index.documents()]
    assert place.remove(*ids).json()["code"] == "article_last"


def test_what_was_removed_cannot_be_put_back_over_another_file_and_goes_after_a_while(place: Place) -> None:
    place.put("a.txt")
    place.client.post("/api/corpus/sync")
    place.wait()
    place.remove("a.txt")
    place.wait()
    place.put("a.txt", b"another article by now")
    place.post("restore")
    assert place.wait()["code"] == "file_name_taken"
    assert (place.folder / "a.txt").read_bytes() == b"another article by now"
    assert list(place.folder.glob(".removed-*"))
    place.changes.stop(1)  # as the end of its time does
    assert not list(place.folder.glob(".removed-*")) and place.client.get("/api/corpus").json()["restorable"] == 0


def test_a_correction_is_checked_and_kept(place: Place) -> None:
    id_ = "003_569c59af60f09498.txt"
    for wrong, status in (
        ({"title": "x" * 501}, 422), ({"published": "yesterday"}, 422), ({"outlet": "a\x07b"}, 202), ({}, 202),
    ):  # fmt: skip
        assert place.post("correct", id=id_, **wrong).status_code == status
        if status == 202:
            assert place.wait()["code"] == ("correction_unprintable" if wrong else "correction_empty")
    assert place.post("correct", id="none.txt", title="x").status_code == 404
    hostile = "<img src=x onerror=alert(1)>"
    place.post("correct", id=id_, title=hostile, outlet=hostile, author=None, published=None)
    assert place.wait()["changed"] == [id_]
    place.client.post("/api/corpus/rebuild")
    assert place.wait()["problem"] == ""
    document = place.index.document(id_)
    assert (document.title, document.outlet, document.author, document.published) == (hostile, hostile, None, None)


def test_a_page_is_added_by_its_address_only_where_that_is_allowed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://gazeta.si/genoa"
    assert place.post("address", address=address).status_code == 404
    app = FastAPI()
    add_changes(app, place.changes, fetching=True)
    client = TestClient(app)
    client.post("/api/corpus/address", json={"address": "http://127.0.0.1:1/private"})
    assert place.wait()["code"] == "address_private"
    body = (
        b"<html><head><title>Genoa</title></head><body><article><h1>Genoa</h1><p>" + ARTICLE + b"</p></article></html>"
    )
    answer = Response(address=address, status=200, headers=(("content-type", "text/html"),), body=body)
    monkeypatch.setattr("rag.fetching.fetcher.Fetcher.fetch", lambda self, asked, known=None: answer)
    client.post("/api/corpus/address", json={"address": address})
    (added,) = place.wait()["added"]
    document = place.index.document(added)
    assert document.source == address and "rebuilt in 1543" in document.text
    assert place.remove(added).status_code == 202
    assert place.wait()["removed"] == [added]


def test_pages_of_a_list_are_left_alone(place: Place, tmp_path: Path) -> None:
    address = "https://gazeta.si/genoa"
    kept = tmp_path / "index" / "fetched"
    keep_page(
        kept, address, Response(address=address, status=200, headers=(), body=b"<html><p>" + ARTICLE + b"</html>")
    )
    assert place.index._writer.sync_pages(tmp_path / "index").added == (address,)
    assert place.client.post("/api/corpus/sync").status_code == 202
    assert place.wait()["problem"] == ""
    answer = place.remove(address)
    assert f"{address!r} came from a list. Take it off the list, then run: rag index --urls FILE" in answer.text
    assert place.index.document(address).text.startswith("The lighthouse of Genoa")


def test_a_change_that_would_take_too_long_is_broken_off_in_one_line(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def sync(folder: Path) -> None:
        assert gone.wait(60)
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")  # what a pool says then

    monkeypatch.setattr(place.index, "sync", sync)
    place.changes.sync()
    place.changes.stop(0.1)
    gone.set()
    assert place.wait()["problem"] == "failed"
    assert [record.getMessage() for record in caplog.records] == [
        "a change to the corpus was broken off; what was finished is kept, the next one goes on"
    ]
