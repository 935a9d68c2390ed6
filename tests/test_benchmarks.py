from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.calibration import Outcomes, ask_all, hold_out, pool, summarise, together
from benchmarks.confidence import area_under, brier_score, calibration_error, reliability, risk_coverage, separation
from benchmarks.drawing import Dot, Line, dot_panels, line_chart
from benchmarks.duplicates import measure_boilerplate, measure_cost, measure_stories
from benchmarks.file_speed import measure, measure_indexing
from benchmarks.floor import Floor, build_floor
from benchmarks.format_files import write_formats
from benchmarks.machine import commit, describe_machine, write_result
from benchmarks.quality import draw, measure_directions
from benchmarks.removing import check_folder, fill, remove_some
from benchmarks.scale import ask, build, loosen, tabulate, verify
from benchmarks.scale_rows import prepare
from benchmarks.speed import folder_size, percentiles
from benchmarks.stories import as_written, read_stories, variants
from benchmarks.texts import WORDS_PER_ARTICLE, make_articles, make_questions
from rag import Index
from rag.evaluation import Dataset, evaluate, read_dataset
from rag.records import Document

SEEDS_BEIR = Path(__file__).parent / "data" / "seeds-beir"


def test_every_second_document_is_held_out_and_its_questions_lose_their_answer() -> None:
    dataset = Dataset(
        name="d",
        corpus=tuple(Document(id=name, text=name) for name in "abc"),
        queries={"qa": "?", "qb": "?"},
        qrels={"qa": {"a": 1}, "qb": {"b": 1}},
    )
    held = hold_out(dataset)
    assert [row.id for row in held.corpus] == ["a", "c"]
    assert held.queries == dataset.queries
    assert held.qrels == {"qa": {"a": 1}, "qb": {}}


CONFIDENCE = np.array([0.1, 0.3, 0.8, 1.0])
RIGHT = np.array([0.0, 1.0, 0.0, 1.0])


def test_reliability_and_its_errors_by_hand() -> None:
    bins = reliability(CONFIDENCE, RIGHT, bins=2)
    assert [group.confidence for group in bins] == pytest.approx([0.2, 0.9])
    assert [(group.right, group.count) for group in bins] == [(0.5, 2), (0.5, 2)]
    assert calibration_error(bins) == pytest.approx((2 * 0.3 + 2 * 0.4) / 4)
    assert brier_score(CONFIDENCE, RIGHT) == pytest.approx((0.01 + 0.49 + 0.64 + 0.0) / 4)
    assert len(reliability(CONFIDENCE, RIGHT, bins=10)) == 4  # no bin is empty


def test_separation_counts_pairs() -> None:
    # right: .3 and 1; wrong: .1 and .8. Pairs in order: (.3, .1), (1, .1), (1, .8) of four.
    assert separation(CONFIDENCE, RIGHT) == 0.75
    assert separation(np.full(4, 0.5), RIGHT) == 0.5
    assert np.isnan(separation(CONFIDENCE, np.ones(4)))


def test_risk_grows_as_more_is_answered_and_equals_are_answered_together() -> None:
    assert risk_coverage(CONFIDENCE, RIGHT) == [(0.25, 0.0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1.0, 0.5)]
    assert risk_coverage(np.full(4, 0.5), RIGHT) == [(1.0, 0.5)]
    assert area_under([(0.5, 0.0), (1.0, 0.4)]) == pytest.approx(0.2)


def test_a_chart_places_its_points_and_escapes_its_words() -> None:
    tree = ET.fromstring(line_chart([Line(name="a < b", points=[(0, 0), (1, 0.5)])], title="<T>", x="x", y="y & z"))
    space = "{http://www.w3.org/2000/svg}"
    polyline = tree.find(f"{space}polyline")
    assert polyline is not None
    assert polyline.get("points") == "60.0,408.0 420.0,228.0"  # the unit square is 360 wide, from (60, 408) upwards
    assert {"<T>", "a < b", "x", "y & z"} <= {text.text for text in tree.iter(f"{space}text")}


def test_a_panel_shows_every_value_with_its_interval() -> None:
    dots = [Dot(row="one", value=0.75, low=0.5, high=1.0), Dot(row="two", value=0.5, low=0.2, high=0.6)]
    tree = ET.fromstring(dot_panels([("ro>en", dots)], title="t", lowest=0.5))
    space = "{http://www.w3.org/2000/svg}"
    assert [circle.get("cx") for circle in tree.iter(f"{space}circle")] == ["355.0", "250.0"]
    words = [text.text for text in tree.iter(f"{space}text")]
    assert {"one", "two", "ro>en", "0.750", "0.500", "0.6", "1"} <= set(words)


def test_articles_are_the_same_every_time_and_questions_come_from_them() -> None:
    articles = make_articles(3)
    assert articles == make_articles(3)
    assert [article.id for article in articles] == ["a000000", "a000001", "a000002"]
    assert [len(article.text.split()) for article in articles] == [WORDS_PER_ARTICLE] * 3
    questions = make_questions(articles, 5)
    assert questions == make_questions(articles, 5)
    for question in questions:
        words = question.removesuffix("?").lower()
        assert any(words in article.text.lower() for article in articles)


def test_the_floor_finds_by_words_and_by_vectors(tmp_path: Path) -> None:
    vectors = np.eye(3, dtype=np.float32)
    texts = ["Guvernul a aprobat bugetul", "Echipa a câștigat meciul", "Plouă la munte"]
    build_floor(tmp_path, texts, vectors)
    floor = Floor(tmp_path, candidates=3)
    found = floor.search("meciul", vectors[2])
    assert [row for row, _ in found[:2]] == [1, 2] or [row for row, _ in found[:2]] == [2, 1]
    assert dict(found)[1] == pytest.approx(0.5)  # the best BM25 of all counts half, the vector nothing
    assert dict(found)[2] == pytest.approx(0.5)  # the other way round
    assert dict(found)[0] == 0.0


def test_a_result_is_named_by_commit_and_says_where_it_was_measured(tmp_path: Path) -> None:
    path = write_result("speed", {"figure": 1}, folder=tmp_path)
    assert path.name == f"speed-{commit()}.json"
    content = json.loads(path.read_text("utf-8"))
    assert content["figure"] == 1
    assert content["machine"]["commit"] == commit()
    assert content["machine"]["dirty"] in (True, False)
    assert content["machine"]["cores"] >= 1
    assert describe_machine()["packages"] == content["machine"]["packages"]


def test_a_tree_without_its_history_is_told_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert commit() != "unknown"
    monkeypatch.setattr("benchmarks.machine._ROOT", Path("/"))
    assert commit() == "unknown"
    monkeypatch.setenv("SOURCE_COMMIT", "0123456789ab")
    assert commit() == "0123456789ab"


def test_quality_measures_the_whole_pipeline_and_its_stages() -> None:
    dataset = replace(read_dataset(SEEDS_BEIR), name="xquad-seeds")  # the name asks for the stages too
    reports, gains = measure_directions([dataset], limit=3)
    rows = {row.name: row.estimates for row in reports[0].rows}
    searched = {row.name: row.estimates for row in evaluate(SEEDS_BEIR, limit=3).rows}
    assert rows["whole pipeline *"] == searched["hybrid"]
    assert rows["vector *"] == searched["dense"]
    assert rows["BM25 *"] == searched["lexical"]
    assert len(rows) == 13
    gain = gains["xquad-seeds"]["BM25 *"]
    expected = rows["whole pipeline *"]["nDCG@10"].mean - rows["BM25 *"]["nDCG@10"].mean
    assert gain["mean"] == pytest.approx(expected)
    tree = ET.fromstring(draw(reports))
    assert {"BM25 *", "late interaction", "xquad-seeds"} <= {text.text for text in tree.iter()}


def test_calibration_asks_every_question_and_counts_those_without_an_answer() -> None:
    outcomes = ask_all(hold_out(read_dataset(SEEDS_BEIR)))
    assert len(outcomes.confidence) == 30
    assert outcomes.answerable.sum() == sum(
        any(name[:3] in ("000", "002", "004") for name in grades) for grades in read_dataset(SEEDS_BEIR).qrels.values()
    )
    assert ((outcomes.confidence >= 0) & (outcomes.confidence <= 1)).all()
    assert (outcomes.right <= outcomes.answerable).all()  # nothing is right where nothing answers


def test_corpora_are_put_together_and_each_of_their_answers_counts() -> None:
    dataset = read_dataset(SEEDS_BEIR)
    both = together([replace(dataset, name="one"), replace(dataset, name="two")], name="both")
    assert len(both.corpus) == len({row.id for row in both.corpus}) == 2 * len(dataset.corpus)
    assert both.queries == dataset.queries
    for query_id, grades in dataset.qrels.items():
        assert both.qrels[query_id] == {
            f"{name}/{row}": grade for name in ("one", "two") for row, grade in grades.items()
        }


def test_a_summary_counts_answers_at_the_threshold() -> None:
    one = Outcomes(
        name="one",
        confidence=np.array([0.9, 0.8, 0.3, 0.1]),
        right=np.array([1.0, 0.0, 1.0, 0.0]),
        answerable=np.array([1.0, 0.0, 1.0, 0.0]),
        answered=np.array([1.0, 1.0, 0.0, 0.0]),
    )
    both = summarise(pool([one, one]))
    assert both["questions"] == 8
    assert both["answerable"] == 4
    assert both["at_the_threshold"] == {
        "answered_of_answerable": 0.5,
        "answered_of_unanswerable": 0.5,
        "wrong_of_answered": 0.5,
    }


def test_percentiles_are_in_milliseconds_and_sizes_in_megabytes(tmp_path: Path) -> None:
    assert percentiles([0.001 * n for n in range(101)]) == {
        "p50_ms": pytest.approx(50.0),
        "p95_ms": pytest.approx(95.0),
        "count": 101,
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(bytes(1_500_000))
    assert folder_size(tmp_path) == 1.5


def test_stories_are_pairs_of_one_meeting_and_their_variants_say_what_they_kept() -> None:
    stories, translations = read_stories()
    assert len({story.id for story in (*stories, *translations)}) == len(stories) + len(translations) == 20
    assert {story.language for story in stories} == {"ro", "sl", "en"}
    meetings = [(story.meeting, story.language) for story in stories]
    assert sum(meetings.count(meeting) == 2 for meeting in set(meetings)) == 5
    for story in stories:
        base = as_written(story)
        for article in variants(story):
            shared = [n for n, text in enumerate(base.paragraphs) if text in article.paragraphs]
            assert set(shared) == (article.kept if article.kind not in ("bare", "words") else set(shared)), article.id


def test_wire_copy_is_told_from_other_stories_of_the_same_meeting() -> None:
    stories, translations = read_stories()
    chosen = [story for story in stories if story.meeting == "museum"]
    assert [story.id for story in chosen] == ["en-museum-a", "en-museum-b"]
    found = measure_stories(chosen, [story for story in translations if story.meeting == "museum"])
    # two stories in nine versions each: 36 pairs of versions apiece, and the translation in none
    assert found["pairs"] == {"true": 72, "found": 72, "right": 72}
    assert measure_boilerplate(chosen) == {"briefs": 2, "wrong": 0}


def test_cost_is_measured_at_each_size() -> None:
    costs = measure_cost([40, 80], repeats=4)
    assert [cost["documents"] for cost in costs] == [40, 80]
    assert all(cost["bytes_per_document"] > 300 for cost in costs)  # 64 keys of 4 bytes, twice
    assert [(cost["precision"], cost["recall"]) for cost in costs] == [(1, 1), (1, 1)]


def test_an_index_is_measured_as_it_grows(tmp_path: Path) -> None:
    prepare(None, tmp_path / "rows", 120)
    batches = sorted(path.name for path in (tmp_path / "rows").iterdir())
    prepare(None, tmp_path / "rows", 120)  # what is there is used
    assert sorted(path.name for path in (tmp_path / "rows").iterdir()) == batches
    built = build(tmp_path / "rows", tmp_path / "index", 100)
    with Index.open(tmp_path / "index") as index:
        assert index.info()["passages"] == built["passages"]
    verified = verify(tmp_path / "index")
    assert verified["problems"] == 0
    asked = ask(tmp_path / "rows", tmp_path / "index", 100, 2, 2)
    assert asked["dense pool: exact first 64 kept"] == 1.0
    table = tabulate({"100": {**built, **verified, **asked, **loosen(tmp_path / "rows", tmp_path / "index", 100)}})
    assert table["100"]["answer p50 over that at the smallest size"] == 1.0


def test_the_index_of_the_removing_benchmark_is_sound_and_equal_to_its_folder(tmp_path: Path) -> None:
    fill(tmp_path / "corpus", tmp_path / "index", 12)
    with Index.open(tmp_path / "index") as index:
        assert index.verify() == []
        report = index.sync(tmp_path / "corpus")
        assert (len(report.unchanged), report.added, report.changed) == (12, (), ())
    found = check_folder(tmp_path / "corpus", tmp_path / "index", rounds=1)
    assert found["files"] == 12
    assert sorted(remove_some(tmp_path / "index", ["000/d1.txt"])) == ["next_question_seconds", "remove_seconds"]


def test_every_format_of_the_reading_benchmark_gives_every_article(tmp_path: Path) -> None:
    folders = write_formats(make_articles(3), tmp_path)
    assert sorted(folders) == [
        "csv", "docx", "eml", "epub", "html", "jsonl", "md", "mhtml", "odt", "parquet", "pdf", "rtf", "tar", "txt", "warc", "zip",
    ]  # fmt: skip
    html = measure(folders["html"], 3, rounds=1, workers=0)
    assert sorted(html) == [
        "articles_a_second_of_processor_time", "library_alone_a_second_of_processor_time",
        "speed_over_library_alone", "speed_with_workers_over_one_process",
    ]  # fmt: skip
    whole = measure_indexing(folders["html"], 3, rounds=2, workers=2)
    assert whole["files"] == 3
    assert 0 < whole["reading_share"] < 1
    for name in sorted(set(folders) - {"html"}):
        assert measure(folders[name], 3, rounds=1, workers=0)["articles_a_second_of_processor_time"] > 0
