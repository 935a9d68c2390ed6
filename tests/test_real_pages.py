"""Collections of real pages: parts by site, overlap of texts, verdicts, and the ways of scraping."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from benchmarks.articles import judge_field, real_pages
from benchmarks.real_pages import PARTS, RealPage, mean_overlap, read_collection, snippet_overlap
from benchmarks.scrapes import WAYS, scrape
from rag.records import Document

BODY = (
    "The council voted on Monday to replace the old screens at the station, from which the night trains leave.",
    "Passengers had complained for two years that the boards showed neither the hour nor the number of the line.",
)
MARKUP = f"""<html><head><title>Screens | Gazette</title><script>var x = "no";</script></head><body>
<ul><li><a href="/a">News</a></li><li>Sport</li></ul><h1>New screens</h1><p>{BODY[0]}</p><div>{BODY[1]}<br>Last</div>
<noscript>Turn it on</noscript></body></html>"""


def write(folder: Path, rows: list[dict[str, object]]) -> Path:
    folder.mkdir()
    for row in rows:
        (folder / f"{row['page']}.html.gz").write_bytes(gzip.compress(MARKUP.encode()))
    with gzip.open(folder / "gold.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


def test_pages_of_one_site_are_in_one_part() -> None:
    def page(name: str, url: str | None) -> RealPage:
        return RealPage(name=name, collection="aeb", path=Path(name), gold={"url": url} if url else {})

    first, second = page("x", "https://www.gazette.co.uk/a"), page("y", "https://m.gazette.com/b")
    assert first.site == second.site == "gazette"
    assert page("at-Gazette_2025_01_01", None).site == "gazette"
    drawn = [page(str(n), f"https://site{n}.example/").part for n in range(400)]
    shares = {"train": 0.47, "validation": 0.2, "test": 0.33}
    assert {part: drawn.count(part) / 400 for part in PARTS} == pytest.approx(shares, abs=0.06)


def test_precision_and_recall_are_averaged_over_pages() -> None:
    found = mean_overlap([("a b c d e", "a b c d"), ("", "a b c d")])
    assert (found.precision, found.recall, found.f1) == (0.25, 0.5, 2 * 0.25 * 0.5 / 0.75)


def test_pieces_that_must_and_must_not_be_there() -> None:
    found = snippet_overlap([("one  two\nthree", {"with": ["two three", "four"], "without": ["one", "five"]})])
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_the_ways_of_scraping_hold_the_same_words() -> None:
    blocks = ["News", "Sport", "New screens", BODY[0], BODY[1], "Last"]
    assert scrape(MARKUP, "lines").split("\n") == blocks
    assert scrape(MARKUP, "paragraphs").split("\n\n") == blocks
    assert scrape(MARKUP, "joined").split("\n") == ["Screens | Gazette", *blocks]
    assert scrape(MARKUP, "markdown").split("\n\n")[:3] == ["- [News](/a)", "- Sport", "# New screens"]
    assert [scrape("", way) for way in WAYS] == [""] * len(WAYS)


@pytest.mark.parametrize(
    ("field", "value", "verdict"),
    [
        ("title", "New screens", "right"),
        ("title", "«New» Screens", "right"),
        ("title", "New screens at the station", "wrong"),
        ("published", datetime(2026, 1, 28, 9), "right"),
        ("published", datetime(2026, 1, 29, 9), "wrong"),
        ("author", "Ana Novak, Jan Kos", "right"),
        ("author", "Jan Kos", "wrong"),
        ("author", None, "absent"),
    ],
)
def test_verdicts_on_metadata(field: str, value: object, verdict: str) -> None:
    gold = {"title": "New Screens", "published": "2026-01-28 18:20:00+01:00", "authors": ["Ana Novak", "Jan Kos"]}
    document = Document(id="x", text="x", **{field: value})  # type: ignore[arg-type]
    assert judge_field(field, gold, document) == verdict
    assert judge_field(field, {**gold, "authors": [], "title": None, "published": None}, None) == "none"


def test_a_page_is_read_in_every_way(tmp_path: Path) -> None:
    row = {"page": "p", "url": "https://gazette.example/p", "body": "\n".join(BODY), "title": "New screens"}
    pages = read_collection(write(tmp_path / "aeb", [{**row, "authors": [], "published": None}]))
    result = real_pages({"aeb": pages}, libraries=False)
    assert set(result["failed"].values()) == {0}
    assert result["overlap"]["lines: keep everything"]["aeb"]["recall"] == 1.0
    assert result["metadata"]["HTML: ours"]["title"] == {"right": 1}
