"""Which parts of a text are the article: what must always hold, and what is told apart by which signs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pages import masked_characters
from rag.article import notices, phrases
from rag.article.masks import find_furniture


@pytest.mark.parametrize("text", ["", "   \n", "Doar un titlu", "Unu\nDoi\nTrei\nPatru", "Citește și\nAltceva"])
def test_a_text_without_paragraphs_is_left_alone(text: str) -> None:
    assert find_furniture(text) == ()


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
        "Share",
        "Comentarii (3)",
        "Acasă » Știri",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(_LINES).map("\n".join)))
def test_masks_are_sorted_disjoint_stripped_and_never_everything(text: str) -> None:
    spans = find_furniture(text)
    assert list(spans) == sorted(spans)
    for (_, end), (start, _) in pairwise(spans):
        assert end < start
        assert text[end:start].strip()
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    if spans:
        assert "".join(c for c, hidden in zip(text, masked_characters(text, spans), strict=True) if not hidden).strip()


_PARAGRAPHS = (
    "Primăria a montat luni douăzeci de ecrane noi în gara din Brașov, la peroanele de unde pleacă trenurile de noapte.",
    "Călătorii s-au plâns timp de doi ani că vechile panouri nu mai arătau nici ora plecării, nici numărul liniei.",
)


@pytest.mark.parametrize("joint", ["\n", "\n\n"])
@pytest.mark.parametrize("known", [notices.every_phrase(), phrases.every_phrase()], ids=["notices", "labels"])
def test_no_paragraph_is_masked_for_a_word_in_it(known: list[str], joint: str) -> None:
    for first, second, third in zip(known[::3], known[1::3], known[2::3], strict=False):  # at each edge, and within
        told = f"Un martor a povestit reporterului că {first} i s-a părut cel mai ciudat lucru din ziua aceea."
        quoted = f"„{second}” scria pe toate ecranele din gară, iar oamenii au râs și au făcut fotografii."
        asked = f"Nimeni nu a știut să explice ce înseamnă {third} și de ce apare de trei ori pe același ecran."
        page = joint.join(["Ecrane noi în gară", told, _PARAGRAPHS[0], quoted, _PARAGRAPHS[1], asked])
        assert [page[start:end] for start, end in find_furniture(page, "ro")] == ["Ecrane noi în gară"], page


_BODY = (
    "The council voted on Monday to replace the old screens at the station, from which the night trains leave.",
    "Passengers had complained for two years that the boards showed neither the hour nor the number of the line.",
)
_ASKING = [
    "Your browser keeps these cookies for thirteen months, whether you want it or not.",
    "If you subscribe to three of these services, you now pay more than for a railway ticket.",
    "Dacă vă abonați la trei servicii, plătiți mai mult decât pentru un abonament de tren.",
    "Piškotke lahko izbrišete sami, če vam je za zasebnost kaj mar.",
    "Ihren Kindern erzählen Sie besser nichts von diesen Cookies.",
    "The Night Gazette, founded in 1871, was the first to write to your grandfather about it.",
]


@pytest.mark.parametrize("told", _ASKING)
@pytest.mark.parametrize("joint", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "after", [[], ["Share"], ["© 2026 The Night Gazette"], ["Read also", "Another story of today"]]
)
def test_a_sentence_to_the_reader_stays_at_either_end_of_an_article(told: str, joint: str, after: list[str]) -> None:
    for body in ([told, *_BODY], [*_BODY, told], [_BODY[0], told, _BODY[1]]):
        text = joint.join(["The Night Gazette", "New screens at the station", *body, *after])
        masked = [text[start:end] for start, end in find_furniture(text, "en")]
        assert all(told not in span and body[0] not in span and body[-1] not in span for span in masked), masked


@pytest.mark.parametrize(
    "appeal",
    [
        "Have you something to tell? Send us a message at tips@gazette.example.",
        "The Night Gazette is part of a group of eleven newspapers.",
        "You can read our newsletter before anybody else does.",
        "This article is for subscribers. You have two free articles left.",
        "Opiniile publicate aici aparțin autorilor și nu reprezintă poziția redacției.",
        "* Stavovi izneseni u kolumnama osobni su stavovi autora i ne odražavaju nužno stav redakcije.",
        "Qué te ha parecido este artículo?",
        "Tekst se nastavlja ispod oglasa",
        "Gazette+ Read also: Another story of today",
        "Lesedauer: 3 Min.",
        "Sie möchten nichts verpassen? Hier geht es zu unserem kostenlosen Newsletter.",
        "Join the The Night Gazette WhatsApp group to get the news first",
        "Dacă ți-a plăcut acest articol, dă-i mai departe.",
        "M. Ž.",
        "A. L., T. M. K.",
        "Editor: R.M.",
        "[Content cannot be displayed without consent]",
        "This article is more than a year old",
        "You may also be interested in:",
    ],
)
def test_what_an_outlet_says_to_its_visitors_is_masked_where_no_paragraph_stands_beside_it(appeal: str) -> None:
    text = "\n".join(
        ["The Night Gazette", "New screens at the station", *_BODY, "Share", appeal, "Read also", "A story"]
    )
    masked = [text[start:end] for start, end in find_furniture(text, "en")]
    assert masked == ["The Night Gazette\nNew screens at the station", f"Share\n{appeal}\nRead also\nA story"]


def test_a_note_on_the_author_goes_with_the_name_that_stands_above_it() -> None:
    note = ["Ana Novak", "Novak writes about railways and has never missed a train."]
    text = "\n".join(
        ["New screens at the station", "By Ana Novak", *_BODY, "Novak, the engineer, was not there.", *note]
    )
    head, tail = (text[start:end] for start, end in find_furniture(text, "en"))
    assert (head, tail) == ("New screens at the station\nBy Ana Novak", "\n".join(note))


def test_a_paragraph_that_an_agency_signs_stays() -> None:
    signed = "The farmers' unions recall that what a kilo costs on an old grove is about three euros and a half. EFE"
    text = "\n".join(
        ["New prices of oil", *_BODY, signed, "jrp/fs", "Read also", "A headline of the day, with a film. VIDEO"]
    )
    assert [text[start:end] for start, end in find_furniture(text, "en")] == [
        "New prices of oil",
        "jrp/fs\nRead also\nA headline of the day, with a film. VIDEO",
    ]


_MANY: dict[str, Callable[[int], list[str]]] = {
    "announcements": lambda n: ["Read also"] * n,
    "announcements with their links": lambda n: ["Read also", "Another story of today"] * (n // 2),
    "announcements with teasers": lambda n: ["Read also", "Another story of today", _BODY[0][:60] + "."] * (n // 3),
    "lists": lambda n: [f"The list number {i} of these:" for i in range(n)],
    "speakers": lambda n: [f"{'abcdefghij'[i % 10].upper()}{'x' * (i // 10)}: said so." for i in range(n)],
    "names": lambda n: ["Ana Novak"] * n,
    "times": lambda n: ["18:30", "Ana Novak"] * (n // 2),
    "forms": lambda n: ["Subscribe now", "to what"] * (n // 2),
    "appeals": lambda n: ["You may read our newsletter", "Your cookies, as you like them."] * (n // 2),
    "credits": lambda n: [f"Foto: Ana Novak/Paper{i}" for i in range(n)],
    "addresses": lambda n: [f"Write to us at desk@paper{i}.example" for i in range(n)],
    "one paragraph": lambda n: [_BODY[0]] * n,
}


@pytest.mark.parametrize("joint", ["\n", "\n\n"])
@pytest.mark.parametrize("lines", _MANY.values(), ids=_MANY)
def test_the_work_for_a_page_of_short_lines_grows_as_the_page_does(
    lines: Callable[[int], list[str]], joint: str
) -> None:
    def work(count: int) -> int:
        done = 0

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal done
            done += event == "line"
            return trace if "rag/article" in frame.f_code.co_filename.replace("\\", "/") else None

        text = joint.join([_BODY[0], *lines(count), _BODY[1]])
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            find_furniture(text, "en")
        finally:
            sys.settrace(before)
        return done

    work(60)  # phrases are read, patterns made
    assert work(600) < 2.3 * work(300)


@pytest.mark.parametrize(
    "own",
    [
        "Stay a step ahead: our editors' choice of stories, free in your inbox every morning.",
        "Dacă îți place ce facem, poți contribui lunar la finanțarea redacției cu un click.",
        "Dnevni izbor najpomembnejših novic brezplačno na vaš e-naslov.",
        "Neues aus der Region und alles, was die Stadt bewegt, im kostenlosen Newsletter. Kostenlos anmelden.",
        "Lecture en cours sur un autre appareil, avec votre compte.",
        "Se vuoi restare aggiornato sulle notizie iscriviti gratis, arriva ogni sabato nella tua casella di posta.",
        "Tu suscripción se está usando en otro dispositivo, si continúas leyendo aquí.",
        "Za sudjelovanje u komentarima potrebna je prijava na vaš korisnički račun.",
    ],
)
def test_what_an_outlet_says_in_words_of_its_trade_is_masked_after_an_article_in_whatever_phrase(own: str) -> None:
    text = "\n".join(["New screens at the station", *_BODY, "Share", own, "Read also", "A story"])
    head, tail = (text[start:end] for start, end in find_furniture(text, "en"))
    assert (head, tail) == ("New screens at the station", f"Share\n{own}\nRead also\nA story")


def test_words_of_the_trade_that_are_quoted_or_of_others_stay() -> None:
    told = [
        "„Fiecare cititor primește gratuit newsletterul nostru pe e-mail în fiecare dimineață”, scria pe ușa redacției.",
        "The ministry's daily newsletter, which 41,000 subscribers read for free, will be sent to phones by the autumn.",
    ]
    text = "\n\n".join(["New screens at the station", _BODY[0], *told, _BODY[1], "Share"])
    assert [text[start:end] for start, end in find_furniture(text, "en")] == ["New screens at the station", "Share"]


def test_single_lines_between_single_paragraphs_stay_where_links_stand_together() -> None:
    links = "Read also\nA story of today\nAnother one"
    inside = ["Match facts", "Corners: 7-4", "Other results", "Gospić - Sisak 92:88"]
    body = [_BODY[0], _BODY[1], *inside, _BODY[0][::-1].capitalize() + "."]
    text = "\n\n".join(["Sport\nBasketball\nA match without light", *body, links])
    masked = [text[start:end] for start, end in find_furniture(text, "en")]
    assert masked == ["Sport\nBasketball\nA match without light", links]


def test_a_ranking_after_the_last_paragraph_stays_and_so_do_quantities_in_blocks_of_their_own() -> None:
    rows = ["Table", "1. Zadar 17", "2. Zabok 16", "3. Gospić 15"]
    links = "Read also\nA story of today\nAnother one"
    text = "\n\n".join(["Sport\nA match without light", *_BODY, _BODY[0][::-1].capitalize() + ".", *rows, links])
    assert [text[start:end] for start, end in find_furniture(text, "en")] == ["Sport\nA match without light", links]
    needed = ["500 g of flour", "1 kg of chard", "4 eggs", "2 dl of oil"]
    text = "\n\n".join(["Food\nA pie", *_BODY, *needed, _BODY[0][::-1].capitalize() + ".", links])
    assert [text[start:end] for start, end in find_furniture(text, "en")] == ["Food\nA pie", links]


def test_verse_stays_with_the_lines_that_go_on_in_lower_case() -> None:
    verse = "Three men stand at the rails and wave to me\nas if I travelled still\nand in my pocket turns the key"
    text = "\n\n".join(["A poem of the railways", *_BODY, verse, _BODY[0][::-1].capitalize() + ".", "Share"])
    assert [text[start:end] for start, end in find_furniture(text, "en")] == ["A poem of the railways", "Share"]


def test_hard_wrapped_paragraphs_are_whole_among_menus_of_short_lines() -> None:
    menu = "\n".join(["The Night Gazette", "News", "Sport", "Culture", "Weather", "Sign in", "Travel", "Money"])
    wrapped = "\n\n".join("\n".join(body[i : i + 52] for i in range(0, len(body), 52)) for body in _BODY)
    text = f"{menu}\n\nNew screens at the station\n\n{wrapped}\n\nShare"
    masked = [text[start:end] for start, end in find_furniture(text, "en")]
    assert masked == [f"{menu}\n\nNew screens at the station", "Share"]


def test_both_authors_of_a_byline_have_their_notes() -> None:
    notes = ["Ana Novak is a correspondent for railways.", "Jan Kos writes about courts."]
    text = "\n".join(["New screens at the station", "By Ana Novak and Jan Kos", *_BODY, *notes])
    assert [text[start:end] for start, end in find_furniture(text, "en")][1] == "\n".join(notes)


def test_verse_stays_where_no_blank_lines_part_it() -> None:
    verse = "Three men stand at the rails and wave to me\nas if I travelled still\nand in my pocket turns the key"
    text = "\n".join(["A poem of the railways", *_BODY, verse, "Read also", "A story of today"])
    assert [text[start:end] for start, end in find_furniture(text, "en")] == [
        "A poem of the railways",
        "Read also\nA story of today",
    ]
