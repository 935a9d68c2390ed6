"""The words of the interface in its three languages."""

from __future__ import annotations

import json
import re
import string
from datetime import datetime
from typing import get_args

import pytest
from babel import Locale
from page_samples import ROOT

from rag.records import Intent
from rag.web.i18n import LANGUAGES, preferred_language, words
from rag.web.suggestions import Kind
from rag.web.theme import _EARLY


def test_every_language_has_the_same_strings_with_the_same_gaps() -> None:
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = words("en").strings
    for language in LANGUAGES:
        other = words(language).strings
        assert other.keys() == english.keys()
        assert all(gaps(other[key]) == gaps(english[key]) and other[key].strip() for key in english)


def test_every_plural_has_exactly_the_forms_of_its_language() -> None:
    counted = range(200)
    for language in LANGUAGES:
        needed = {Locale(language).plural_form(n) for n in counted}
        catalogue = json.loads((ROOT / f"rag/web/locales/{language}.json").read_text(encoding="utf-8"))["plural"]
        assert all(set(forms) == needed for forms in catalogue.values()), language
    assert [words("sl").count("articles", n) for n in (1, 2, 3, 5, 101)] == [
        "1 članek", "2 članka", "3 članki", "5 člankov", "101 članek",
    ]  # fmt: skip
    assert [words("ro").count("articles", n) for n in (1, 2, 20)] == ["1 articol", "2 articole", "20 de articole"]


def test_no_string_is_missing_and_none_is_left_over() -> None:
    sources = [
        *(ROOT / "rag/web").glob("*.py"),
        *(ROOT / "rag/server").glob("*.py"),
        *(ROOT / "rag/web/templates").glob("*.html"),
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r"""(?:say|spoken|self|words\(\w+\))\(\s*["']([a-z_]+)["']""", code))
    used |= set(re.findall(r'"(export_\w+)"', code))
    used |= {f"example_{kind}" for kind in get_args(Kind)}
    used |= {f"theme_{key}" for key in ("system", "light", "dark")}
    used |= set(_EARLY)
    used |= {"match_strong", "match_possible"}
    reasons = {"abstain", *get_args(Intent)} - {"answer"}
    used |= {f"{reason}_{part}" for reason in reasons for part in ("heading", "body")}
    used -= {"example_", "theme_"}
    assert used == set(words("en").strings)


def test_dates_and_numbers_take_the_readers_form() -> None:
    moment = datetime(2026, 1, 28, 18, 20)
    assert [words(language).date(moment) for language in LANGUAGES] == [
        "28 Jan 2026, 18:20", "28 ian. 2026, 18:20", "28. jan. 2026, 18:20",
    ]  # fmt: skip
    assert [words(language).number(0.834) for language in LANGUAGES] == ["0.83", "0,83", "0,83"]
    assert words("ro").language_name("sl") == "slovenă"
    assert words("en").language_name("zz-not-one") == "zz-not-one"


@pytest.mark.parametrize(
    ("header", "language"),
    [("sl-SI,sl;q=0.9", "sl"), ("de,ro;q=0.5,en;q=0.4", "ro"), ("fr", "en"), (None, "en"), ("sl;q=0,ro;q=x", "en")],
)
def test_the_interface_language_follows_the_browser(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
