"""The contextual encoder: by hand on a tiny graph, and what is said where its files are missing or damaged."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_contextual import in_context, unit, write_tiny_contextual

from rag import Document, EncoderError, Index, Settings
from rag.encoding import contextual, onnx_model
from rag.encoding.contextual import ContextualEncoder, Encoded, Text, context_line
from rag.encoding.packed_weights import unpack_weight


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_contextual(tmp_path / "contextual")


@pytest.fixture
def encoder(folder: Path) -> ContextualEncoder:
    return ContextualEncoder(folder)


@pytest.fixture
def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny model in the place of the one that ships."""
    monkeypatch.setattr(contextual, "CONTEXTUAL", folder)
    return folder


def test_a_passage_and_its_sentences_are_read_in_one_pass(encoder: ContextualEncoder) -> None:
    text = "Peace moscow. War paris."
    (encoded,) = encoder.read([Text(text=text, sentences=((0, 13), (14, 24)))])
    words = in_context(["<s>", "passage", "<unk>", "peace", "moscow", "<unk>", "war", "paris", "<unk>", "</s>"])
    assert encoded.vector == pytest.approx(unit(words.sum(axis=0)), abs=1e-6)
    assert encoded.sentences[0] == pytest.approx(unit(words[3:6].sum(axis=0)), abs=1e-6)
    assert encoded.sentences[1] == pytest.approx(unit(words[6:9].sum(axis=0)), abs=1e-6)


def test_title_and_date_are_context_and_belong_to_no_sentence(encoder: ContextualEncoder) -> None:
    (encoded,) = encoder.read([Text(text="war", sentences=((0, 3),), context="Moscow. 2026-01-07")])
    # "war" is changed by the last piece of the context, which is unknown and has no direction
    assert encoded.sentences[0] == pytest.approx(unit(in_context(["war"])[0]), abs=1e-6)
    assert encoded.vector[6] > 0 and encoded.vector[5] > 0


def test_a_question_is_read_with_its_own_prompt(encoder: ContextualEncoder) -> None:
    rows = encoder.encode_queries(["peace", "paris war"])
    assert rows[0] == pytest.approx(unit(in_context(["query", "peace", "</s>"]).sum(axis=0)), abs=1e-6)
    assert rows[1] == pytest.approx(unit(in_context(["paris", "war", "</s>"]).sum(axis=0)), abs=1e-6)
    assert encoder.encode_queries([]).shape == encoder.encode_passages([]).shape == (0, 32)


@pytest.mark.parametrize("text", ["", " ", "\U0001f642", "\ud800", "日本語", "unknown words only"])
def test_what_the_model_does_not_know_gives_numbers_all_the_same(encoder: ContextualEncoder, text: str) -> None:
    (encoded,) = encoder.read([Text(text=text, sentences=((0, len(text)),) if text else ())])
    assert np.isfinite(encoded.vector).all() and np.isfinite(encoded.sentences).all()


@pytest.mark.parametrize("sentence", [10, 2000])
def test_a_long_passage_is_read_in_windows_and_nothing_is_left_out(encoder: ContextualEncoder, sentence: int) -> None:
    """All words count as much as in one pass, but for those after a cut, which lack the half of the word before."""
    words = ["peace"] * 1999 + ["war"]
    text = " ".join(words)
    starts = [n * 6 for n in range(0, 2000, sentence)]
    spans = tuple(zip(starts, [*(start - 1 for start in starts[1:]), len(text)], strict=True))
    (encoded,) = encoder.read([Text(text=text, sentences=spans)])
    whole = in_context(["passage", "<unk>", *words, "</s>"]).sum(axis=0)
    assert encoded.vector == pytest.approx(unit(whole), abs=1e-3)
    assert encoded.vector[5] > 0  # the last word of all
    last = in_context(words[2000 - sentence :]).sum(axis=0)
    assert encoded.sentences[-1] == pytest.approx(unit(last), abs=2e-2)
    if sentence == 10:  # windows end between sentences, so that each is whole
        assert encoded.sentences[5] == pytest.approx(encoded.sentences[60], abs=0.06)


def test_equal_passages_are_encoded_once_and_the_order_is_kept(
    encoder: ContextualEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    inner = encoder._encode

    def counted(texts: Sequence[Text], prompt: str, session: Any) -> list[Encoded]:
        seen.append(len(texts))
        return inner(texts, prompt, session)

    monkeypatch.setattr(encoder, "_encode", counted)
    texts = [Text(text="war")] * 5000 + [Text(text="peace")] + [Text(text="war")] * 5000
    encoded = encoder.read(texts)
    assert seen == [2]
    assert len(encoded) == 10_001
    assert encoded[5000].vector[4] > 0.9 and encoded[0].vector[5] > 0.9 and encoded[10_000].vector[5] > 0.9


@pytest.mark.parametrize(
    ("title", "published", "before", "line"),
    [
        ("Pace la Paris", date(2026, 1, 7), "", "Pace la Paris. 2026-01-07"),
        ("Pace?", date(2026, 1, 7), "", "Pace? 2026-01-07"),
        ("Pace", None, "", "Pace"),
        ("", date(2026, 1, 7), "", "2026-01-07"),
        ("Pace", date(2026, 1, 7), "Pace\nText", "2026-01-07"),
        ("", None, "", ""),
    ],
)
def test_the_context_of_a_passage(title: str, published: date | None, before: str, line: str) -> None:
    assert context_line(title, published, before=before) == line


@pytest.mark.parametrize("name", ["encoder.onnx", "embeddings.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_missing_or_damaged_file_is_one_line_and_the_table_answers(
    installed: Path, name: str, damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text="The two presidents met in Moscow on Monday.")])
    path = installed / name
    content = path.read_bytes()
    path.unlink() if damage == "missing" else path.write_bytes(content[: len(content) // 2])
    contextual.contextual_fingerprint.cache_clear()
    onnx_model.open_model.cache_clear()
    with pytest.raises(
        EncoderError, match=rf"contextual model cannot be used: .*{name}: .*\. Install the program again"
    ) as caught:
        ContextualEncoder(installed)
    assert "\n" not in str(caught.value)
    with Index.open(tmp_path / "index") as index, caplog.at_level(logging.WARNING):
        assert index.refine() == index.refinement()
        assert index.answer("Where did the presidents meet?").quotes[0].citation.document_id == "a"
        assert index.answer("Who met in Moscow?").quotes
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1 and said[0].endswith("passages are found and ranked by the table alone")


def test_packed_weights_that_are_damaged_are_named(installed: Path) -> None:
    (installed / "encoder.safetensors").write_bytes(b"no weights")
    onnx_model.open_model.cache_clear()
    with pytest.raises(EncoderError, match=r"encoder\.safetensors: .*\. Install the program again"):
        ContextualEncoder(installed)


def test_a_weight_is_unpacked_by_hand() -> None:
    codes = np.full((1, 1, 16), 8 | 8 << 4, np.uint8)  # 8 stands for 0
    codes[0, 0, 0], codes[0, 0, 1] = 9 | 4 << 4, 15  # weights 0 and 16 are 1 and -4, weights 1 and 17 are 7 and -8
    scales, steps = np.full((1, 1, 1), 0.5, np.float32), np.full((1, 1), 0.25, np.float32)
    whole = unpack_weight(codes, scales, steps)
    assert whole.shape == (32, 1)
    assert {place: int(whole[place, 0]) for place in np.flatnonzero(whole)} == {0: 2, 16: -8, 1: 14, 17: -16}
    doubled = unpack_weight(codes, scales, steps, np.full((1, 32), 2.0, np.float32))
    assert (doubled == 2 * whole).all()


@pytest.mark.skipif(sys.platform != "linux", reason="where the highest memory of a process is told in /proc")
def test_both_models_load_in_little_memory() -> None:
    code = (
        "from pathlib import Path; from rag.encoding.contextual import ContextualEncoder;"
        "from rag.encoding.reading_model import ReadingModel; ContextualEncoder(); ReadingModel();"
        "print(Path('/proc/self/status').read_text())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    (kilobytes,) = (int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM"))
    assert kilobytes < 450_000  # 250 MB were measured; 880 where the graph unpacked its weights


def test_another_model_than_that_of_the_index_is_said_and_not_mixed(
    installed: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Index.create(tmp_path / "index") as index:
        index.add([Document(id="a", text="War in Moscow.")])
        built = str(index.info()["contextual model"])
        index.refine()
    tokenizer = installed / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text("utf-8") + " ", "utf-8")
    contextual.contextual_fingerprint.cache_clear()
    onnx_model.open_model.cache_clear()
    now = ContextualEncoder(installed).identity.fingerprint[:12]
    with Index.open(tmp_path / "index") as index, caplog.at_level(logging.WARNING):
        assert index.retrieve("war in moscow")[0].document.id == "a"
        assert index.refine() == index.refinement()
    assert f"was built with contextual model {built}; the model is now {now}" in caplog.text
    assert "Run: rag index FOLDER --rebuild" in caplog.text


def test_the_table_alone_can_be_asked_for(installed: Path, tmp_path: Path) -> None:
    with Index.create(tmp_path / "index", settings=Settings(model="table")) as index:
        assert index.info()["contextual model"] == "none"
        assert index.refine() is None
        index.add([Document(id="a", text="The two presidents met in Moscow on Monday.")])
        assert index.answer("Where did the presidents meet?").quotes
