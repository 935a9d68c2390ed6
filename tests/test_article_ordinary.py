"""What ordinary pages put around an article, each with the near miss that stays as it was."""

import pytest

from rag.article.line_labels import read_page
from rag.article.masks import find_furniture

FIRST = "Sodišče je v ponedeljek zavrnilo tožbo občine proti podjetju, ki je gradilo dvorano v središču mesta."
SECOND = "Občina se bo po besedah župana pritožila, saj je po njenem mnenju dvorana stala dvakrat preveč denarja."
THIRD = "Podjetje je sporočilo, da sodbe še ni prejelo, in da bo dvorano odprlo najpozneje prihodnjo pomlad."


def _masked(page: str) -> str:
    return "\n".join(page[start:end] for start, end in find_furniture(page))


def _between(line: str, gap: str) -> str:
    return f"Tožba zavrnjena\n\n{FIRST}{gap}{SECOND}{gap}{line}{gap}{THIRD}"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "line",
    [
        "2 Min",
        "Audio: Dvorana je prazna, pravijo v mestu (2 Min)",
        "Polesine, banda di ladri in fuga contromano: il video",
        "Dieser Inhalt wurde mithilfe künstlicher Intelligenz erstellt und redaktionell geprüft.",
        "This article was translated by artificial intelligence.",
        "War das hilfreich? Danke!",
        "Ascolta questo articolo ora...",
        "Conținutul acestui site este protejat. Este interzisă republicarea lui fără acord.",
        "Actualpres/(AS - autor: Oana Ghimpu, editor: Radu Vlaicu, editor online: Simona Peiu)",
        "Editor: SC Ecoul Media Press SRL, str. Horea nr. 4. Tel. 0745 000 112.",
        "lt/mbo/cdr",
        "14 komentarjev",
    ],
)
def test_furniture_by_its_own_shape(line: str, gap: str) -> None:
    assert line in _masked(_between(line, gap))


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "line",
    [
        "War das ein Fehler?",
        "Die Vorstellung dauert zwei Stunden (120 Min).",
        "Sodnik si je ogledal celoten video.",
        "Künstliche Intelligenz hat die Texte der Gemeinde erstellt, und niemand hat sie geprüft.",
        "La republicarea pe site este interzisă, a decis tribunalul într-o hotărâre de marți.",
        "Lucrările le execută Dvorana SRL, care a promis că termină în primăvară.",
        "Primarul (care este și autor: trei romane, două piese) nu a vrut să comenteze.",
        "Pripomb je bilo 14, komentarjev pa nobenega.",
    ],
)
def test_sentences_that_come_near_it_stay(line: str, gap: str) -> None:
    assert line not in _masked(_between(line, gap))


@pytest.mark.parametrize(
    ("heading", "stays"),
    [
        ("NAJČITANIJE U OVOJ RUBRICI", "NAJČITANIJA JE KNJIGA"),
        ("Recent Stories from kvrd6.example", "Recent rains and floods"),
        ("Još iz rubrike Znanost", "Još kiše i snijega"),
        ("Alte știri din categorie", "Alte două clădiri rămân"),
    ],
)
def test_links_of_a_section_are_announced_by_it(heading: str, stays: str) -> None:
    links = "Kako je jedan mrav promijenio kartu Jadrana\nTko se boji umjetnog snijega u planini"
    page = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{heading}\n{links}\n{THIRD}\n{FIRST[:-1]} in vasi."
    assert heading + "\n" + links in _masked(page)
    page = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{stays}\n{THIRD}\n{FIRST[:-1]} in vasi."
    assert stays not in _masked(page)


def test_a_summary_with_a_link_to_the_rest_goes_with_its_headline() -> None:
    teaser = (
        "Welche Rechte haben Reisende?\nWer seine Fähre verpasst, bekommt nicht immer Geld zurück. Ein Überblick. mehr"
    )
    page = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{teaser}\n{THIRD}"
    assert teaser in _masked(page)
    assert teaser.removesuffix(" mehr") not in _masked(page.replace(" mehr\n", "\n"))


def test_a_newsletter_is_offered_with_the_lines_around_its_name() -> None:
    offer = (
        "Newsletter „Post aus dem Hunsrück“\nJeden Freitag das Wichtigste aus Ihrer Region. Jetzt kostenlos anmelden!"
    )
    assert offer in _masked(f"Tožba zavrnjena\n\n{FIRST}\n\n{SECOND}\n\n{offer}\n\n{THIRD}")
    button = "NEZ+ Newsletter\nDer Newsletter für alle. Mit Ihrer Registrierung nehmen Sie die Datenschutzerklärung zur Kenntnis.\nRegistrieren"
    assert button in _masked(f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{button}\n{THIRD}")
    told = (
        "Newsletter und ihre Leser\nJeden Freitag schrieb er von seinem Hof, und der Brief ging an neunhundert Leute."
    )
    assert "Freitag" not in _masked(f"Tožba zavrnjena\n\n{FIRST}\n\n{SECOND}\n\n{told}\n\n{THIRD}")


def test_what_an_outlet_says_in_a_box_above_the_article_is_its_own() -> None:
    own = "We use your sign-up to provide content in ways you've consented to and improve our understanding of you."
    assert own in _masked(f"Tožba zavrnjena\n\nYour email\nSUBSCRIBE\n{own}\n\n{FIRST}\n\n{SECOND}")
    assert own not in _masked(
        f"Tožba zavrnjena\n\n{own} He said so on Monday, in court, to the judge.\n\n{FIRST}\n\n{SECOND}"
    )


def test_an_outlet_that_lives_on_gifts_says_so_with_its_name() -> None:
    box = "NE POȚI AJUTA\nAnticamera trăiește din donațiile cititorilor. Dă 3,5% din impozitul tău."
    page = f"ANTICAMERA\nTožba zavrnjena\n{FIRST}\n{SECOND}\n{box}\n{THIRD}"
    assert box in _masked(page)
    assert "Teatrul trăiește" not in _masked(page.replace("Anticamera", "Teatrul"))


def test_comments_begin_where_visitors_are_told_of_theirs() -> None:
    comments = "Normas\nRamón Etxaniz\nNi obras ni estudios: lo que no hay es vergüenza. Treinta y un años esperando sin fin.\nLucía B.\nQue alguien lea lo que firma, por favor. Es lo primero que te enseñan cuando abres una cuenta en el banco."
    told = "Tu comentario se publicará con nombre y apellido"
    article = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{THIRD}\n"
    assert "vergüenza" in _masked(f"{article}{told}\n{comments}")
    assert "vergüenza" not in _masked(f"{article}El comentario del alcalde con nombre y apellido\n{comments}")


def test_who_owns_the_rights_is_said_beside_other_notices() -> None:
    rights = "Toutes les informations sont protégées par des droits de propriété intellectuelle détenus par l'AFN."
    article = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{THIRD}\n"
    assert rights in _masked(f"{article}Tous droits réservés. © Agence francophone\n{rights}")
    assert rights not in _masked(f"{article}{rights}\n{FIRST[:-1]} in vasi.")


def test_wordpress_remembers_its_visitors_and_an_article_tells_of_it() -> None:
    asked = "Salvează-mi numele și emailul în acest navigator pentru data viitoare când o să comentez."
    article = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{THIRD}\n"
    assert asked in _masked(f"{article}Email *\n{asked}")
    for told in (
        "Če imate s seboj računalnik ali tablico, kopijo shranite v spomin ali na disk (dostopen brez interneta).",
        "Navigatorul le-a salvat emailul și numele tuturor, a aflat presa.",
    ):
        assert told not in _masked(f"{article}{told}\n{FIRST[:-1]} in vasi.")


def test_a_place_under_the_date_of_the_page_is_no_sub_heading() -> None:
    consent = (
        "Mi in naši partnerji shranjujemo podatke o vaši napravi, da bi vam lahko ponudili boljšo izkušnjo na strani."
    )
    head = f"{consent}\n{consent[:-1]} in v aplikaciji.\nAccept\nTožba zavrnjena"
    for stamp, masked in (("Updated October 7, 2026 4:20 PM CDT", True), ("16:20", False)):
        page = f"{head}\n{stamp}\nCORN FALLS, Iowa\n{FIRST}\n{SECOND}\n{THIRD}"
        assert ("CORN FALLS, Iowa" in _masked(page)) is masked


def test_what_announces_something_that_did_not_come_is_no_end_of_an_article() -> None:
    article = f"Tožba zavrnjena\n{FIRST}\n{SECOND}\n{THIRD}\n"
    page = read_page(f"{article}Dieses Thema im Programm:\nNWR 1 | Nachrichten | 28.05.2024 | 17:00 Uhr\nImpressum")
    assert page.body[-1].text == THIRD
    page = read_page(f"{article}Dieses Thema im Programm:\n{FIRST[:-1]} in vasi.\nImpressum")
    assert "Programm:" in [line.text for line in page.body][-2]


def test_a_heading_after_links_that_the_next_paragraphs_tell_again_is_the_article_s() -> None:
    links = "MÁS INFORMACIÓN\nLa autovía que lleva 31 años en proyecto\nQuién es quién en el grupo del Parlamento"
    heading = "Pritožba in pomlad brez dvorane"
    page = f"Tožba zavrnjena\n{FIRST}\n{FIRST[:-1]} in vasi.\n{links}\n{heading}\n{SECOND.replace('pritožila', 's pritožbo')}\n{THIRD}"
    assert links in _masked(page)
    assert heading not in _masked(page)
    assert "Zima in poletje brez bazena" in _masked(page.replace(heading, "Zima in poletje brez bazena"))
