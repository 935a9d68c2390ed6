"""What changed between two texts: nothing lost, nothing made up, and done in bounded work whatever the texts are."""

from __future__ import annotations

import difflib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Document
from rag.web.diff import Run, compare


def both(earlier: str, later: str) -> list[Run]:
    stretches = compare(Document(id="a", text=earlier), Document(id="a", text=later))
    return [run for stretch in stretches for paragraph in stretch.paragraphs for run in paragraph]


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("He met Ana in Vienna on Monday.", "He met Ana in Geneva on Monday.", [("", "He met Ana in "), ("del", "Vienna "), ("ins", "Geneva "), ("", "on Monday.")]),
        ("One. Two.", "One. Two. Three.", [("", "One. "), ("del", "Two."), ("ins", "Two. Three.")]),
        ("One.\nTwo.\n", "One.\nNew.\nTwo.\n", [("", "One.\n"), ("ins", "New.\n"), ("", "Two.\n")]),
        ("The cat sat down at last.", "Nobody came; it rained.", [("del", "The cat sat down at last."), ("ins", "Nobody came; it rained.")]),
        ("It was 10, 20 and 30 then.", "It was 11, 21 and 30 then.", [("", "It was "), ("del", "10, 20 "), ("ins", "11, 21 "), ("", "and 30 then.")]),
        ("Two  spaces here.", "Two spaces here.", [("del", "Two  "), ("ins", "Two "), ("", "spaces here.")]),
        ("", "New.", [("ins", "New.")]),
        ("Same.", "Same.", []),
    ],
)  # fmt: skip
def test_what_was_taken_out_and_put_in(earlier: str, later: str, expected: list[tuple[str, str]]) -> None:
    assert [(run.kind, run.text) for run in both(earlier, later)] == expected


def test_page_furniture_is_left_out() -> None:
    then = Document(id="a", text="Menu 1\nRain fell.\n", masked=((0, 7),))
    now = Document(id="a", text="Menu 2\nRain fell.\nMore 3", masked=((0, 7), (18, 24)))
    assert compare(then, now) == []
    hail = Document(id="a", text="Menu 2\nHail fell.\n", masked=((0, 7),))
    assert "Menu" not in "".join(run.text for part in compare(then, hail) for run in part.paragraphs[0])


def test_paragraphs_far_from_a_change_are_folded() -> None:
    lines = [f"Paragraph {n} stays.\n" for n in range(9)]
    later = [*lines[:4], "Paragraph 4 goes.\n", *lines[5:]]
    stretches = compare(Document(id="a", text="".join(lines)), Document(id="a", text="".join(later)))
    assert [(stretch.folded, len(stretch.paragraphs)) for stretch in stretches] == [(True, 3), (False, 3), (True, 3)]
    stretches = compare(Document(id="a", text="".join(lines[2:7])), Document(id="a", text="".join(later[2:7])))
    assert not any(stretch.folded for stretch in stretches)  # one paragraph alone stays open


_TEXT = st.lists(st.sampled_from(["ana ", "are ", "mere. ", "„pere” ", "\n", "\n\n", "ș", ", ", "!", "  ", "\r\n"]), max_size=60).map("".join)  # fmt: skip


@given(earlier=_TEXT, later=_TEXT)
def test_both_texts_are_in_the_comparison_to_the_character(earlier: str, later: str) -> None:
    runs = both(earlier, later)
    if earlier != later:
        assert "".join(run.text for run in runs if run.kind != "ins") == earlier
        assert "".join(run.text for run in runs if run.kind != "del") == later


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("ana are " * 70_000, "ana era " * 70_000),
        (" ".join(f"word{n}" for n in range(30_000)), " ".join(f"other{n}" for n in range(30_000))),
        ("x. " * 30_000, "x. y. " * 20_000),
        ("".join(f"x a{n} " for n in range(900)), "".join(f"x b{n} " for n in range(900))),
        ("".join(f"Line {n % 7}.\n" for n in range(3_000)), "".join(f"Line {n % 5}.\n" for n in range(3_000))),
        ("".join(f"s{n} a a a a.\n" for n in range(400)), "".join(f"t{n} a a a a.\n" for n in range(400))),
    ],
)
def test_the_work_is_bounded(earlier: str, later: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    find = difflib.SequenceMatcher.find_longest_match

    def counted(self: Any, low: int, high: int, start: int, end: int) -> Any:
        nonlocal looks
        looks += sum(len(self.b2j.get(self.a[n], ())) for n in range(low, high)) + high - low
        return find(self, low, high, start, end)

    monkeypatch.setattr(difflib.SequenceMatcher, "find_longest_match", counted)
    runs = both(earlier, later)
    assert "".join(run.text for run in runs if run.kind != "ins") == earlier
    assert "".join(run.text for run in runs if run.kind != "del") == later
    assert looks < 20_000_000
