"""Measure the exported reader: `python -m training.reader_evaluation --data DATA --model FOLDER`.

XQuAD's questions over their paragraph (and over the same paragraph in the other language) give exact match, F1, and
whether the likeliest sentence holds the answer; the same questions over the other paragraphs of the article, none of
which answers, give how often the judgement tells the two apart. XQuAD is never trained on or chosen by.
"""

import argparse
import json
import random
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from rag.text.sentences import split_sentences
from training.contextual_blocks import dequantised, read_embeddings
from training.reader_batches import Encoded, collate, cut_by_length, encode
from training.reader_changes import Example
from training.reader_development import best_span, rank_share

Floats = npt.NDArray[np.float64]
MOST_TOKENS = 512
"""Of a question and a paragraph. Training stops at 288; few paragraphs of XQuAD are longer."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one example: the answer's characters in the passage, the likeliest sentence, logits."""

    start: int
    end: int
    sentence: tuple[int, int]
    judged: float
    gap: float


class ExportedReader:
    """Reads examples with `reader.onnx`."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._words = dequantised(*read_embeddings(folder))
        self._session = onnxruntime.InferenceSession(
            str(folder / "reader.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def logits(self, encoded: Sequence[Encoded]) -> list[tuple[Floats, Floats, float]]:
        """Return start, end and judgement of each example, in order."""
        places = {id(one): i for i, one in enumerate(encoded)}
        found: list[tuple[Floats, Floats, float]] = [(np.zeros(0), np.zeros(0), 0.0)] * len(encoded)
        for batch in cut_by_length(encoded, 2048):
            ids, mask, segments, *_ = collate(batch)
            inputs = {"embeddings": self._words[ids], "mask": mask.numpy(), "segments": segments.numpy()}
            start, end, answers = (array.astype(np.float64) for array in self._session.run(None, inputs))
            for i, one in enumerate(batch):
                found[places[id(one)]] = start[i, : len(one.ids)], end[i, : len(one.ids)], float(answers[i])
        return found

    def read(self, examples: Sequence[Example]) -> list[Reading]:
        """Return what the reader makes of each example; a passage is cut where the reader's input ends."""
        encoded = [encode(self.tokenizer, example, most=MOST_TOKENS) for example in examples]
        whole = [one for one in encoded if one]
        outputs = iter(self.logits(whole))
        return [
            _reading(example, one, *next(outputs)) if one else Reading(0, 0, (0, 0), -20.0, -20.0)
            for example, one in zip(examples, encoded, strict=True)
        ]


def _reading(example: Example, one: Encoded, start: Floats, end: Floats, judged: float) -> Reading:
    segments = np.array(one.segments)
    first, last, gap = best_span(start, end, segments)
    inside = segments > 0
    firsts = np.where(inside, np.exp(start - start[inside].max()), 0)
    lasts = np.where(inside, np.exp(end - end[inside].max()), 0)
    best, sentence = -1.0, (0, 0)
    for begin, stop in split_sentences(example.passage, example.language):
        tokens = [i for i, (a, b) in enumerate(one.offsets) if segments[i] == 2 and b > begin and a < stop]
        if tokens:
            low, high = tokens[0], tokens[-1] + 1
            mass = float((firsts[low:high] * np.cumsum(lasts[low:high][::-1])[::-1]).sum())
            if mass > best:
                best, sentence = mass, (begin, stop)
    return Reading(one.offsets[first][0], one.offsets[last][1], sentence, judged, gap)


def normalised(text: str) -> list[str]:
    """Return the words as SQuAD compares them: lower case, no punctuation, no English article."""
    text = "".join(" " if character in string.punctuation + "„”«»–—" else character for character in text.lower())
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(found: str, golds: Sequence[str]) -> float:
    """Return the best F1 of words against the gold answers."""
    best = 0.0
    for gold in golds:
        mine, theirs = normalised(found), normalised(gold)
        common = sum((Counter(mine) & Counter(theirs)).values())
        best = max(best, 2 * common / (len(mine) + len(theirs)) if common else 0.0)
    return best


def xquad_examples(
    questions: Path, passages: Path, language: str, *, seed: int = 3
) -> tuple[list[Example], list[Example]]:
    """Return each question over its paragraph, and over another paragraph of the same article."""
    draw = random.Random(seed)
    asked = [[p["qas"] for p in article["paragraphs"]] for article in json.loads(questions.read_text("utf-8"))["data"]]
    right, wrong = [], []
    for article, many in zip(json.loads(passages.read_text("utf-8"))["data"], asked, strict=True):
        texts = [paragraph["context"] for paragraph in article["paragraphs"]]
        for number, paragraph in enumerate(article["paragraphs"]):
            for own, other in zip(paragraph["qas"], many[number], strict=True):
                answers = own["answers"]
                spans = tuple((a["answer_start"], a["answer_start"] + len(a["text"])) for a in answers)
                example = Example(
                    question=other["question"], context="", passage=paragraph["context"], spans=spans, language=language
                )
                right.append(example)
                rest = [text for text in texts if text != paragraph["context"] and answers[0]["text"] not in text]
                if rest:
                    wrong.append(
                        Example(
                            question=other["question"],
                            context="",
                            passage=draw.choice(rest),
                            spans=(),
                            language=language,
                        )
                    )
    return right, wrong


def measured_on_xquad(reader: ExportedReader, folder: Path, asked: str, read: str) -> dict[str, float]:
    """Return the figures of questions in one language over paragraphs in another or the same."""
    right, wrong = xquad_examples(folder / f"xquad.{asked}.json", folder / f"xquad.{read}.json", read)
    answered, refused = reader.read(right), reader.read(wrong)
    golds = [[example.passage[a:b] for a, b in example.spans] for example in right]
    words = [example.passage[reading.start : reading.end] for example, reading in zip(right, answered, strict=True)]
    return {
        "questions": len(right),
        "F1": float(np.mean([f1(found, gold) for found, gold in zip(words, golds, strict=True)])),
        "exact match": float(np.mean([
            any(normalised(found) == normalised(one) for one in gold) for found, gold in zip(words, golds, strict=True)
        ])),
        "right sentence": float(np.mean([
            any(reading.sentence[0] <= a and b <= reading.sentence[1] for a, b in example.spans)
            for example, reading in zip(right, answered, strict=True)
        ])),
        "AUC against another paragraph of the article": rank_share(
            np.array([reading.judged for reading in answered]), np.array([reading.judged for reading in refused])
        ),
        "refused of those when 10 % of the answerable are": float(np.mean(
            np.array([reading.judged for reading in refused])
            < np.quantile([reading.judged for reading in answered], 0.1)
        )),
    }  # fmt: skip


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m training.reader_evaluation", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--pairs", nargs="+", default=["en-en", "ro-ro", "ro-en", "en-ro"], help="language of question and of passage"
    )
    arguments = parser.parse_args()
    reader = ExportedReader(arguments.model, threads=arguments.threads)
    for pair in arguments.pairs:
        asked, read = pair.split("-")
        figures = measured_on_xquad(reader, arguments.data / "eval", asked, read)
        print(json.dumps({"question": asked, "passage": read, **figures}), flush=True)


if __name__ == "__main__":
    main()
