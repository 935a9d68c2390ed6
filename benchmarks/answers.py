"""Does the first quote hold the answer, and is nothing answered where nothing answers?

    python -m benchmarks.answers own
    python -m benchmarks.answers xquad --data DIR [--limit N]

``own`` are 172 questions in five languages over 25 short articles written for this (`data/reading_*.jsonl`): entities
swapped, answers in the sentence after the one that names the subject, dates, numbers, yes or no, who contradicts whom.
They were written to find faults, so that their figures say nothing of other texts. ``xquad`` asks over all paragraphs,
within a language and across, and, of every article's paragraphs taken out, the same questions without an answer.

Each stage is measured on and off: contextual vectors (`context`) and the reader (`reader`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path

from benchmarks.machine import write_result
from benchmarks.prepare import XQUAD_LANGUAGES
from benchmarks.quoting import read_asked
from rag import Answer, Document, Index, Settings

DATA = Path(__file__).parent / "data"
STAGES = ("table", "reader", "context", "context+reader")

Measured = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of some kind; `document` None where nothing answers, else the answer stands at `start` to `end`."""

    question: str
    kind: str
    document: str | None = None
    start: int = 0
    end: int = 0


def own_documents() -> list[Document]:
    """Return the articles of the development set."""
    rows = map(json.loads, (DATA / "reading_articles.jsonl").read_text("utf-8").splitlines())
    return [Document(**{**row, "published": date.fromisoformat(row["published"])}) for row in rows]


def own_questions(documents: Sequence[Document]) -> list[Asked]:
    """Return the questions of the development set."""
    texts = {document.id: document.text for document in documents}
    asked = []
    for row in map(json.loads, (DATA / "reading_questions.jsonl").read_text("utf-8").splitlines()):
        start = texts[row["article"]].index(row["answer"]) if row["article"] else 0
        asked.append(
            Asked(
                question=row["question"],
                kind=row["kind"],
                document=row["article"],
                start=start,
                end=start + len(row["answer"] or ""),
            )
        )
    return asked


def xquad(data: Path, question_language: str, passage_language: str) -> tuple[list[Document], list[Asked]]:
    """Return the paragraphs of XQuAD in one language, and the questions of another."""
    texts, asked = read_asked(data, question_language, passage_language)
    places = {text: f"p{number:03}" for number, text in enumerate(dict.fromkeys(texts))}
    documents = [Document(id=id_, text=text, language=passage_language) for text, id_ in places.items()]
    kind = "answerable"
    questions = [
        Asked(question=item.question, kind=kind, document=places[texts[item.paragraph]], start=item.start, end=item.end)
        for item in asked
    ]
    return documents, questions


def held_by(answer: Answer, asked: Asked) -> list[bool]:
    """Return for each quote whether it holds the answer."""
    return [
        quote.citation.document_id == asked.document
        and quote.citation.start <= asked.start
        and asked.end <= quote.citation.end
        for quote in answer.quotes
    ]


def ask(index: Index, questions: Sequence[Asked]) -> Measured:
    """Ask every question; return by kind the shares, and the milliseconds of all."""
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    times = []
    for asked in questions:
        began = time.perf_counter()
        answer = index.answer(asked.question)
        times.append(1000 * (time.perf_counter() - began))
        held = held_by(answer, asked)
        row = {"answered": float(not answer.abstained)}
        if asked.document is not None:
            row |= {"first quote holds the answer": float(held[:1] == [True]), "a quote does": float(any(held))}
        rows[asked.kind].append(row)
    out = {
        kind: {name: round(statistics.mean(row[name] for row in own), 3) for name in own[0]} | {"questions": len(own)}
        for kind, own in sorted(rows.items())
    }
    ordered = sorted(times)
    out["milliseconds"] = {"p50": ordered[len(ordered) // 2], "p95": ordered[int(0.95 * (len(ordered) - 1))]}
    return out


def measure(documents: Sequence[Document], questions: Sequence[Asked], stages: Sequence[str]) -> dict[str, Measured]:
    """Ask all questions of one index with each stage."""
    measured = {}
    with tempfile.TemporaryDirectory(prefix="answers-") as folder:
        place = Path(folder) / "index"
        with Index.create(place) as index:
            index.add(documents)
        for stage in (stage for stage in STAGES if stage in stages):
            if "context" in stage:
                with Index.open(place) as index:
                    index.refine()
            with Index.open(settings=replace(Settings(index=place), reader="reader" in stage)) as index:
                index.answer(questions[0].question)  # loads the models
                measured[stage] = ask(index, questions)
            print(stage, json.dumps(measured[stage], indent=1), flush=True)
    return measured


def without(documents: Sequence[Document], questions: Sequence[Asked]) -> Iterator[tuple[list[Document], list[Asked]]]:
    """Yield the half of the documents and the questions about the other half, which nothing answers then."""
    gone = {document.id for document in documents[::2]}
    unanswered = [replace(q, kind="unanswerable", document=None) for q in questions if q.document in gone]
    yield [document for document in documents if document.id not in gone], unanswered


def main() -> int:
    """Measure, print, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=("own", "xquad"))
    parser.add_argument("--data", type=Path, help="the folder above eval/, for xquad")
    parser.add_argument("--limit", type=int, help="ask only every so many-th question, until there are N")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=STAGES)
    parser.add_argument("--keep", action="store_true", help="write the result into benchmarks/results")
    flags = parser.parse_args()
    results: dict[str, dict[str, Measured]] = {}
    if flags.set == "own":
        documents = own_documents()
        results["own"] = measure(documents, _some(own_questions(documents), flags.limit), flags.stages)
    else:
        if flags.data is None:
            parser.error("xquad needs --data")
        for asked, answered in product(XQUAD_LANGUAGES, XQUAD_LANGUAGES):
            documents, questions = xquad(flags.data, asked, answered)
            print(f"{asked}>{answered}", flush=True)
            results[f"{asked}>{answered}"] = measure(documents, _some(questions, flags.limit), flags.stages)
            for rest, unanswered in without(documents, questions):
                some = _some(unanswered, flags.limit and flags.limit // 4)
                results[f"{asked}>{answered} without"] = measure(rest, some, flags.stages)
    if flags.keep:
        print(write_result(f"answers-{flags.set}", results))
    return 0


def _some(questions: Sequence[Asked], limit: int | None) -> list[Asked]:
    return list(questions[:: max(1, len(questions) // limit)][:limit] if limit else questions)


if __name__ == "__main__":
    sys.exit(main())
