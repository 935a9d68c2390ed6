"""The one object behind the faces: making, opening, adding, removing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from tiny import write_tiny_model

from rag import CorpusError, Document, Index, IndexMismatch, IndexNotFound, IndexUnusable, QueryError


def test_create_refuses_what_is_there_and_open_what_is_not(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound, match="no index at"):
        Index.open(tmp_path / "index")
    Index.create(tmp_path / "index").close()
    with pytest.raises(IndexUnusable, match="--rebuild"):
        Index.create(tmp_path / "index")
    Index.create(tmp_path / "index", replace_existing=True).close()


def test_another_model_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    Index.create(tmp_path / "index").close()
    model = str(write_tiny_model(tmp_path / "tiny"))
    with pytest.raises(IndexMismatch, match=r"was built with model .* dims\); asked for .*tiny \(2\)"):
        Index.open(tmp_path / "index", model=model)


def test_a_model_whose_weights_changed_is_refused(tmp_path: Path) -> None:
    model = write_tiny_model(tmp_path / "tiny")
    with Index.create(tmp_path / "index", model=str(model)) as index:
        index.add([Document(id="a", text="peace in moscow")])
    other = write_tiny_model(tmp_path / "other", {"[UNK]": (0, 0), "peace": (1, 1), "war": (1, 0)})
    for file in ("model.safetensors", "tokenizer.json"):
        (model / "0_StaticEmbedding" / file).write_bytes((other / "0_StaticEmbedding" / file).read_bytes())
    with Index.open(tmp_path / "index") as index, pytest.raises(IndexMismatch, match="weights"):
        index.retrieve("peace")


def test_added_documents_keep_everything_and_can_be_replaced(tmp_path: Path) -> None:
    first = Document(
        id="x", text="Ministrul sănătății a demisionat luni.", title="Demisie", source="https://example.org/x", outlet="Ziarul",
        author="Ana Pop", published=datetime(2026, 1, 5, 14, 5), language="ro", pages=(0, 20),
    )  # fmt: skip
    with Index.create(tmp_path / "index") as index:
        assert index.add([first]).added == ("x",)
        assert index.document("x") == first
        assert index.add([first]).unchanged == ("x",)
        hit = index.retrieve("Cine a demisionat?", 1)[0]
        assert (hit.document, hit.citation.page, hit.citation.outlet) == (first, 1, "Ziarul")
        second = Document(id="x", text="Prim-ministrul a demisionat marți.", published=date(2026, 1, 6), language="ro")
        assert index.add([second]).changed == ("x",)
        assert [hit.document.text for hit in index.retrieve("Cine a demisionat?", 5)] == [second.text]
    with Index.open(tmp_path / "index") as index:
        assert index.document("x") == second
        report = index.remove(["x", "y"])
        assert report.removed == ("x",)
        assert [failure.source for failure in report.failed] == ["y"]
        assert index.retrieve("Cine a demisionat?") == []
        with pytest.raises(QueryError):
            index.document("x")


def test_the_language_is_found_when_absent(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text="Vlada je v torek potrdila predlog zakona o javnem prevozu v Ljubljani.")])
        assert index.document("a").language == "sl"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (Document(id=" ", text="x"), "has no id"),
        (Document(id="b", text=" \n"), "'b' has no text"),
        (Document(id="c", text="half \ud800"), "half a character"),
        (Document(id="c", text="whole", source="half \udcff"), "The source of document 'c' has half a character"),
    ],
)
def test_all_or_nothing(tmp_path: Path, document: Document, message: str) -> None:
    with Index.create(tmp_path / "index") as index:
        with pytest.raises(CorpusError, match=message):
            index.add([Document(id="a", text="A sound document."), document])
        with pytest.raises(CorpusError, match="Two documents have the id 'a'"):
            index.add([Document(id="a", text="One."), Document(id="a", text="Two.")])
        assert index.info()["documents"] == 0


def test_one_index_sees_what_another_writes(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as writer, Index.open(tmp_path / "index") as reader:
        assert reader.retrieve("vulcan") == []
        writer.add([Document(id="a", text="Un vulcan a erupt în Islanda.", language="ro")])
        assert [hit.document.id for hit in reader.retrieve("vulcan")] == ["a"]
        writer.remove("a")
        assert reader.retrieve("vulcan") == []
