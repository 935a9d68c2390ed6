"""The stable face: names, signatures, and the worked example of the design."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import date, datetime
from pathlib import Path

import pytest
from conftest import SEEDS

import rag


def test_all_names_exist_and_are_listed() -> None:
    assert sorted(rag.__all__) == rag.__all__ or set(rag.__all__) == set(dir(rag))
    for name in rag.__all__:
        assert getattr(rag, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(rag, "nothing")  # noqa: B009


def test_every_error_is_in_the_tree_and_its_docstring() -> None:
    import rag.errors

    for name, value in vars(rag.errors).items():
        if inspect.isclass(value) and issubclass(value, Exception):
            assert issubclass(value, rag.RagError)
            assert name in (rag.errors.__doc__ or "")
            assert name in rag.__all__


@pytest.mark.parametrize(
    "record", [rag.Document, rag.Passage, rag.Citation, rag.Hit, rag.Quote, rag.Answer, rag.Filters, rag.SyncReport]
)
def test_records_are_frozen(record: type) -> None:
    assert dataclasses.is_dataclass(record)
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(record)


def test_the_worked_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with rag.Index.create(tmp_path / "index") as index:
        report = index.sync(SEEDS)
        assert (len(report.added), report.changed, report.removed, report.failed) == (5, (), (), ())
        document = rag.Document(id="mine", text="Ministrul a demisionat luni, la Ljubljana.", title="Demisie")
        assert index.add([document]).added == ("mine",)
        assert index.remove(["mine"]).removed == ("mine",)
        filters = rag.Filters(languages={"ro"}, published_from=date(2026, 1, 1), published_to=date(2026, 1, 31))
        hits = index.retrieve("Unde s-au întâlnit Witkoff și Dmitriev?", k=5, filters=filters)
        assert hits
        assert {hit.document.language for hit in hits} == {"ro"}
        answer = index.answer("Unde s-au întâlnit Witkoff și Dmitriev?")
        assert not answer.abstained
        quote = answer.quotes[0]
        assert index.quote(quote.citation) == quote.text
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    hits = rag.retrieve("Unde s-au întâlnit Witkoff și Dmitriev?", k=3)
    assert [hit.rank for hit in hits] == [1, 2, 3]
    assert hits[0].score >= hits[1].score >= hits[2].score
    best = hits[0]
    assert best.document.text[best.citation.start : best.citation.end] == best.passage.text
    assert best.citation.sha256 == best.document.sha256
    places = " ".join(hit.passage.text for hit in hits)
    assert "la Paris" in places and "jugu Floride" in places  # they met twice
    assert "\n" not in str(best.citation)


def test_a_citation_prints_as_one_line() -> None:
    citation = rag.Citation(
        document_id="a.txt", sha256="0" * 64, start=3, end=9, title="Title", outlet="Delo",
        published=datetime(2026, 1, 28, 18, 20), source="seeds/a.txt", page=2,
    )  # fmt: skip
    assert str(citation) == "Delo, “Title”, 2026-01-28, p. 2 [seeds/a.txt:3-9]"
    bare = rag.Citation(document_id="a.txt", sha256="", start=0, end=1)
    assert str(bare) == "a.txt [a.txt:0-1]"


def test_filters_take_a_single_name_and_any_collection() -> None:
    assert rag.Filters(languages="ro").languages == {"ro"}  # type: ignore[arg-type]
    assert rag.Filters(outlets=["Delo", "Delo"]).outlets == {"Delo"}  # type: ignore[arg-type]
    assert not rag.Filters()
    assert rag.Filters(published_to=date(2026, 1, 1))


def test_a_document_knows_its_digest_and_pages() -> None:
    document = rag.Document(id="a", text="abc", pages=(0, 2))
    assert document.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert [document.page_at(offset) for offset in (0, 1, 2)] == [1, 1, 2]
    assert rag.Document(id="a", text="abc").page_at(0) is None
