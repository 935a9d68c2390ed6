"""Near-duplicates: what is found and what is wrongly joined, and what each further article costs.

    python -m benchmarks.duplicates [--sizes 1000 10000 100000] [--quick]

Quality is measured on the stories of benchmarks/stories.json and on edits that outlets make to wire copy; the whole
pipeline cuts them into passages. Cost is measured on made-up text, stored without an encoder: three passages of 90
words to an article, every fifth article a copy of an earlier one with another beginning. Of these copies it is known
which there are, so that what is found among all articles is judged at every size.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.machine import memory_mb, write_result
from benchmarks.stories import Article, Story, as_written, boilerplate, read_stories, variants
from rag import Document, Index
from rag.store import DocumentRows, LocalStore, Manifest, PassageRow
from rag.store.duplicates.clusters import (
    DOCUMENT_BANDS,
    PASSAGE_BANDS,
    SAME,
    forget_documents,
    list_clusters,
    sign_document,
)
from rag.store.tables.database import connect
from rag.text.shingles import containment, make_shingles
from rag.text.terms import document_terms

DIMENSION = 8
MANIFEST = Manifest(model="synthetic", fingerprint="0", dimension=DIMENSION)
TABLES = ("signed", "signed_passages", *DOCUMENT_BANDS.tables, *PASSAGE_BANDS.tables, "clusters")
WORDS, PASSAGES = 90, 3


def measure_kinds(stories: Sequence[Story]) -> dict[str, dict[str, int]]:
    """Count, for each kind of edit, the stories whose edited version is known for the same text: one index a kind."""
    found: dict[str, dict[str, int]] = {}
    for group in zip(*map(variants, stories), strict=True):
        with tempfile.TemporaryDirectory() as folder, Index.create(folder) as index:
            index.add([article.document() for story in stories for article in (as_written(story),)])
            index.add([article.document() for article in group])
            pairs = _pairs(index)
        right = sum(tuple(sorted((f"{article.story.id}/base", article.id))) in pairs for article in group)
        found[group[0].kind] = {"stories": len(group), "found": right, "wrong": len(pairs) - right}
    return found


def measure_stories(stories: Sequence[Story], translations: Sequence[Story]) -> dict[str, object]:
    """Index everything together: pairs of articles, and the passages of each story with who carries them."""
    articles = [article for story in stories for article in (as_written(story), *variants(story))]
    others = [as_written(story) for story in translations]
    story_of = {article.id: article.story.id for article in (*articles, *others)}
    true = {pair for pair in itertools.combinations(sorted(story_of), 2) if story_of[pair[0]] == story_of[pair[1]]}
    with tempfile.TemporaryDirectory() as folder:
        with Index.create(folder) as index:
            index.add([article.document() for article in (*articles, *others)])
            found = _pairs(index)
        passages = _passages(Path(folder), articles)
    apart = [
        (one, other)
        for one, other in itertools.combinations((*map(as_written, stories), *others), 2)
        if one.story.meeting == other.story.meeting
    ]
    return {
        "articles": len(story_of),
        "pairs": {"true": len(true), "found": len(found), "right": len(found & true)},
        "precision": len(found & true) / max(1, len(found)),
        "recall": len(found & true) / len(true),
        "same_meeting_or_translated": {
            "pairs": len(apart),
            "joined": sum(tuple(sorted((one.id, other.id))) in found for one, other in apart),
            "highest_containment": max(_contained(one, other) for one, other in apart),
        },
        "lowest_containment_of_a_variant": min(
            _contained(as_written(story), article) for story in stories for article in variants(story)
        ),
        "threshold": SAME,
        "passages": passages,
    }


def measure_boilerplate(stories: Sequence[Story]) -> dict[str, int]:
    """Count wrong pairs among briefs of one outlet whose boilerplate is longer than what they report."""
    briefs = [
        Document(
            id=story.id,
            text=f"{story.title}\n\n{story.body[-1]}\n\n{boilerplate(story.language)}",
            language=story.language,
            outlet=boilerplate(story.language)[:20],
        )
        for story in stories
    ]
    with tempfile.TemporaryDirectory() as folder, Index.create(folder) as index:
        index.add(briefs)
        return {"briefs": len(briefs), "wrong": len(_pairs(index))}


def _pairs(index: Index) -> set[tuple[str, str]]:
    clusters = index.duplicates()
    return {pair for cluster in clusters for pair in itertools.combinations(sorted(cluster), 2)}


def _contained(one: Article, other: Article) -> float:
    return containment(*(make_shingles(" ".join(document_terms(a.document().text, None)[0])) for a in (one, other)))


def _passages(folder: Path, articles: Sequence[Article]) -> dict[str, float]:
    """Compare who carries each passage of a story as written with which versions kept half of its paragraphs."""
    by_id = {article.id: article for article in articles}
    right = found = true = 0
    with LocalStore.open(folder) as store, store.view() as view:
        everything = view.passages_with_documents([id_ for segment in view.state.segments for id_ in segment.ids])
        for passage, document in everything:
            base = by_id.get(document.id)
            if base is None or base.kind != "base" or passage.id is None:
                continue
            shares = list(_shares(base, passage.start, passage.end))
            with store.view() as asked:  # what is read for one question is bounded
                citations = asked.citations([copy.passage for copy in asked.copies(passage.id)])
            copies = {citation.document_id for citation, _ in citations}
            wanted = {
                article.id
                for article in articles
                if article.story is base.story and sum(share for n, share in shares if n in article.kept) >= 0.5
            }
            right += len((copies & wanted) - {base.id})
            found += len(copies - {base.id})
            true += len(wanted - {base.id})
    return {"true": true, "found": found, "precision": right / max(1, found), "recall": right / max(1, true)}


def _shares(article: Article, start: int, end: int) -> Iterator[tuple[int, float]]:
    """Yield the story's paragraphs that a span holds, each with its share of the span's letters in paragraphs."""
    at, held = len(article.title) + 2, {}
    for number, paragraph in enumerate(article.paragraphs):
        held[number] = max(0, min(end, at + len(paragraph)) - max(start, at))
        at += len(paragraph) + 2
    total = sum(held.values()) or 1
    yield from ((number, letters / total) for number, letters in held.items() if letters)


# -- cost -----------------------------------------------------------------------------------------------------------


def make_rows(first: int, count: int, *, dimension: int = DIMENSION) -> list[DocumentRows]:
    """Make articles of words drawn by Zipf's law; every fifth repeats two passages of the one four before it."""
    generator = np.random.default_rng(first)
    weights = np.cumsum(1 / (np.arange(60_000) + 3.0))
    made: list[DocumentRows] = []
    drawn = np.searchsorted(weights, generator.random((count, PASSAGES, WORDS)) * weights[-1])
    for number in range(count):
        if number % 5 == 4:
            drawn[number, 1:] = drawn[number - 4, 1:]
        rows, start = [], 0
        for words in drawn[number].tolist():
            text = " ".join(f"w{word}" for word in words)
            rows.append(
                PassageRow(
                    start=start,
                    end=start + len(text),
                    embedding=np.eye(1, dimension, number % dimension, dtype=np.float32)[0],
                    surface=text,
                    lemma=text,
                    tokens=np.zeros(1, np.int32),
                    sentence_starts=np.zeros(1, np.int32),
                    sentence_norms=np.ones(1, np.float32),
                )
            )
            start += len(text) + 1
        name = f"d{first + number}"
        document = Document(id=name, text="\n".join(row.surface for row in rows), outlet=f"o{number % 40}")
        made.append(DocumentRows(document=document, passages=rows))
    return made


def measure_cost(sizes: Sequence[int], *, repeats: int = 30) -> list[dict[str, float]]:
    """Fill one store up to each size, and measure there what one article more costs, in processor milliseconds.

    `memory_mb` is what the process holds after filling, before anything is searched.
    """
    costs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, LocalStore.create(folder, MANIFEST) as store, store.writing():
        held = 0
        for size in sizes:
            before, filling = held, 0.0
            while held < size:
                rows = make_rows(held, min(500, size - held))
                filling += _milliseconds(lambda rows=rows: store.upsert(rows))  # type: ignore[misc]
                held += len(rows)
            memory = memory_mb()
            found = _copies_found(Path(folder), held)
            fresh = make_rows(10_000_000 + size, repeats)
            add = _median([lambda row=row: store.upsert([row]) for row in fresh])  # type: ignore[misc]
            remove = _median([lambda row=row: store.delete([row.document.id]) for row in fresh])  # type: ignore[misc]
            sign, grown = _signing(Path(folder), held, repeats)
            costs.append(
                {
                    "documents": held,
                    "filling_ms": filling / (held - before),
                    "memory_mb": memory,
                    **found,
                    "add_ms": add,
                    "remove_ms": remove,
                    "sign_ms": sign,
                    "bytes_per_document": grown / held,
                    "text_bytes_per_document": _text_bytes(Path(folder)) / held,
                }
            )
            print(json.dumps(costs[-1]), flush=True)
    return costs


def _copies_found(folder: Path, held: int) -> dict[str, float]:
    """Return precision and recall over the pairs of articles of which one repeats the other."""
    true = {(f"d{number - 4}", f"d{number}") for number in range(4, held, 5)}
    true = {(min(pair), max(pair)) for pair in true}
    with closing(connect(folder, write=False)) as database:
        clusters = list_clusters(database)
    found = {pair for cluster in clusters for pair in itertools.combinations(sorted(cluster), 2)}
    return {"precision": len(found & true) / max(1, len(found)), "recall": len(found & true) / len(true)}


def _signing(folder: Path, held: int, repeats: int) -> tuple[float, int]:
    """Return the milliseconds of signing one article anew, and the bytes of all signatures; nothing is changed."""
    with closing(connect(folder, write=True)) as database:
        database.execute("BEGIN IMMEDIATE")
        numbers = [row[0] for row in database.execute("SELECT number FROM documents ORDER BY number")][
            :: held // repeats
        ]
        calls: list[Callable[[], object]] = []
        for number in numbers:
            forget_documents(database, 0, [number])
            database.execute(
                "DELETE FROM signed_passages WHERE passage IN (SELECT id FROM passages WHERE document = ?)", (number,)
            )
            database.execute("DELETE FROM signed WHERE document = ?", (number,))
            calls.append(lambda number=number: sign_document(database, 0, number))  # type: ignore[misc]
        milliseconds = _median(calls)
        free = database.execute("PRAGMA freelist_count").fetchone()[0]
        for name in TABLES:
            database.execute(f"DROP TABLE {name}")
        pages = database.execute("PRAGMA freelist_count").fetchone()[0] - free
        size = database.execute("PRAGMA page_size").fetchone()[0]
        database.execute("ROLLBACK")
    return milliseconds, pages * size


def _text_bytes(folder: Path) -> int:
    with closing(connect(folder, write=False)) as database:
        return int(database.execute("SELECT sum(length(text)) FROM texts").fetchone()[0])


def _median(calls: Sequence[Callable[[], object]]) -> float:
    return statistics.median(_milliseconds(call) for call in calls)


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.process_time()  # of this process alone: other load on the machine counts little
    call()
    return 1000 * (time.process_time() - start)


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--quick", action="store_true", help="a few stories and small sizes; writes no result")
    flags = parser.parse_args()
    stories, translations = read_stories()
    stories = stories[::5] if flags.quick else stories
    # First, while nothing but the store is in memory.
    costs = measure_cost([200, 400] if flags.quick else flags.sizes)
    result: dict[str, object] = {
        "kinds": measure_kinds(stories),
        "together": measure_stories(stories, translations),
        "boilerplate": measure_boilerplate(stories),
    }
    print(json.dumps(result, indent=1))
    first = costs[0]
    result["cost"] = costs
    result["ratios"] = [
        {"documents": cost["documents"]}
        | {name: cost[name] / first[name] for name in ("filling_ms", "add_ms", "remove_ms", "sign_ms")}
        for cost in costs
    ]
    print(json.dumps(result["ratios"], indent=1))
    if not flags.quick:
        print(write_result("duplicates", result))


if __name__ == "__main__":
    main()
