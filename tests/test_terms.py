"""The words that lexical search indexes, and those it is asked for."""

import unicodedata

import pytest
from conftest import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text import terms
from rag.text.lemmas import name_stem
from rag.text.normalisation import fold
from rag.text.terms import document_terms, query_terms, surface_terms, words


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s-au întâlnit într-un oraș", ["s", "au", "întâlnit", "într", "un", "oraș"]),
        ("l'Ucraina e Trump’s COVID-19", ["l", "Ucraina", "e", "Trump", "s", "COVID", "19"]),
        ("3,5 milioane, 1.000.000 sau 12,500; 2025.", ["3,5", "milioane", "1.000.000", "sau", "12,500", "2025"]),
        ("21.12.2025, 18:20, 2026-01-14", ["21", "12", "2025", "18", "20", "2026", "01", "14"]),
        ("S.U.A., d.o.o. in U.S. Army", ["S.U.A.", "d.o.o.", "in", "U.S.", "Army"]),
        ("G7, 5G, H5N1 x_y", ["G7", "5G", "H5N1", "x", "y"]),
        ("„Mir“ — »ne«!", ["Mir", "ne"]),
        ("", []),
        ("?! … 😀", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert _words(text) == expected


def test_words_keep_combining_marks_and_soft_hyphens_inside() -> None:
    text = unicodedata.normalize("NFD", "președinți") + " ne\u00adgo\u00adci"
    assert _words(text) == text.split()
    assert document_terms(text, "ro")[0] == ["presedinti", "negoci"]


def test_offsets_belong_to_the_original_where_lower_case_is_longer() -> None:
    text = "İİİ pace"  # lower() makes two characters of each İ
    assert len(text.lower()) > len(text)
    assert words(text) == [(0, 3), (4, 8)]


def test_romanian_surface_and_lemma() -> None:
    surface, lemma = document_terms("Garanțiile de securitate ale Ucrainei, preşedinţii ţărilor", "ro")
    assert surface == ["garantiile", "de", "securitate", "ale", "ucrainei", "presedintii", "tarilor"]
    assert lemma[0] == "garantie"
    assert lemma[2] == "securitate"
    assert lemma[6] == "tara"


def test_romanian_participles_meet_their_verbs() -> None:
    """Told with a participle in any form, asked with the verb, and the other way round; nouns of that form stay nouns."""
    told = ["învins", "învinsă", "învinși", "învinse", "întâlnit", "întâlnite", "văzută", "câștigați", "aleasă"]
    _, lemmas = document_terms(" ".join(told), "ro")
    assert lemmas == ["invinge"] * 4 + ["intalni"] * 2 + ["vedea", "castiga", "alege"]
    assert query_terms("învinsă", ["ro"]) == query_terms("invinsa", ["ro"]) == [("invinsa", "invinge")]
    assert query_terms("învinge", ["ro"]) == [("invinge",)]
    assert document_terms("cursul cursuri", "ro")[1] == ["curs", "curs"]


def test_cedilla_and_comma_give_the_same_terms() -> None:
    assert document_terms("negociaţiile preşedinţilor", "ro") == document_terms("negociațiile președinților", "ro")


def test_slovene_surface_and_lemma() -> None:
    surface, lemma = document_terms("Pogajalci so se srečali v mestih", "sl")
    assert surface == ["pogajalci", "so", "se", "srecali", "v", "mestih"]
    assert lemma == ["pogajalec", "so", "se", "srecati", "v", "mesto"]


def test_numbers_have_one_form() -> None:
    assert document_terms("1.000.000 1,000,000 3,5 3.5 S.U.A.", None)[0] == ["1000000", "1000000", "3.5", "3.5", "sua"]


def test_without_dictionary_the_lemma_is_the_surface() -> None:
    for language in (None, "mt", "xx"):
        surface, lemma = document_terms("Negocierile de pace", language)
        assert surface == lemma == ["negocierile", "de", "pace"]


def test_a_question_offers_surface_and_lemmas() -> None:
    assert query_terms("garanțiile de securitate", ["ro"]) == [("garantiile", "garantie"), ("de",), ("securitate",)]
    assert query_terms("negotiations", ["ro", "en"]) == [("negotiations", "negotiation")]
    assert query_terms("", ["ro"]) == []
    assert query_terms("pace pace", []) == [("pace",), ("pace",)]


@pytest.mark.parametrize(
    ("question", "language", "article"),
    [
        ("garantii de securitate", "ro", "garanțiile de securitate"),
        ("Unde s-au intalnit presedintii tarilor?", "ro", "S-a întâlnit cu președinții; țara, țări"),
        ("discutiile negociatorilor", "ro", "o discuție între negociatori"),
        ("razboiului", "ro", "război"),
        ("srecanje", "sl", "srečanja"),
        ("Kdo je bil na srecanju zunanjih ministrov", "sl", "srečanje zunanjega ministra"),
        ("porocila", "sl", "poročilo"),
    ],
)
def test_a_question_without_diacritics_reaches_the_same_lemmas(question: str, language: str, article: str) -> None:
    surface, lemma = document_terms(article, language)
    indexed = {term for term in surface + lemma if len(term) > 4}
    asked = [set(alternatives) for alternatives in query_terms(question, [language])]
    reached = {term for alternatives in asked for term in alternatives} & indexed
    missed = [
        alternatives for alternatives in asked if len(min(alternatives, key=len)) > 5 and not alternatives & indexed
    ]
    assert reached
    assert missed == []


def test_capitals_are_the_same_question() -> None:
    assert query_terms("GARANȚIILE DE SECURITATE", ["ro"])[0][0] == "garantiile"
    assert "garantie" in query_terms("GARANȚIILE DE SECURITATE", ["ro"])[0]


def test_alternatives_are_few_distinct_and_folded() -> None:
    for alternatives in query_terms("tara noastra asteapta pacea " + "a" * 5000, ["ro", "sl", "en", "hr", "xx"]):
        assert len(set(alternatives)) == len(alternatives) <= 13
        assert all(fold(term) == term for term in alternatives)


@settings(deadline=None)  # the first word of a language loads its dictionary
@given(st.text(), st.sampled_from(["ro", "sl", "en", None]))
def test_terms_are_aligned_with_the_words(text: str, language: str | None) -> None:
    surface, lemma = document_terms(text, language)
    spans = words(text)
    assert len(surface) == len(lemma) == len(spans)
    assert all(surface)
    assert all(lemma)
    assert all(start < end for start, end in spans)
    assert [alternatives[0] for alternatives in query_terms(text, [language or "en"])] == surface


@pytest.mark.parametrize(
    ("declined", "language", "question"),
    [
        ("z Zelenskim, Zelenskega, Zelenskemu", "sl", "Zelenski"),
        ("Witkoffa, Witkoffu, z Witkoffom", "sl", "Witkoff"),
        ("Kushnerja, s Kushnerjem, Kushnerju", "sl", "kushner"),
        ("Dmitrijeva, z Dmitrijevim", "sl", "Dmitrijev"),
        ("Zelenskog, Zelenskome", "hr", "Zelenski"),
        ("Kremlinul, Kremlinului", "ro", "Kremlin"),
        ("Putins", "de", "Putin"),
    ],
)
def test_declined_names_meet_their_nominative(declined: str, language: str, question: str) -> None:
    surface, lemma = document_terms(declined, language)
    ((*alternatives,),) = query_terms(question, ["en", language])
    for form, stem in zip(surface, lemma, strict=True):
        assert stem in alternatives or len(form) < 3


def test_dictionary_words_and_short_names_keep_their_endings() -> None:
    assert document_terms("Ljubljana Slovenija Ukrajine", "sl")[1] == ["ljubljana", "slovenija", "ukrajina"]
    assert name_stem("kija", "sl") == "kija"
    assert name_stem("zelenskega", "fr") == name_stem("zelenskega", None) == "zelenskega"


@pytest.mark.parametrize("language", ["ro", "sl", "hr", "mt", None])
def test_a_word_has_the_same_terms_whether_it_is_among_the_few_or_the_many(
    language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = " ".join(
        (SEEDS / name).read_text("utf-8") for name in ("003_569c59af60f09498.txt", "004_e006c9bc8f8c5fea.txt")
    )
    terms._pairs.cache_clear()
    few = document_terms(text, language)
    monkeypatch.setattr(terms, "_FEW", 0)
    terms._pairs.cache_clear()
    assert document_terms(text, language) == few
    assert surface_terms(text) == few[0]
    terms._pairs.cache_clear()
