"""Several corpora on one server: each at its own address, all behind the same guard."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from test_contract import ANA, KNOWN

from rag import Document, Index, SettingsError
from rag.server.app import create_app
from rag.server.auth import Accounts
from rag.server.corpora import Corpora, CorpusPaths, name_corpora
from rag.server.guard import Guard
from rag.server.options import Terms

QUESTION = "When was the lighthouse of Genoa rebuilt?"
GENOA = Document(id="genoa.txt", text="The lighthouse of Genoa was rebuilt in 1543 by the republic, said the keeper.")
TERMS = Terms(body_bytes=2_000)


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory, seeds_index: Index) -> Iterator[dict[str, Index]]:
    with Index.create(tmp_path_factory.mktemp("old") / "index") as other:
        other.add([GENOA])
        other.refine()
        yield {"news": seeds_index, "old": other}


def client_of(indexes: dict[str, Index], terms: Terms) -> TestClient:
    async def make() -> Corpora:  # Gradio opens an event loop and leaves it so, unless one is running
        return Corpora({name: create_app(index, terms, indexes, name) for name, index in indexes.items()})

    app = CorpusPaths(Guard(asyncio.run(make()), terms), tuple(indexes))
    return TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)


def test_each_corpus_answers_at_its_own_address(indexes: dict[str, Index]) -> None:
    with client_of(indexes, TERMS) as client:
        for path, article in (
            ("/api/old/answer", "genoa.txt"), ("/c/old/api/answer", "genoa.txt"), ("/api/answer", None),
            ("/api/news/answer", None), ("/c/news/api/answer", None),
        ):  # fmt: skip
            answer = client.get(path, params={"q": QUESTION}).json()
            assert [quote["citation"]["document_id"] for quote in answer["quotes"]] == [article] * bool(article), path
        assert client.get("/api/old/documents/genoa.txt").json()["text"] == GENOA.text
        assert client.get("/api/news/documents/genoa.txt").status_code == 404
        corpora = client.get("/api/corpora").json()["corpora"]
        assert [(one["name"], one["articles"]) for one in corpora] == [("news", 5), ("old", 1)]
        assert client.get("/api/old/corpora").json()["corpora"] == corpora
        exported = client.get("/c/old/export.md", params={"q": QUESTION})
        assert "rebuilt in 1543" in exported.text and "http://127.0.0.1:7860/c/old/?q=" in exported.text
        assert client.get("/c/old", params={"q": "x"}).headers["location"] == "old/?q=x"
        for missing in ("/c/none/", "/c/none/api/answer", "/api/none/answer", "/c/", "/c/old/c/old/"):
            assert client.get(missing, params={"q": "x"}).status_code == 404, missing


def test_the_page_of_each_corpus_loads_from_its_own_address(indexes: dict[str, Index]) -> None:
    with client_of(indexes, TERMS) as client:
        for root in ("", "/c/old"):
            page = client.get(f"{root}/").text
            assert f'"root":"http://127.0.0.1:7860{root}"' in page
            assets = re.findall(r'(?:src|href)="(\./assets/[^"]+)"', page)
            assert assets and client.get(f"{root}/{assets[0][2:]}").status_code == 200
            assert client.get(f"{root}/plain", params={"q": QUESTION}).status_code == 200
            assert client.post(f"{root}/gradio_api/upload").status_code == 404  # the gate is closed everywhere


def test_every_corpus_is_behind_the_same_guard(indexes: dict[str, Index]) -> None:
    paths = (
        "/api/old/answer?q=x",
        "/c/old/api/answer?q=x",
        "/c/old/",
        "/c/old/plain?q=x",
        "/c/old/mcp",
        "/c/old/metrics",
    )
    with client_of(indexes, replace(TERMS, accounts=Accounts.read(ANA))) as client:
        assert {client.get(path).status_code for path in paths} == {401}
        assert client.get("/api/old/answer", params={"q": "x"}, headers=KNOWN).status_code == 200
    with client_of(indexes, replace(TERMS, rate=0.2)) as client:  # one client, whichever corpus it asks
        codes = [
            client.get(path).status_code
            for path in ("/api/old/versions?document_id=x", "/api/versions?document_id=x") * 2
        ]
        assert 429 in codes
    with client_of(indexes, TERMS) as client:
        foreign = {"Origin": "http://elsewhere.example"}
        assert client.post("/c/old/gradio_api/run/ask", json={}, headers=foreign).status_code == 403
        assert client.post("/c/old/gradio_api/run/ask", content=b"0" * 3_000).status_code == 413
        assert client.get("/c/old/", headers={"Host": "elsewhere.example"}).status_code == 421


def test_the_names_of_corpora(tmp_path: Path) -> None:
    for folder in ("news/index", "archive", "x/index", "y/index"):
        (tmp_path / folder).mkdir(parents=True)
    given: list[Path | str] = [tmp_path / "news" / "index", f"{tmp_path}/archive", f"old={tmp_path}/x/index"]
    assert name_corpora(given) == {"news": given[0], "archive": tmp_path / "archive", "old": tmp_path / "x" / "index"}
    twice: list[Path | str] = [f"a={tmp_path}/x", f"a={tmp_path}/y"]
    reserved: list[Path | str] = [tmp_path / "archive", f"answer={tmp_path}/y"]
    for taken in (twice, reserved):
        with pytest.raises(SettingsError) as error:
            name_corpora(taken)
        assert error.value.code == "corpus_name_taken"
