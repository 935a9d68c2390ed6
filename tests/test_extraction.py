"""What the benchmark of extraction counts, on pages of which the answer is plain."""

from __future__ import annotations

from pathlib import Path

import pytest
from reader_samples import read

from benchmarks.extraction import EXTRACTORS, READERS, count_lines, neighbours_kept
from benchmarks.markup import STYLES, render
from benchmarks.pages import PAGES, Counts, MarkedPage, masked_characters, read_pages
from benchmarks.typesetting import Layout, typeset

LINES = [
    ("F", "Home"), ("F", "The old bridge opens again"),
    ("B", "The old bridge in the centre was opened again on Monday after two years of work, the mayor said."),
    ("F", "Read also"), ("F", "Ten recipes with pumpkins"),
    ("B", "The work cost three million euros, of which the state paid a half and the city the other half."),
    ("F", "All rights reserved"),
]  # fmt: skip


def marked() -> MarkedPage:
    text = "".join(f"{line}\n" for _, line in LINES)
    spans = [(text.index(line), text.index(line) + len(line)) for _, line in LINES]
    lines = tuple((mark, span) for (mark, _), span in zip(LINES, spans, strict=True))
    return MarkedPage(name="en_x", language="en", text=text, lines=lines, expected={"title": LINES[1][1]})


def _size(*numbers: int) -> int:
    return sum(len("".join(LINES[number][1].split())) for number in numbers)


def test_characters_count_by_whole_lines() -> None:
    page = marked()
    everything = "\n".join(line for _, line in LINES)
    assert count_lines(page, everything) == Counts(kept=_size(2, 5), wrong=_size(0, 1, 3, 4, 6), lost=0)
    half = everything.replace("three million", "3 million").replace("Read also", "")
    assert count_lines(page, half) == Counts(kept=_size(2), wrong=_size(0, 1, 4, 6), lost=_size(5))


def test_a_rendered_page_has_its_lines_in_order_and_nothing_else() -> None:
    page = marked()
    for style in STYLES:
        markup = render(page, style)
        at = -1
        for _, line in LINES:
            at = markup.index(line, at + 1)
        assert markup.count("<h1>") == 1
    assert '<aside class="related"><ul><li><a href="/3">Read also</a>' in render(page, "meaningful")
    assert "<div><p>Read also</p>" in render(page, "paragraphs alone")


@pytest.mark.parametrize("name", [name for name in EXTRACTORS if name != "jusText"])  # it wants 200 characters
def test_every_library_finds_the_article_where_the_markup_says_it(name: str) -> None:
    pytest.importorskip("readability")
    found = count_lines(marked(), EXTRACTORS[name](render(marked(), "meaningful"), "en"))
    assert found.lost == 0


def test_neighbours() -> None:
    assert neighbours_kept(["a", "b", "c"], ["a", "b", "x", "c"]) == 0.5
    words = [f"{letter}{number}" for number in range(200) for letter in "abcdef"]
    data = typeset(words, Layout(columns=2, by_rows=True))
    kept = {name: neighbours_kept(words, read(data).split()) for name, read in READERS.items()}
    assert kept["as read here"] == 1.0
    assert max(kept["pypdf"], kept["PDFium"]) < 1.0


def test_an_article_is_read_whole_from_any_markup_and_without_boilerplate_where_markup_tells_it(tmp_path: Path) -> None:
    (page,) = (page for page in read_pages(PAGES) if page.name == "ro_portal_links")
    shown: dict[str, Counts] = {}
    for style in STYLES:
        document = read(tmp_path / "a.html", render(page, style).encode())
        hidden = masked_characters(document.text, document.masked)
        shown[style] = count_lines(page, "".join(c for c, gone in zip(document.text, hidden, strict=True) if not gone))
        assert [document.text[start:end] for start, end in document.masked] in ([], [page.expected["title"]])
    body = sum(len("".join(page.text[start:end].split())) for mark, (start, end) in page.lines if mark == "B")
    assert {style: (counts.kept, counts.lost) for style, counts in shown.items()} == dict.fromkeys(STYLES, (body, 0))
    assert shown["meaningful"].wrong == shown["divs and links"].wrong == 0
