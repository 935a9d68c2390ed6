"""Near-duplicates are found when documents are stored, and unfound when they are removed."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import MANIFEST, make_rows

from rag import Document, Index
from rag.store import DocumentRows, LocalStore, PassageRow
from rag.store.duplicates.clusters import DOCUMENT_BANDS, PASSAGE_BANDS
from rag.store.duplicates.copies import MOST
from rag.store.duplicates.signatures import sign
from rag.store.tables.database import NAME
from rag.text.shingles import containment, count_shared, make_shingles


def words(seed: int, count: int) -> str:
    return " ".join(f"w{random.Random(f'{seed}/{n}').randrange(5000)}" for n in range(count))


def paragraphs(*seeds: int) -> list[str]:
    """Return paragraphs of 40 words; equal seeds, equal words."""
    return [words(seed, 40) for seed in seeds]


def plain_shingle(*three: str) -> int:
    """Mix the words' checksums one after another, in whole numbers of 64 bits."""
    mixed = 0
    for word, factor in zip(three, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xFF51AFD7ED558CCD), strict=True):
        mixed = (mixed + crc32(word.encode())) * factor % 2**64
        mixed ^= mixed >> 33
    return mixed


def groups(store: LocalStore) -> list[list[str]]:
    return sorted(map(sorted, store.clusters()))


def test_shingles_are_distinct_runs_of_three_words_in_order() -> None:
    shingles = make_shingles("a b c a b c d")  # abc bca cab abc bcd
    assert len(shingles) == 4
    assert shingles.tolist() == sorted(set(shingles.tolist()))
    assert count_shared(shingles, make_shingles("x a b c")) == 1
    assert count_shared(shingles, make_shingles("c b a")) == 0
    assert containment(shingles, make_shingles("a b c d")) == 1.0
    assert containment(make_shingles("a b c x"), shingles) == 1 / 2
    assert containment(make_shingles("a b"), shingles) == 0.0


def test_shingles_are_the_same_on_every_machine() -> None:
    assert make_shingles("ana are mere").tolist() == [plain_shingle("ana", "are", "mere")] == [14480000039370476420]


def test_keys_meet_as_often_as_minhash_says() -> None:
    """At a Jaccard similarity of one half two texts share one of 16 bands of 3 with probability 1 - (7/8)^16."""
    generator = np.random.default_rng(0)
    met = 0
    for _ in range(300):
        numbers = generator.integers(0, 2**63, 400, dtype=np.uint64)
        one, other = sign([np.sort(numbers[:300]), np.sort(numbers[100:])])
        met += bool(np.any(one == other))
    assert abs(met / 300 - (1 - (7 / 8) ** 16)) < 0.06  # three standard deviations


def test_a_text_without_shingles_has_no_keys() -> None:
    assert [len(keys) for keys in sign([make_shingles("a b"), make_shingles("a b c")])] == [0, 16]
    assert sign([]) == []


def test_wire_copy_with_another_lead_a_quote_more_and_a_cut_is_one_text(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(
            [
                make_rows("wire", paragraphs(1, 2, 3, 4, 5, 6), outlet="A"),
                make_rows("lead", paragraphs(91, 2, 3, 4, 5, 6), outlet="B"),
                make_rows("quote", paragraphs(1, 2, 92, 3, 4, 93, 5, 6), outlet="C"),
                make_rows("cut", paragraphs(1, 2, 3), outlet="D"),
                make_rows("other", paragraphs(11, 12, 13, 14, 15, 16), outlet="B"),
            ]
        )
        assert groups(store) == [["cut", "lead", "quote", "wire"]]


def test_two_stories_that_share_a_paragraph_are_two_texts(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", paragraphs(1, 2, 3, 4)), make_rows("b", paragraphs(1, 12, 13, 14))])
        assert groups(store) == []


def test_within_one_outlet_shared_boilerplate_makes_no_copy(tmp_path: Path) -> None:
    """Two thirds of each article are the outlet's own; in two outlets that much would be one text."""
    one, other = paragraphs(1, 8, 9), paragraphs(2, 8, 9)
    with LocalStore.create(tmp_path / "one", MANIFEST) as store:
        store.upsert([make_rows("a", one, outlet="A"), make_rows("b", other, outlet="A")])
        assert groups(store) == []
    with LocalStore.create(tmp_path / "two", MANIFEST) as store:
        store.upsert([make_rows("a", one, outlet="A"), make_rows("b", other, outlet="B")])
        assert groups(store) == [["a", "b"]]


def test_very_short_texts_and_one_line_repeated_are_no_cluster(tmp_path: Path) -> None:
    repeated = [words(1, 12)] * 20
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert(
            [
                make_rows("a", [words(5, 25)]),
                make_rows("b", [words(5, 25)]),
                make_rows("c", repeated),
                make_rows("d", repeated),
            ]
        )
        assert groups(store) == []


def test_masked_furniture_does_not_count(tmp_path: Path) -> None:
    furniture = "\n".join(paragraphs(7, 8, 9, 10))
    documents = []
    for name, seed in (("a", 1), ("b", 2)):
        text = "\n".join(paragraphs(seed)) + "\n\n"
        masked = ((len(text), len(text) + len(furniture)),)
        documents.append(Document(id=name, text=text + furniture, masked=masked, language="en", outlet=name))
    with Index.create(tmp_path / "masked") as index:
        index.add(documents)
        assert index.duplicates() == []
    with Index.create(tmp_path / "whole") as index:
        index.add([Document(id=d.id, text=d.text, language="en", outlet=d.outlet) for d in documents])
        assert index.duplicates() == [["a", "b"]]


def test_clusters_do_not_chain(tmp_path: Path) -> None:
    """Every member is like the first document: two that share nothing are apart, whatever lies between them."""
    ends = [make_rows("left", paragraphs(1, 2, 3)), make_rows("right", paragraphs(4, 5, 6))]
    middle = make_rows("middle", paragraphs(1, 2, 3, 4, 5, 6))
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([*ends, middle])
        assert groups(store) == [["left", "middle"]]
        store.delete(["middle"])
        assert groups(store) == []
        store.upsert([middle])
        assert groups(store) == [["left", "middle"]]
        store.delete(["left"])
        assert groups(store) == [["middle", "right"]]


def test_the_document_whose_id_comes_first_leads_whenever_it_comes(tmp_path: Path) -> None:
    """It takes the members that are like it; what followed the one it takes finds itself another first document."""
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("b", paragraphs(3, 4, 5, 6)), make_rows("c", paragraphs(5, 6, 7, 8))])
        store.upsert([make_rows("d", paragraphs(5, 6, 9)), make_rows("e", paragraphs(7, 8))])
        assert groups(store) == [["b", "c", "d"]]  # e is only like c, which is no first document
        store.upsert([make_rows("a", paragraphs(1, 2, 3, 4))])
        assert groups(store) == [["a", "b"], ["c", "d", "e"]]
        store.delete(["a"])
        assert groups(store) == [["b", "c", "d"]]


def test_keys_are_found_in_whatever_table_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables are merged again and again; each text is found and forgotten as in one."""
    monkeypatch.setattr("rag.store.duplicates.bands._FRESH", 100)
    monkeypatch.setattr("rag.store.duplicates.bands._RECENT", 250)
    with LocalStore.create(tmp_path, MANIFEST) as store:
        for number in range(11):
            store.upsert([make_rows(f"a{number:02}", paragraphs(3 * number, 3 * number + 1, 3 * number + 2))])
        with closing(sqlite3.connect(tmp_path / NAME)) as database:
            counts = [
                database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for bands in (DOCUMENT_BANDS, PASSAGE_BANDS)
                for table in bands.tables
            ]
        assert counts == [64, 112, 0, 96, 144, 288]
        for number in range(11):
            store.upsert([make_rows(f"b{number:02}", paragraphs(3 * number, 3 * number + 1))])
        assert groups(store) == [[f"a{number:02}", f"b{number:02}"] for number in range(11)]
        store.delete([f"a{number:02}" for number in range(11)])
        assert groups(store) == []
        store.delete([f"b{number:02}" for number in range(11)])
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        for table in (*DOCUMENT_BANDS.tables, *PASSAGE_BANDS.tables):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


@pytest.mark.parametrize("gone", [["d0"], ["d3"], ["d5"], ["d1", "d3"], ["d0", "d1", "d2", "d3"]])
def test_removing_some_of_many_copies_keeps_the_rest_together(tmp_path: Path, gone: list[str]) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(f"d{n}", paragraphs(1, 2, 3)) for n in range(6)])
        store.delete(gone)
        assert groups(store) == [[f"d{n}" for n in range(6) if f"d{n}" not in gone]]


def test_of_two_copies_the_one_left_is_alone(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(f"d{n}", paragraphs(1, 2, 3)) for n in range(2)])
        store.delete(["d1"])
        assert groups(store) == []
        assert store.facets().copied == 0


def test_more_copies_than_are_looked_at_in_one_band_are_one_cluster(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        names = [f"d{n:03}" for n in range(150)]
        store.upsert([make_rows(name, paragraphs(1, 2)) for name in names])
        assert groups(store) == [names]
        store.delete(names[20:120])
        assert groups(store) == [names[:20] + names[120:]]
        assert store.facets().copied == 1


def test_a_question_reads_so_many_copies_the_same_ones_in_whatever_order_they_came(tmp_path: Path) -> None:
    """The best hit's copies come first; the next hit gets what is left, which here is nothing."""
    rows = [make_rows(f"d{n:03}", paragraphs(1, 2), outlet=f"o{n}") for n in range(100)]
    rows += [make_rows(f"e{n}", paragraphs(5, 6), outlet=f"o{n}") for n in range(2)]
    found = []
    for name, order in (("up", rows), ("down", rows[::-1])):
        with LocalStore.create(tmp_path / name, MANIFEST) as store:
            store.upsert(order)
            with store.view() as view:
                everything = view.passages_with_documents(view.state.segments[0].ids)
                first = {document.id: passage.id for passage, document in reversed(everything)}
                copies = [view.copies(first[id_] or 0) for id_ in ("d070", "e0")]
                ids = [sorted(view.passage_documents([copy.passage for copy in own])) for own in copies]
                found.append(ids)
    assert found[0] == found[1] == [[*(f"d{n:03}" for n in range(MOST)), "d070"], ["e0"]]


def test_a_changed_document_leaves_its_cluster(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows("a", paragraphs(1, 2, 3)), make_rows("b", paragraphs(1, 2, 3))])
        store.upsert([make_rows("b", paragraphs(4, 5, 6))])
        assert groups(store) == []


def test_nothing_is_left_behind_by_removed_documents(tmp_path: Path) -> None:
    with LocalStore.create(tmp_path, MANIFEST) as store:
        store.upsert([make_rows(f"d{n}", paragraphs(1, 2, n)) for n in range(4)])
        store.delete([f"d{n}" for n in range(4)])
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        for table in ("signed", "signed_passages", *DOCUMENT_BANDS.tables, *PASSAGE_BANDS.tables, "clusters"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


VARIANTS = {
    f"{story}{kind}": [10 * place + seed for seed in seeds]
    for place, story in enumerate("abc")
    for kind, seeds in {"0": (1, 2, 3), "1": (1, 2, 3, 4), "2": (3, 4, 5), "3": (5, 6), "4": (1, 2, 3)}.items()
}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(VARIANTS)), st.booleans(), st.booleans()), max_size=25))
def test_an_index_grown_piece_by_piece_has_the_clusters_of_one_built_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bool, bool]]
) -> None:
    present: dict[str, DocumentRows] = {}
    with LocalStore.create(tmp_path_factory.mktemp("grown"), MANIFEST) as grown:
        for name, keep, changed in steps:
            if keep:
                source = sorted(VARIANTS)[-1 - sorted(VARIANTS).index(name)] if changed else name
                present[name] = make_rows(name, paragraphs(*VARIANTS[source]))
                grown.upsert([present[name]])
            else:
                present.pop(name, None)
                grown.delete([name])
        with LocalStore.create(tmp_path_factory.mktemp("once"), MANIFEST) as once:
            once.upsert([present[name] for name in sorted(present)])
            assert groups(grown) == groups(once)
        repeating = {name for group in grown.clusters() for name in sorted(group)[1:]}
        counted = [row for name, rows in present.items() if name not in repeating for row in rows.passages]
        assert statistics(grown) == expected_statistics(counted)
    with LocalStore.open(grown.path, write=True) as again:  # from the rows, and then from a snapshot
        assert statistics(again) == expected_statistics(counted)
        again.optimise()
        assert statistics(again) == expected_statistics(counted)


TERMS = paragraphs(1)[0].split() + paragraphs(14)[0].split()


def statistics(store: LocalStore) -> tuple[int, int, list[int], list[int]]:
    """Return what scores depend on: passages, their words, in how many terms stand, and how often tokens do."""
    with store.view() as view:
        frequencies = view.document_frequency(TERMS).tolist()
        return view.counted(), view.state.totals.words, frequencies, view.token_counts(100).tolist()


def expected_statistics(rows: list[PassageRow]) -> tuple[int, int, list[int], list[int]]:
    texts = [{*row.surface.split(), *row.lemma.split()} for row in rows]
    tokens = [token for row in rows for token in row.tokens.tolist()]
    frequencies = [sum(term in text for text in texts) for term in TERMS]
    words = sum(len(row.surface.split()) for row in rows)
    return len(rows), words, frequencies, [tokens.count(token) for token in range(100)]
