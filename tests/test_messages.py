"""Every code that is raised has a sentence in each language, made of the facts that are given with it."""

from __future__ import annotations

import ast
import json
import pickle
from collections import defaultdict
from pathlib import Path
from string import Formatter

import pytest

import rag.errors
from rag import Failure
from rag.errors import ReadError
from rag.readers.decoding import _SIGNATURES
from rag.readers.formats import _NOT_TEXT
from rag.translations import LANGUAGES, catalogue, plural_categories, render

ROOT = Path(__file__).parent.parent
ERRORS = {
    name for name, kind in vars(rag.errors).items() if isinstance(kind, type) and issubclass(kind, rag.errors.RagError)
}


Facts = tuple[str, frozenset[str]]  # the place in the code, and the names of the facts


def codes_in(path: Path) -> list[tuple[str | None, Facts]]:
    """Return the codes that a file makes errors and failures of, None for one that is not a plain string."""
    found: list[tuple[str | None, Facts]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).removeprefix("rag.")
        if name in ERRORS or name in ("Busy", "FileThere"):
            first = node.args[0] if node.args else None
        elif name in ("Failure.of", "Refusal"):
            first = node.args[1]
        else:
            continue
        code = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        facts = frozenset(keyword.arg or "**" for keyword in node.keywords)
        if code is None and facts == {"**"}:
            continue  # made again of what another one said
        found.append((code, (f"{path.relative_to(ROOT)}:{node.lineno}", facts)))
    return found


def codes() -> dict[str | None, list[Facts]]:
    """Return each code with the places that raise it."""
    raised: dict[str | None, list[Facts]] = defaultdict(list)
    for path in [*sorted((ROOT / "rag").rglob("*.py")), ROOT / "app.py"]:
        for code, facts in codes_in(path):
            raised[code].append(facts)
    return raised


CODES = codes()


def fields(sentence: str) -> list[tuple[str, str]]:
    """Return the names in a sentence's braces, each with what follows its colon."""
    return [(name, spec or "") for _, name, spec, _ in Formatter().parse(sentence) if name is not None]


def test_every_code_is_a_plain_string() -> None:
    assert CODES.get(None, []) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence_and_none_is_unused(language: str) -> None:
    assert set(catalogue(language)) == set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_made_of_facts_that_are_given_wherever_it_is_raised(language: str) -> None:
    missing = {
        f"{place}: {code}: {name}"
        for code, sentence in catalogue(language).items()
        for name, _ in fields(sentence)
        for place, facts in CODES.get(code, [])
        if name not in facts and not (name == "parts" and code.startswith("parts_unread"))
    }
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_names_the_same_facts_in_every_language(language: str) -> None:
    for code, sentence in catalogue(language).items():
        assert {name for name, _ in fields(sentence)} == {name for name, _ in fields(catalogue("en")[code])}, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_has_all_the_forms_of_the_language_and_a_choice_the_same_values(language: str) -> None:
    for code, sentence in catalogue(language).items():
        english = dict(fields(catalogue("en")[code]))
        for name, spec in fields(sentence):
            if "=" in spec:
                values = [option.split("=")[0] for option in spec.split("|")]
                assert values == [option.split("=")[0] for option in english[name].split("|")], code
            elif "|" in spec:
                assert len(spec.split("|")) == len(plural_categories(language)), (code, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_sorted_and_its_sentences_have_no_stray_spaces(language: str) -> None:
    pairs = json.loads((ROOT / f"rag/translations/{language}.json").read_text("utf-8"), object_pairs_hook=list)
    assert [code for code, _ in pairs] == sorted(catalogue(language))
    for code, sentence in pairs:
        assert sentence == " ".join(sentence.split()), code
        assert sentence[:1].isupper() or sentence[0] in "'„»{-", code
        if language == "ro":
            assert not set(sentence) & set("şţŞŢ"), code


def test_every_kind_that_is_refused_has_words() -> None:
    options = next(spec for name, spec in fields(catalogue("en")["file_not_text"]) if name == "kind")
    assert {kind for _, kind in (*_SIGNATURES, *_NOT_TEXT)} == {option.split("=")[0] for option in options.split("|")}


def test_numbers_and_forms_are_those_of_the_language() -> None:
    facts: dict[str, str | int | float] = {"name": "a.pdf", "pages": 2002, "limit": 2000}
    assert render("pdf_too_many_pages", facts) == "'a.pdf' has 2,002 pages, more than the limit of 2,000. Split it"
    assert render("pdf_too_many_pages", facts, "ro") == (
        "PDF-ul „a.pdf” are 2.002 pagini, peste limita de 2.000. Împărțiți-l"
    )
    assert render("pdf_unrecognised", {"name": "a.pdf", "pages": 20}, "ro").count("20 de pagini") == 1
    scans = {
        pages: render("pdf_scanned", {"name": "a.pdf", "pages": pages, "command": "x"}, "sl") for pages in (1, 2, 3, 5)
    }
    forms = {1: "skenirana stran", 2: "skenirani strani", 3: "skenirane strani", 5: "skeniranih strani"}
    for pages, form in forms.items():
        assert f"({pages} {form})" in scans[pages]


def test_what_another_version_stored_is_shown_as_far_as_it_can_be() -> None:
    assert render("file_from_mars\n", {}) == "file_from_mars"
    assert render("file_too_large", {"name": "a", "size": "many"}) == (
        "'a' has many bytes, more than the limit of ?. Split it into articles, or raise RAG_MAX_FILE_BYTES"
    )
    assert render("file_empty", {"name": "a"}, "xx") == render("file_empty", {"name": "a"}, "en")


def test_a_fact_cannot_break_the_line() -> None:
    error = ReadError("file_empty", name="a\n\x1b[31m\u202eb\udcff")
    assert str(error) == "'a\\n\\x1b[31m\\u202eb\\udcff' is empty (0 bytes). Remove it, or fetch it again"
    assert error.facts == {"name": "a\\n\\x1b[31m\\u202eb\\udcff"}
    json.dumps(error.facts).encode("utf-8")


def test_errors_and_failures_go_through_pickle_and_can_be_told_in_any_language() -> None:
    error = pickle.loads(pickle.dumps(ReadError("pdf_damaged", name="a.pdf", detail="KeyError")))
    assert (type(error), error.code, error.facts) == (ReadError, "pdf_damaged", {"name": "a.pdf", "detail": "KeyError"})
    assert str(error) == "'a.pdf' is a damaged PDF, or is cut short (KeyError). Fetch it again"
    failure = pickle.loads(pickle.dumps(Failure.from_error("a.pdf", error)))
    assert failure == Failure.of("a.pdf", "pdf_damaged", name="a.pdf", detail="KeyError")
    assert failure.message("sl") == "»a.pdf« je poškodovan ali nepopoln PDF (KeyError). Znova ga prenesite"
    assert str(failure.error()) == failure.message() == str(error)
