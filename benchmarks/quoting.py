"""Is the sentence that answers the one that is quoted? ``python -m benchmarks.quoting --data DIR [--limit N]``.

XQuAD says where in its paragraph each answer stands. Two questions, in four directions between Romanian and English:

- given the right paragraph, is the sentence judged best one that holds the answer, beside the one judged best by late
  interaction alone, and by chance;
- asked as a user asks, over all paragraphs: how many questions are answered, does the first quote hold the answer, does
  any of the up to three.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import write_result
from benchmarks.prepare import XQUAD_LANGUAGES
from rag import Document, Index
from rag.answering.question_kind import expected_kind, holds_kind
from rag.answering.quote_score import SIGNALS, WEIGHTS, sentence_signals
from rag.encoding.table import BUNDLED, TokenTable
from rag.retrieval.idf import token_rarity
from rag.retrieval.late_interaction import question_tokens
from rag.text.sentences import split_sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, the number of the paragraph that answers it, and where in that the answer stands."""

    question: str
    paragraph: int
    start: int
    end: int


def read_asked(data: Path, question_language: str, paragraph_language: str) -> tuple[list[str], list[Asked]]:
    """Read the paragraphs of one language and the questions of another about them."""
    files = [_paragraphs(data, language) for language in (question_language, paragraph_language)]
    asked = [
        Asked(
            question=question["question"],
            paragraph=number,
            start=answered["answers"][0]["answer_start"],
            end=answered["answers"][0]["answer_start"] + len(answered["answers"][0]["text"]),
        )
        for number, (asking, answering) in enumerate(zip(*files, strict=True))
        for question, answered in zip(asking["qas"], answering["qas"], strict=True)
    ]
    return [paragraph["context"] for paragraph in files[1]], asked


def _paragraphs(data: Path, language: str) -> list[Any]:
    articles = json.loads((data / "eval" / f"xquad.{language}.json").read_text("utf-8"))["data"]
    return [paragraph for article in articles for paragraph in article["paragraphs"]]


def choose(
    table: TokenTable, texts: list[str], asked: list[Asked], languages: tuple[str, str]
) -> Iterator[dict[str, float]]:
    """Yield for each question whose paragraph has several sentences which way of choosing finds one with the answer."""
    counts = np.bincount(table.tokenize(texts).ids, minlength=len(table.units))
    rarity = token_rarity(table, counts, len(texts))
    for item in asked:
        text = texts[item.paragraph]
        spans = split_sentences(text, languages[1])
        if len(spans) < 2:
            continue
        right = np.array([start < item.end and item.start < end for start, end in spans])
        sentences = [text[start:end] for start, end in spans]
        kind = expected_kind(item.question, languages[0])
        signals = sentence_signals(
            table,
            question_tokens(table, item.question, rarity),
            sentences,
            follows=np.arange(len(spans)) > 0,
            holds=np.array(
                [holds_kind(kind, s, question=item.question, written=None, language=languages[1]) for s in sentences]
            ),
        )
        yield {
            "judged best": float(right[np.argmax(signals @ WEIGHTS)]),
            "late interaction alone": float(right[np.argmax(signals[:, SIGNALS.index("late")])]),
            "chance": float(right.mean()),
        }


def ask(texts: list[str], asked: list[Asked], language: str) -> dict[str, float]:
    """Ask every question as a user does, over all paragraphs; return shares of all questions."""
    answered = first = some = right_when_answered = 0
    documents = dict.fromkeys(texts)
    with tempfile.TemporaryDirectory(prefix="quoting-") as folder, Index.create(Path(folder) / "index") as index:
        index.add([Document(id=f"p{n:03}", text=text, language=language) for n, text in enumerate(documents)])
        place = {text: f"p{n:03}" for n, text in enumerate(documents)}
        for item in asked:
            answer = index.answer(item.question)
            held = [
                quote.citation.document_id == place[texts[item.paragraph]]
                and quote.citation.start < item.end
                and item.start < quote.citation.end
                for quote in answer.quotes
            ]
            answered += not answer.abstained
            first += bool(held) and held[0]
            some += any(held)
            right_when_answered += any(held)
    return {
        "answered": answered / len(asked),
        "first quote holds the answer": first / len(asked),
        "a quote holds the answer": some / len(asked),
        "a quote holds the answer, of those answered": right_when_answered / max(1, answered),
    }


def main() -> int:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder above eval/")
    parser.add_argument("--limit", type=int, help="ask only so many questions in each direction")
    flags = parser.parse_args()
    table = TokenTable(BUNDLED)
    directions: dict[str, dict[str, dict[str, float]]] = {}
    for languages in product(XQUAD_LANGUAGES, XQUAD_LANGUAGES):
        texts, asked = read_asked(flags.data, *languages)
        asked = asked[: flags.limit]
        chosen = list(choose(table, texts, asked, languages))
        directions[">".join(languages)] = {
            "given the paragraph": {name: float(np.mean([row[name] for row in chosen])) for name in chosen[0]},
            "asked": ask(texts, asked, languages[1]),
        }
        print(">".join(languages), json.dumps(directions[">".join(languages)], indent=1), flush=True)
    print(write_result("quoting", {"directions": directions, "questions": len(asked)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
