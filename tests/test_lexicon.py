"""The files of languages: their form, what every language has, and that a language is one file."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from babel import Locale

from rag.text import lexicon as module
from rag.text.languages import LANGUAGES
from rag.text.lexicon import FOLDER, Names, lexicon, lexicons
from rag.text.normalisation import fold

REQUIRED = {
    "sentences": ("abbreviations", "starters", "quotes"),
    "months": module.MONTHS,
    "weekdays": module.WEEKDAYS,
    "publishing": ("published", "updated", "author_labels", "pieces", "roles"),
    "recognition": ("common",),
    "relative": ("today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year", "last_year"),
    "questions": (
        *("when", "where", "how_many", "which", "time_nouns", "place_nouns", "number_nouns"),
        *("who", "what", "why", "how", "auxiliaries", "frames", "polite"),
    ),
}


def test_every_language_has_its_file_and_every_file_its_language() -> None:
    assert module.codes() == LANGUAGES
    assert [words.code for words in lexicons()] == sorted(LANGUAGES)


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_language_has_what_is_required_and_no_word_twice(code: str) -> None:
    data = tomllib.loads((FOLDER / f"{code}.toml").read_text("utf-8"))
    assert data["name"]
    for section, keys in REQUIRED.items():
        assert [key for key in keys if not data[section].get(key)] == []
    for key in ("published", "updated", "by", "author_labels", "pieces"):
        written = [fold(" ".join(phrase.split())) for phrase in data["publishing"].get(key, "").split(",")]
        assert len(written) == len(set(written)), f"{key} of {code} has a phrase twice: {sorted(written)}"
    words = lexicon(code)
    for names in (words.months, words.weekdays):
        written = [name for one in names for kind in fields(Names) for name in getattr(one, kind.name)]
        assert len(written) == len(set(written)), f"a month or weekday of {code} has another's name: {sorted(written)}"
    assert not words.publishing.published & words.publishing.updated


@pytest.mark.parametrize("code", [*sorted(LANGUAGES), "sr_Latn"])
def test_months_and_weekdays_have_the_names_of_cldr(code: str) -> None:
    """CLDR's own data, which `Babel` carries, in the forms of a date and of a list ("22 ianuarie", "January")."""
    locale, words = Locale.parse(code), lexicon(code[:2])
    for context in ("format", "stand-alone"):
        for number, name in locale.months[context]["wide"].items():
            known = words.months[number - 1]
            assert _last_word(name, code) in known.whole | known.own, name
        for number, name in locale.days[context]["wide"].items():
            assert fold(name) in words.weekdays[number].whole, name


def _last_word(name: str, code: str) -> str:
    """Return a month without its preposition ("de gener", "d'abril"); in Irish the first of two words is the name."""
    return fold(name).replace("'", " ").split()[0 if code == "ga" else -1]


def test_a_language_without_a_file_has_no_words() -> None:
    for code in ("xx", None, "../pl"):
        words = lexicon(code)
        assert (words.code, words.name, words.sentences.abbreviations) == ("und", "", frozenset())
        assert not any(names.whole for names in words.months)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[months]\njanuari = 'januari'\n", "unknown: januari"),
        ("[months]\njanuary = 1\n", "january is no string"),
        ("[month]\njanuary = 'januari'\n", "unknown: [month]"),
        ("months = 'januari'\n", "[months] is no section"),
        ("january =\n", "Invalid value"),
    ],
)
def test_a_wrong_file_is_named(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qaa.toml").write_text(text, "utf-8")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(ValueError) as raised:
        module.read_lexicon("qaa")
    assert said in str(raised.value) and str(tmp_path / "qaa.toml") in str(raised.value)


MADE_UP = """
name = 'Made-up'
[sentences]
abbreviations = 'zq'
[terms]
restored = 'a:å'
name_endings = 'ux'
[months]
january = 'zanuar, zanuarin | zan'
[relative]
yesterday = 'ter zo'
[questions]
when = 'kwan'
which = 'ket*'
time_nouns = 'zar*'
"""

USE = """
import sys
from datetime import date
from pathlib import Path
import rag.text.lexicon
rag.text.lexicon.FOLDER = Path(sys.argv[1])
from rag.text.dates.moments import find_moments
from rag.answering.question_kind import expected_kind
from rag.text.dates.periods import find_periods
from rag.text.lemmas import name_stem
from rag.text.sentences import split_sentences
assert find_moments("5 zan. 2026", "qaa")[0].value == date(2026, 1, 5)
assert find_moments("5 Zanuarin 2026", None)[0].value == date(2026, 1, 5)
assert len(split_sentences("Po zq. Tamm. Lo.", "qaa")) == 2
assert len(split_sentences("Po zq. Tamm. Lo.", "pl")) == 3
assert len(split_sentences("Był tu inż. Nowak. Poszedł.", "pl")) == 2
assert find_periods("Ter zo!", today=date(2026, 1, 6), language="qaa")[0].first == date(2026, 1, 5)
assert expected_kind("Kwan ta?", "qaa") == expected_kind("Ketin zarux?", "qaa") == "time"
assert expected_kind("Kiedy to było?", "pl") == "time"
assert find_moments("5 stycznia 2026", "pl")[0].value == date(2026, 1, 5)
assert name_stem("witkoffux", "qaa") == "witkoff"
"""


def test_a_language_is_added_with_one_file(tmp_path: Path) -> None:
    (tmp_path / "qaa.toml").write_text(MADE_UP, "utf-8")
    (tmp_path / "pl.toml").write_text((FOLDER / "pl.toml").read_text("utf-8"), "utf-8")
    subprocess.run([sys.executable, "-c", USE, str(tmp_path)], check=True)
