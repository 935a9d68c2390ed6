"""The labeller of lines: what must hold of any lines, how its network is computed, and what a page costs."""

from __future__ import annotations

import random
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pages import SETS, masked_characters, read_pages
from rag.article import cues, labelled_page, labeller, words
from rag.article.document import article
from rag.article.labelled_page import read_page
from rag.article.lines import read_lines
from rag.article.masks import find_boilerplate

_LINES = st.sampled_from(
    [
        "Citește și",
        "Titlu scurt",
        "18:30",
        "28 ian. 2026, 18:20",
        "Primul ministru a anunțat luni că guvernul va adopta bugetul săptămâna viitoare.",
        "Poză de arhivă. Foto: Profimedia",
        "",
        "- un punct",
        "digi24.ro",
        "[Share](https://example.org/x)",
        "# Un titlu",
        "Comentarii (3)",
        "Acasă » Știri",
        "首相は月曜日に、政府が来週予算を採択すると発表した。",
        "1234567890",
        "\ud800",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(_LINES).map("\n".join), st.lists(_LINES | st.text()).map("\n\n".join)))
def test_masks_are_sorted_disjoint_stripped_and_never_everything(text: str) -> None:
    spans = find_boilerplate(text)
    assert list(spans) == sorted(spans)
    for (_, end), (start, _) in pairwise(spans):
        assert end < start
        assert text[end:start].strip()
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    if spans:
        assert "".join(c for c, hidden in zip(text, masked_characters(text, spans), strict=True) if not hidden).strip()


@settings(deadline=None)
@given(st.lists(_LINES | st.text(max_size=300)).map("\n".join))
def test_every_line_has_finite_cues_and_probabilities(text: str) -> None:
    lines = read_lines(text)
    found = cues.line_cues(lines)
    assert found.shape == (len(lines), len(cues.NAMES))
    assert np.isfinite(found).all()
    chances = read_page(text).chances
    assert chances.shape == (len(lines), 4)
    assert ((chances >= 0) & (chances <= 1)).all()


@pytest.mark.parametrize("joint", ["\n", "\n\n"])
def test_cut_and_shuffled_pages_are_read(joint: str) -> None:
    draw = random.Random(1)
    for marked in [marked for folder in SETS.values() for marked in read_pages(folder)][::6]:
        lines = [marked.text[start:end] for _, (start, end) in marked.lines]
        first = draw.randrange(len(lines))
        cut = lines[first : first + draw.randrange(1, len(lines) + 1)]
        draw.shuffle(lines)
        for some in (cut, lines, lines * 3):
            document = article(joint.join(some), document_id=marked.name)
            assert document.text == joint.join(some)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "Doar un titlu",
        "\n".join(["18:30"] * 500),
        "\n".join(str(number) for number in range(500)),
        "\n".join(["Același rând scris de multe ori, cu punct la sfârșit, ca o propoziție întreagă."] * 300),
        "ᚠᛇᚻ᛫ᛒᛦᚦ᛫ᚠᚱᚩᚠᚢᚱ᛫ᚠᛁᚱᚪ᛫ᚷᛖᚻᚹᛦᛚᚳᚢᛗ\n" * 40,
    ],
)
def test_a_page_without_an_article_is_read_as_it_is(text: str) -> None:
    document = article(text, document_id="x")
    assert document.text == text
    assert sum(end - start for start, end in document.masked) < max(len(text.strip()), 1)


def test_a_page_of_many_lines_is_read() -> None:
    text = "\n".join(f"Linia {number} din {number % 7}" for number in range(100_000))
    assert len(read_page(text).lines) == 100_000


def test_the_network_is_what_its_formula_says() -> None:
    width, size = 2, 3
    zeros = np.zeros((width, width), dtype=np.float32)
    identity = np.eye(width, dtype=np.float32)
    table = words.WordTable(keys=words.checksums(["ana"]), values=np.array([[0.5], [0.0]], dtype=np.float32))
    network = labeller.Network(
        mean=np.array([1.0, 0.0], dtype=np.float32),
        scale=np.array([2.0, 1.0], dtype=np.float32),
        first=np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32),
        first_bias=np.zeros(width, dtype=np.float32),
        page=np.zeros((2 * width, width), dtype=np.float32),
        page_bias=np.zeros(width, dtype=np.float32),
        layers=((1, np.stack([identity, zeros, zeros]), np.zeros(width, dtype=np.float32)),),
        last=np.array([[1, 0, 0, 0], [0, 1, 0, 0]], dtype=np.float32),
        last_bias=np.zeros(4, dtype=np.float32),
    )
    texts, values = ["Ana", "Jan", "x"], np.array([[3, 0], [1, 2], [-9, -1]], dtype=np.float32)
    found = labeller.Labeller(words=table, networks=(network,)).probabilities(texts, values)
    # First layer: (3 - 1) / 2 = 1 and 0, with "ana" .5 added to both; (0, 2); and (-5 and -1, so 0, 0).
    hidden = np.array([[1.5, 0.5], [0, 2], [0, 0]])
    hidden[1:] += hidden[:-1].copy()  # the layer adds the line before
    logits = np.concatenate([hidden, np.zeros((size, 2))], axis=1)
    assert found == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-6)
    # Of two, each with its own numbers of a word, the log-odds are averaged; the second has no word.
    both = words.WordTable(keys=table.keys, values=np.array([[0.5, 0], [0, 0]], dtype=np.float32))
    two = labeller.Labeller(words=both, networks=(network, network)).probabilities(texts, values)
    hidden = np.array([[1.25, 0.25], [0, 2], [0, 0]])
    hidden[1:] += hidden[:-1].copy()
    logits = np.concatenate([hidden, np.zeros((size, 2))], axis=1)
    assert two == pytest.approx(1 / (1 + np.exp(-logits)), abs=1e-6)


def test_words_are_averaged_over_those_that_are_known() -> None:
    table = words.WordTable(
        keys=np.sort(words.checksums(["ana", "mere"])),
        values=np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], dtype=np.float32),
    )
    first, second = table.means(["ANA are mere", "are"])
    assert first.tolist() == [0.5, 1.0]
    assert second.tolist() == [0.0, 0.0]


def test_the_model_that_ships_is_small_and_has_both_networks() -> None:
    assert labeller.MODEL.stat().st_size < 1_500_000
    for name in ("text.", "html."):
        assert {network.last.shape[1] for network in labeller.load_labeller(name).networks} == {4}


def test_the_work_for_a_page_grows_as_the_page_does() -> None:
    """Cues are counted once for each line: twice the lines are twice the calls."""
    import cProfile
    import pstats

    def calls(count: int) -> int:
        text = "\n".join(f"Linia {number}: un rând oarecare, publicat la 28.01.2026, 18:20" for number in range(count))
        profile = cProfile.Profile()
        profile.runcall(read_page, text)
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]

    calls(100)
    assert calls(2000) < 2.2 * calls(1000)


@given(st.lists(st.floats(0, 1, width=32), max_size=12))
def test_the_path_is_the_best_of_all(chances: list[float]) -> None:
    """The oracle tries every path."""
    values = np.array(chances, dtype=np.float32)
    safe = np.clip(values.astype(np.float64), 1e-6, 1 - 1e-6)
    odds = np.log(safe / (1 - safe))

    def worth(path: tuple[bool, ...]) -> float:
        changes = sum(a != b for a, b in pairwise(path))
        return float(odds[list(path)].sum()) - labelled_page._CHANGE * changes

    best = max(worth(path) for path in product((False, True), repeat=len(chances)))
    assert worth(tuple(labelled_page.best_path(values).tolist())) == pytest.approx(best)
