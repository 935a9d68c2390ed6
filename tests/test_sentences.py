"""Sentence boundaries: what newspapers write in eight languages, and that nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.sentences import split_sentences

# Each case is a text with "|" where a sentence ends.
CASES = [
    ("ro", "Dl. Popescu a sosit la 21. 12. 2025.| A plecat apoi."),
    ("ro", "Prof. univ. dr. Ion Popa a citat art. 5 alin. 2 lit. b din lege.| Nr. 7 e închis."),
    ("ro", "Prețul a crescut cu 3.5% (cca. 20 de lei).| Str. Victoriei nr. 5, bl. 3, sc. A, ap. 12 e goală."),
    ("ro", "„Este bine.| Vom pleca”, a spus J. D. Vance.| El a zis „Plecăm.”| Apoi a tăcut."),
    ("ro", "„Ce?” a întrebat el.| „Cum!”| Nimeni nu a răspuns…| Toți au plecat..."),
    ("ro", "S.U.A. au negat.| A venit în S.U.A.| El doarme."),
    ("ro", "„S-a ajuns la un acord”, a anunţat Iuri Uşakov, consilierul lui Putin.| Atât."),
    ("ro", "A citat legea nr. 8/1996 ș.a.m.d.| Apoi a plecat."),
    ("sl", "Srečanje je bilo 21. 12. 2025 v Ljubljani.| Mag. Novak je prišel 8. januarja."),
    ("sl", "To je npr. dobro, tj. v redu itd.| Podjetje Alfa d.o.o. je zaprlo vrata."),
    ("sl", "Podjetje Beta d. o. o. in t. i. koalicija oz. skupina sta prišli.| Dr. Kos je odšel."),
    ("sl", '"Mir ne sme biti le premor," je še dejal.| Rusija v pogovorih vidi napredek.'),
    ("sl", "»Ne gre.«| Potem je šel.| Rekel je: »Ne.«| »Da,« je rekla."),
    ("sl", "V 21. stoletju je 2. svetovna vojna zgodovina.| Gl. str. 5 in čl. 7 zakona."),
    ("en", "Mr. Smith met J. D. Vance in the U.S. on Jan. 5.| He said no.| Then he left."),
    ("en", 'He said "No."| Then he left.| It cost $3.5 million.| See No. 5 and Fig. 2.'),
    ("en", "The U.S. Army left the U.S.| The president slept.| (It is so.)| Done!"),
    ("en", "What?!| Yes.| The index fell 2.3 per cent to 1,204.5.| Dr. Who came at 5 p.m. on Monday."),
    ("de", "Das war z. B. am 8. Januar im 21. Jahrhundert.| Dr. Müller kam um 5 Uhr, d. h. zu spät."),
    ("de", "Um 500 v. Chr. lebten hier Kelten.| Nur wenige blieben."),
    ("de", "„Nein.“| Dann ging er usw.| Es waren 21.| Danach kam der 1. FC Köln."),
    ("fr", "M. Macron est là.| « Oui. »| Il partit.| « Non », dit-il.| Le n° 5 a gagné le 1er mai 2025."),
    ("it", "Il sig. Rossi e l'on. Bianchi sono arrivati.| «Va bene.»| L'art. 5 è chiaro, p. es. qui."),
    ("es", "El Sr. López vive en la Avda. América n.º 5.| ¿Qué?| ¡Nada!| «Sí», dijo."),
    ("hr", "Prof. dr. sc. Horvat stigao je 12. siječnja 2026. u Zagreb.| Tvrtka Alfa d.o.o. raste, npr. u Splitu."),
    (None, "Prof. Smith arrived.| Nr. 5 left.| 12. 1. 2026 was a Monday."),
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_boundaries(language: str | None, marked: str) -> None:
    text = marked.replace("|", "")
    assert [text[start:end] for start, end in split_sentences(text, language)] == marked.split("| ")


def test_line_breaks_end_headings_and_paragraphs_but_not_wrapped_lines() -> None:
    text = "Un titlu fără punct\nPrima frază e aici\nși continuă jos.\r\n\r\nAlt paragraf\u2028Ultimul\n\nmic"
    assert [text[start:end] for start, end in split_sentences(text, "ro")] == [
        "Un titlu fără punct",
        "Prima frază e aici\nși continuă jos.",
        "Alt paragraf",
        "Ultimul",
        "mic",
    ]


def test_reversed_guillemets_open_after_a_space() -> None:
    text = "Rekel je. »Mir.« In šel."
    assert [text[a:b] for a, b in split_sentences(text, "sl")] == ["Rekel je.", "»Mir.«", "In šel."]


def test_nothing_in_gives_nothing_out() -> None:
    assert split_sentences("") == []
    assert split_sentences(" \n\t\r\n ") == []


def test_marks_without_words_stay_with_the_sentence_before() -> None:
    text = "Gata. ***"
    assert [text[a:b] for a, b in split_sentences(text)] == ["Gata. ***"]


_PIECES = st.sampled_from(
    [
        "Dl. ",
        "nr. ",
        "5",
        "21. ",
        "A",
        "b",
        ". ",
        "? ",
        "... ",
        "…",
        "„",
        "”",
        "«",
        " »",
        '"',
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "Ș",
    ]
)


@settings(deadline=None)  # the machine may be busy with more than this
@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)), st.sampled_from(["ro", "sl", "en", "de", "fr", None]))
def test_spans_are_exact_and_lose_nothing(text: str, language: str | None) -> None:
    spans = split_sentences(text, language)
    assert spans == sorted(spans)
    covered = 0
    for start, end in spans:
        assert start < end
        assert not text[covered:start].strip()
        assert text[start:end] == text[start:end].strip()
        covered = end
    assert not text[covered:].strip()
