"""The reader's training: changes of examples, blocks of weights, the exported graphs, and that a tiny reader learns."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel

from rag.encoding.packed_weights import read_packed
from training import contextual_graph
from training.contextual_blocks import dequantised, four_bit, read_embeddings, write_embeddings
from training.contextual_ranges import input_ranges
from training.contextual_vocabulary import is_basic, kept_pieces, trimmed_tokenizer
from training.reader import new_state, rate_share
from training.reader_batches import Encoded, collate, cut_by_length, encode
from training.reader_changes import Example, question_names, swapped, window
from training.reader_development import best_span, rank_share, token_f1
from training.reader_evaluation import f1
from training.reader_examples import ExampleMaker
from training.reader_model import Reader, loss_of, reader_from_source
from training.reader_rows import Row, is_held_out
from training.reader_words import mixed

PASSAGE = "The hospital of Brăila was built in 1891. It has 120 beds. The mayor of Brăila visited it on Monday."


def row(question: str = "How many beds does the hospital of Brăila have?", answer: str = "120", **other: object) -> Row:
    start = PASSAGE.index(answer)
    fields: dict[str, object] = {
        "language": "en", "question": question, "passage": PASSAGE, "spans": ((start, start + len(answer)),), "file": "x", "place": 0,
    }  # fmt: skip
    return Row(**(fields | other))  # type: ignore[arg-type]


def maker(*more: Row) -> ExampleMaker:
    others = [
        row("Where is Maribor?", "1891", place=1, passage=PASSAGE.replace("Brăila", "Maribor")),
        row(
            "What is near Ljubljana?",
            "Monday",
            place=2,
            passage="Nothing of that kind. The weather was fine on Monday.",
        ),
    ]
    return ExampleMaker([row(), *others, *more], {"en": ["Celje", "Kranj", "Galați"]}, {})


def changed(kind: str, seed: int = 0, of: Row | None = None) -> Example:
    return maker().changed(of or row(), kind, random.Random(seed))


def words_of(example: Example) -> list[str]:
    return [example.passage[start:end] for start, end in example.spans]


@pytest.mark.parametrize("seed", range(12))
def test_a_window_keeps_its_answer_and_whole_sentences(seed: int) -> None:
    long = row(passage=" ".join(f"Sentence {n} is of no use here." for n in range(60)) + " " + PASSAGE)
    long = row(passage=long.passage, spans=((at := long.passage.index("120"), at + 3),))
    example = window(long, random.Random(seed))
    assert words_of(example) == ["120"]
    assert len(example.passage) <= 800 < len(long.passage)
    assert example.passage[-1] == "." and example.passage[0].isupper()


def test_a_name_swapped_in_the_question_leaves_the_passage_without_an_answer() -> None:
    example = changed("question swapped")
    assert example.passage == PASSAGE and not example.answers
    assert "Brăila" not in example.question and example.question.startswith("How many beds does the hospital of ")


def test_a_name_swapped_in_question_and_passage_is_still_answered() -> None:
    example = changed("both swapped")
    assert "Brăila" not in example.passage + example.question
    assert words_of(example) == ["120"]


def test_the_twin_of_a_sentence_differs_in_name_and_answer() -> None:
    asked = row("When was the hospital of Brăila built?", "1891")
    more = row("When?", "1891", place=7, passage="It was founded in 1954 by a doctor.", spans=((18, 22),))
    seen = set()
    for seed in range(40):
        example = maker(more).changed(asked, "twinned", random.Random(seed))
        if example.kind != "twinned":
            continue
        name = (
            "Brăila"
            if "Brăila" in example.question
            else next(n for n in ("Celje", "Kranj", "Galați", "Maribor", "Ljubljana") if n in example.question)
        )
        [answer] = words_of(example)
        assert f"The hospital of {name} was built in {answer}." in example.passage
        seen.add((name == "Brăila", answer))
    assert {own for own, _ in seen} == {True, False}
    assert all((answer == "1891") == own for own, answer in seen)


def test_without_its_answering_sentence_a_passage_only_names_the_subject() -> None:
    example = changed("sentence removed")
    assert "120" not in example.passage and "Brăila" in example.passage and not example.answers


def test_a_title_may_be_all_that_names_the_subject_and_another_title_answers_nothing() -> None:
    own, other = changed("titled"), changed("mistitled")
    assert "Brăila" in own.context and "Brăila" not in own.passage and words_of(own) == ["120"]
    assert other.context and "Brăila" not in other.context + other.passage and not other.answers


def test_a_date_that_fits_is_answered_and_one_of_another_year_is_not() -> None:
    assert words_of(changed("dated")) == ["120"]
    wrong = changed("misdated")
    assert not wrong.answers and wrong.question != row().question and wrong.passage == PASSAGE


@pytest.mark.parametrize(("old", "new"), [("Brăila", "Kranj"), ("The", "Every"), ("o", "")])
def test_spans_move_with_what_is_replaced(old: str, new: str) -> None:
    base = window(row(), random.Random(0))
    made = swapped(base, old, new)
    assert made is not None and words_of(made) == ["120"] and old not in made.passage


def test_an_answer_is_never_replaced() -> None:
    assert swapped(window(row(), random.Random(0)), "120", "35") is None


def test_names_of_a_question() -> None:
    assert question_names("Where did Witkoff and Kirill Dmitriev meet?", "en") == ["Witkoff", "Kirill Dmitriev"]
    assert question_names("Wo ist der Bahnhof?", "de") == []


def test_words_are_mixed_by_the_dictionary_alone() -> None:
    words = {"hospital": ["spital"], "what": ["ce"]}
    assert mixed("What hospital was closed?", words, 1.0, random.Random(0)) == "Ce spital was closed?"


def test_neighbouring_rows_are_held_out_together() -> None:
    for block in range(40):
        assert len({is_held_out(row(place=block * 250 + n)) for n in (0, 100, 249)}) == 1
    assert len({is_held_out(row(place=block * 250)) for block in range(100)}) == 2


def test_four_bit_weights_come_back_without_loss(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(0, 16, (7, 3, 32))
    codes[..., 0] = 0  # every block has its largest magnitude, as the source's quantiser leaves it
    scales = draw.uniform(0.001, 0.1, (7, 3, 1)).astype(np.float16).astype(np.float32)
    weights = ((codes - 8) * scales).reshape(7, 96).astype(np.float32)
    write_embeddings(tmp_path, weights)
    assert (dequantised(*read_embeddings(tmp_path)) == weights).all()
    assert four_bit(np.zeros((1, 32), np.float32))[0].tolist() == [[[8] * 32]]


def tiny_source(folder: Path, *, words: int = 40) -> Path:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=words, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def inputs(batch: int = 3, tokens: int = 11) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    mask = torch.ones(batch, tokens, dtype=torch.long)
    mask[1, 8:] = 0
    segments = torch.zeros_like(mask)
    segments[:, 4:6], segments[:, 7:10] = 1, 2
    return torch.randn(batch, tokens, 32), mask, segments * mask


@pytest.mark.parametrize(("kind", "tolerance"), [("float", 1e-4), ("integer", 0.06), ("blocks", 0.2)])
def test_the_exported_reader_gives_what_the_trained_one_gives(tmp_path: Path, kind: str, tolerance: float) -> None:
    reader = reader_from_source(tiny_source(tmp_path), layers=2, frozen=0)
    reader.train(False)
    words, mask, segments = inputs()
    ranges = input_ranges(reader.body, lambda: reader(words, mask, segments))
    state = {name: value.numpy() for name, value in reader.state_dict().items()}
    model = contextual_graph.reader_model(state, layers=2, heads=2, epsilon=1e-12, kind=kind, ranges=ranges)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = session.run(None, {"embeddings": words.numpy(), "mask": mask.numpy(), "segments": segments.numpy()})
    with torch.no_grad():
        wanted = reader(words, mask, segments)
    for theirs, mine in zip(got, wanted, strict=True):
        real = mask.bool().numpy() if mine.dim() == 2 else np.ones(3, bool)
        assert np.abs(theirs - mine.numpy())[real].max() < tolerance


def test_the_exported_encoder_is_the_same_from_four_bits_and_unmoved_by_padding(tmp_path: Path) -> None:
    body = BertModel.from_pretrained(tiny_source(tmp_path), add_pooling_layer=False)
    body.train(False)
    state = {
        name: dequantised_like(value.numpy()) if value.dim() == 2 and "encoder" in name else value.numpy()
        for name, value in body.state_dict().items()
    }
    body.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()})
    words, mask, _ = inputs()
    hidden = []
    for kind in ("integer", "integer from 4 bits"):
        model, packed = contextual_graph.encoder_model(state, layers=2, heads=2, epsilon=1e-12, kind=kind)
        contextual_graph.save(model, tmp_path / "encoder.onnx", packed)
        options = onnxruntime.SessionOptions()
        given = read_packed(tmp_path / "encoder.safetensors") if packed else {}
        options.add_external_initializers(
            list(given), [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in given.values()]
        )
        session = onnxruntime.InferenceSession(
            str(tmp_path / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        hidden.append(session.run(None, {"embeddings": words.numpy(), "mask": mask.numpy()})[0])
        alone = session.run(None, {"embeddings": words.numpy()[1:2, :8], "mask": mask.numpy()[1:2, :8]})[0]
        assert np.abs(alone[0] - hidden[-1][1, :8]).max() < 1e-3
    with torch.no_grad():
        wanted = body(inputs_embeds=words, attention_mask=mask).last_hidden_state.numpy()
    real = mask.bool().numpy()
    assert np.abs(hidden[0] - hidden[1])[real].max() < 1e-4
    assert np.abs(hidden[0] - wanted)[real].max() < 0.15


def dequantised_like(weights: np.ndarray) -> np.ndarray:
    codes, scales = four_bit(weights)
    return (
        ((codes.astype(np.float32) - 8) * scales[..., None].astype(np.float32))
        .reshape(weights.shape)
        .astype(np.float32)
    )


def word_tokenizer(texts: list[str]) -> Tokenizer:
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    names += sorted({word for text in texts for word, _ in pre_tokenizers.Whitespace().pre_tokenize_str(text)})
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def test_an_example_in_tokens() -> None:
    example = Example(question="how many ?", context="Brăila .", passage="It has 120 beds .", spans=((7, 15),))
    tokenizer = word_tokenizer([example.question, example.context, example.passage])
    one = encode(tokenizer, example)
    assert one is not None
    assert [tokenizer.id_to_token(i) for i in one.ids] == (
        ["<s>", "how", "many", "?", "</s>", "Brăila", ".", "</s>", "It", "has", "120", "beds", ".", "</s>"]
    )
    assert one.segments == [0] * 5 + [1, 1, 0] + [2] * 5 + [0]
    assert (one.starts, one.ends, one.answers) == ([10], [11], True)
    refused = encode(tokenizer, Example(question="how many ?", context="", passage="It has 120 beds .", spans=()))
    assert refused is not None and (refused.starts, refused.ends, refused.answers) == ([0], [0], False)
    ids, mask, segments, starts, _, answers = collate([one, refused])
    assert ids.shape == (2, 14) and mask.sum(1).tolist() == [14, 12] and answers.tolist() == [1.0, 0.0]
    assert segments[1].tolist() == [0] * 6 + [2] * 5 + [0] * 3 and starts.nonzero().tolist() == [[0, 10], [1, 0]]
    assert [len(batch) for batch in cut_by_length([one, refused, one], 28)] == [2, 1]


def test_a_tiny_reader_learns_to_find_the_word_asked_for_or_refuse(tmp_path: Path) -> None:
    source = tiny_source(tmp_path)
    draw = random.Random(0)
    names = [f"n{i}" for i in range(8)]
    tokenizer = word_tokenizer([*names, "v0 v1 v2 v3 v4 v5 v6 v7"])

    def example() -> Example:
        inside = draw.sample(names, 3)
        passage = " ".join(f"{name} v{draw.randrange(8)}" for name in inside)
        asked = draw.choice(names)
        at = passage.find(asked)
        return Example(question=asked, context="", passage=passage, spans=((at, at + 2),) if at >= 0 else ())

    reader = reader_from_source(source, layers=2, frozen=0)
    words = reader_words(source) * 20
    state = new_state(reader)
    for group in state.optimiser.param_groups:
        group["lr"] = 3e-3
    for _ in range(400):
        one = [encoded for _ in range(32) if (encoded := encode(tokenizer, example()))]
        losses = losses_of(reader, words, one)
        torch.autograd.backward(losses[0] + losses[1])
        state.optimiser.step()
        state.optimiser.zero_grad()
    held = [encoded for _ in range(64) if (encoded := encode(tokenizer, example()))]
    span, judged = losses_of(reader, words, held)
    assert span.item() < 0.4 and judged.item() < 0.25  # guessing gives about 1.1 and .66


def reader_words(source: Path) -> torch.Tensor:
    return BertModel.from_pretrained(source, add_pooling_layer=False).embeddings.word_embeddings.weight.detach()


def losses_of(reader: Reader, words: torch.Tensor, encoded: list[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
    ids, mask, segments, starts, ends, answers = collate(encoded)
    return loss_of(reader(words[torch.from_numpy(ids)], mask, segments), segments, starts, ends, answers)


def test_figures() -> None:
    start, end = np.array([1.0, 0, 5, 0, 9]), np.array([1.0, 0, 0, 4, 9])
    assert best_span(start, end, np.array([0, 2, 2, 2, 0])) == (
        2,
        3,
        7.0,
    )  # 5 + 4 - 1 - 1; position 4 is not of the passage
    assert token_f1(range(2, 4), [range(3, 6), range(9, 10)]) == pytest.approx(2 * 1 / (2 + 3))
    assert rank_share(np.array([3.0, 1.0]), np.array([2.0, 0.0])) == 0.75
    assert f1("the 120 beds", ["120 beds", "beds"]) == 1.0
    assert rate_share(0.5) > rate_share(0.9) > rate_share(1.0) > 0


def test_the_trimmed_tokenizer_cuts_kept_words_as_before() -> None:
    names = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "▁casa", "▁家", "▁domo", "b"]
    pieces = [(name, -float(number)) for number, name in enumerate(names)]
    document: dict[str, object] = {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None, "decoder": None,
        "added_tokens": [], "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": False},
    }  # fmt: skip
    kept = kept_pieces(names, Counter({6: 40, 7: 90, 8: 2}), least=35)
    assert kept.tolist() == [0, 1, 2, 3, 4, 5, 6, 9]  # the Chinese and the rare word go, single letters stay
    before = Tokenizer.from_str(json.dumps(document))
    after = Tokenizer.from_str(json.dumps(trimmed_tokenizer(document, kept)))
    assert before.encode("casa a").tokens == after.encode("casa a").tokens == ["▁casa", "▁", "a"]
    assert is_basic("ж") and not is_basic("жа")
