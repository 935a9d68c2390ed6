"""The public datasets that `benchmarks/prepare.py` turns into folders of ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.prepare import main as prepare
from benchmarks.prepare import tatoeba_dataset, xquad_dataset
from rag.errors import DatasetError
from rag.evaluation import read_dataset


def squad(*paragraphs: tuple[str, dict[str, str]]) -> str:
    entries = [
        {"context": text, "qas": [{"id": name, "question": asked, "answers": []} for name, asked in questions.items()]}
        for text, questions in paragraphs
    ]
    return json.dumps({"version": "1.1", "data": [{"title": "T", "paragraphs": entries}]})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "eval" / "tatoeba").mkdir(parents=True)
    for language in ("ro", "en"):
        text = squad(
            (f"one {language}", {"i1": f"first {language}?", "i2": f"second {language}?"}),
            (f"two {language}", {"i3": f"third {language}?"}),
            (f"one {language}", {"i4": f"fourth {language}?"}),
        )
        (folder / "eval" / f"xquad.{language}.json").write_text(text, encoding="utf-8")
    for code in ("ron", "slv", "hrv", "deu", "spa", "fra", "ita"):
        for side in (code, "eng"):
            path = folder / "eval" / "tatoeba" / f"tatoeba.{code}-eng.{side}"
            path.write_text(f"a {side}\u2028.\nb {side}\n", encoding="utf-8", newline="\n")
    return folder


def test_xquad_asks_in_one_language_over_paragraphs_of_another(data: Path) -> None:
    dataset = xquad_dataset(data, "en", "ro")
    assert dataset.name == "xquad-en-ro"
    assert [(row.id, row.text) for row in dataset.corpus] == [("p000", "one ro"), ("p001", "two ro")]
    assert dataset.queries == {"i1": "first en?", "i2": "second en?", "i3": "third en?", "i4": "fourth en?"}
    assert dataset.qrels == {"i1": {"p000": 1}, "i2": {"p000": 1}, "i3": {"p001": 1}, "i4": {"p000": 1}}


def test_xquad_files_that_are_not_parallel_are_refused(data: Path) -> None:
    (data / "eval" / "xquad.en.json").write_text(squad(("one", {"other": "?"})), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"xquad.en.json and xquad.ro.json hold different questions; take both"):
        xquad_dataset(data, "en", "ro")


@pytest.mark.parametrize("content", ["{", "[]", '{"data": [{}]}', '{"data": 3}'])
def test_a_file_that_is_not_squad_is_named(data: Path, content: str) -> None:
    (data / "eval" / "xquad.ro.json").write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"xquad\.ro\.json is not in SQuAD form .*; take it from an XQuAD release"):
        xquad_dataset(data, "ro", "ro")


def test_a_missing_file_says_where_data_should_point(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"xquad\.ro\.json cannot be read \(No such file.*give the folder above eval/"
    ):
        xquad_dataset(tmp_path, "ro", "ro")


def test_tatoeba_finds_translations_line_by_line(data: Path) -> None:
    dataset = tatoeba_dataset(data, "sl", "en")
    assert [(row.id, row.text) for row in dataset.corpus] == [("s0000", "a eng\u2028."), ("s0001", "b eng")]
    assert dataset.queries == {"q0000": "a slv\u2028.", "q0001": "b slv"}
    assert dataset.qrels == {"q0000": {"s0000": 1}, "q0001": {"s0001": 1}}
    (data / "eval" / "tatoeba" / "tatoeba.slv-eng.slv").write_text("a\n", encoding="utf-8")
    with pytest.raises(
        DatasetError, match=r"tatoeba\.slv-eng: 2 sentences on one side, 1 on the other; take both from one"
    ):
        tatoeba_dataset(data, "en", "sl")


def test_prepare_writes_folders_that_read_back(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(["--data", str(data), "--out", str(data / "beir")])
    assert read_dataset(data / "beir" / "xquad-ro-en") == xquad_dataset(data, "ro", "en")
    assert len(list((data / "beir").iterdir())) == 4 + 2 * 7
    assert "xquad-ro-en: 2 documents, 4 questions" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"error: .*xquad\.ro\.json cannot be read"):
        prepare(["--data", str(data / "beir"), "--out", str(data / "out")])
