"""Each hit and each answer says who carries it, and how many independent texts that is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from rag import Agreement, Document, Filters, Index
from rag.cli.commands import main
from rag.server.api import add_api
from rag.service import Service
from rag.text.shingles import make_shingles

LEAD = "Guvernul a aprobat luni planul de reconstrucție a podului de la Brăila, a anunțat ministrul transporturilor."
BODY = (
    "Lucrările la pod vor începe în martie și vor costa patru sute de milioane de euro, potrivit aceleiași surse. "
    "Podul a fost închis în toamnă, după ce inginerii au găsit fisuri la doi piloni de beton. "
    "Până la redeschidere, camioanele trec Dunărea cu bacul, iar așteptarea ajunge în zilele aglomerate la trei ore."
)
OWN_WORDS = (
    "Podul de la Brăila intră în reparații din luna martie, iar nota de plată este de patru sute de milioane de euro. "
    "Șoferii de tir cu care am vorbit la coada de la bac spun că nu mai cred în termenele date de la București, "
    "fiindcă aceleași promisiuni le-au auzit și anul trecut, când s-au văzut primele crăpături."
)
SLOVENE = (
    "Most v Braili bodo začeli obnavljati marca, dela pa bodo stala štiristo milijonov evrov, je sporočila vlada. "
    "Most je zaprt od jeseni, ko so inženirji na dveh stebrih našli razpoke."
)
TRAMS = "Primăria din Iași a cumpărat douăzeci de tramvaie noi, care vor circula din vară pe trei linii ale orașului."
QUESTION = "Câte milioane de euro vor costa lucrările la podul de la Brăila?"


def article(name: str, text: str, outlet: str | None, language: str = "ro") -> Document:
    return Document(id=name, text=text, title=f"Titlul {name}", outlet=outlet, language=language)


WIRE = [
    article("wire-0", f"{LEAD} {BODY}", "Agerpres"),
    article("wire-1", f"Veste bună pentru brăileni: podul lor va fi refăcut. {BODY}", "Ziarul"),
    article("wire-2", f"{LEAD} „Nu mai putem aștepta”, a spus primarul. {BODY}", "Gazeta"),
    article("wire-3", f"{LEAD} {BODY} Urmăriți-ne și pe rețelele sociale.", "Ziarul"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with Index.create(tmp_path_factory.mktemp("carriers")) as index:
        index.add(
            [
                *WIRE,
                article("own", OWN_WORDS, "Observatorul"),
                article("sl", SLOVENE, "Delo", "sl"),
                article("trams", TRAMS, "Ziarul"),
            ]
        )
        yield index


def test_a_hit_names_all_its_carriers_and_counts_outlets_and_texts(index: Index) -> None:
    (hit,) = [hit for hit in index.retrieve(QUESTION, 5) if hit.document.id.startswith("wire")]
    assert {hit.document.id, *(citation.document_id for citation in hit.duplicates)} == {d.id for d in WIRE}
    assert len(hit.duplicates) == 3
    assert hit.agreement == Agreement(articles=4, outlets=3, texts=1, languages=1)
    for citation in hit.duplicates:
        assert "patru sute de milioane" in index.quote(citation)
        assert citation.title == f"Titlul {citation.document_id}"


def test_copies_that_the_question_did_not_find_count_as_carriers(tmp_path: Path) -> None:
    """Of k = 1 hits four passages are looked at; the other copies are known from the index."""
    with Index.create(tmp_path) as index:
        index.add([article(f"copy-{n}", f"{LEAD} {BODY}", f"Ziarul {n}") for n in range(9)])
        (hit,) = index.retrieve(QUESTION, 1)
        assert len({citation.document_id for citation in hit.duplicates}) == 8
        assert hit.agreement == Agreement(articles=9, outlets=9, texts=1, languages=1)


def test_nothing_is_dropped_without_collapse(index: Index) -> None:
    hits = index.retrieve(QUESTION, 9, collapse=False)
    assert sorted(hit.document.id for hit in hits) == [
        "own", "sl", "trams", "wire-0", "wire-1", "wire-2", "wire-3",
    ]  # fmt: skip
    agreements = {hit.document.id: hit.agreement for hit in hits}
    assert agreements["wire-2"] == Agreement(articles=4, outlets=3, texts=1, languages=1)
    assert agreements["own"] == Agreement(articles=1, outlets=1, texts=1, languages=1)
    folded = index.retrieve(QUESTION, 9)
    assert [hit.document.id[:4] for hit in folded].count("wire") == 1


def test_the_answer_counts_the_articles_that_carry_the_quoted_statement(index: Index) -> None:
    answer = index.answer(QUESTION)
    assert [quote.citation.document_id for quote in answer.quotes] == ["wire-0", "sl"]
    assert {place.document_id for place in answer.quotes[0].also} == {"wire-1", "wire-2", "wire-3"}
    assert not answer.quotes[1].also
    assert [hit.document.id for hit in answer.sources] == ["wire-0", "sl"]
    assert [hit.document.id for hit in answer.related] == ["own"]  # the trams have nothing to do with the question
    unfolded = index.answer(QUESTION, 9, collapse=False)
    assert sorted(hit.document.id for hit in unfolded.sources) == ["wire-0", "wire-1", "wire-2", "wire-3"]
    assert answer.agreement == Agreement(articles=5, outlets=4, texts=2, languages=2)
    slovene = "Koliko milijonov evrov bodo stala dela na mostu v Braili?"
    alone = index.answer(slovene, filters=Filters(languages={"sl"}))
    assert alone.agreement == Agreement(articles=1, outlets=1, texts=1, languages=1)


def test_a_copy_without_the_quoted_sentence_does_not_support_the_answer(tmp_path: Path) -> None:
    start, sentence, rest = BODY.partition("Podul a fost închis în toamnă")
    with Index.create(tmp_path) as index:
        index.add([article("whole", f"{LEAD} {BODY}", "A"), article("cut", f"{LEAD} {sentence}{rest}", "B")])
        hit = index.retrieve(QUESTION, 5)[0]
        assert hit.agreement == Agreement(articles=2, outlets=2, texts=1, languages=1)
        answer = index.answer(QUESTION)
        assert [quote.citation.document_id for quote in answer.quotes] == ["whole"]
        assert "patru sute" in answer.quotes[0].text
        assert answer.agreement == Agreement(articles=1, outlets=1, texts=1, languages=1)
        assert start and not answer.quotes[0].also


def test_an_abstention_agrees_on_nothing(index: Index) -> None:
    answer = index.answer("Who is the mayor of Oslo?")
    assert answer.abstained
    assert answer.agreement is None


def test_carriers_meet_the_filters(index: Index) -> None:
    hit = index.retrieve(QUESTION, 1, filters=Filters(outlets={"Ziarul"}))[0]
    assert hit.agreement == Agreement(articles=2, outlets=1, texts=1, languages=1)
    assert {citation.outlet for citation in hit.duplicates} == {"Ziarul"}


def test_one_statement_in_two_articles_of_their_own_is_two_texts(tmp_path: Path) -> None:
    statement = BODY
    one = f"{statement}\n\n" + " ".join(f"cuvânt{n} spus{n * 5}" for n in range(90)) + f"\n\n{OWN_WORDS}"
    other = f"{statement}\n\n{TRAMS}\n\n" + " ".join(f"altceva{n} despre{n * 7}" for n in range(90))
    with Index.create(tmp_path) as index:
        index.add([article("one", one, "A"), article("other", other, "B")])
        assert index.duplicates() == []
        hit = index.retrieve("Cât costă lucrările la pod?", 3)[0]
        assert hit.agreement == Agreement(articles=2, outlets=2, texts=2, languages=1)


SCHOOLS = (
    "V Žalcu so zaradi okvare toplarne v ponedeljek zjutraj zaprli tri osnovne šole in dva vrtca, je sporočila občina."
    " Popravilo bo trajalo najmanj štiri dni, stalo pa bo 86 tisoč evrov. Starši 1.140 otrok morajo poskrbeti za varstvo."
    " Toplarna je stara sedemintrideset let in bi jo morali zamenjati že pred petimi leti, a za to ni bilo denarja."
)


@pytest.mark.parametrize(
    ("edit", "tolerance"), [("", 1e-5), (" Uredništvo vestnika številka {} je besedilo povzelo.", 0.02)]
)
def test_copies_of_a_story_change_neither_order_nor_scores(tmp_path: Path, edit: str, tolerance: float) -> None:
    """An edited copy may lead, with the score of its own text: what is compared of hits is how they begin."""
    found = []
    with Index.create(tmp_path) as index:
        index.add([article("sl", SLOVENE, "Delo", "sl"), article("trams", TRAMS, "Ziarul"), WIRE[0]])
        for first, copies in pairwise((0, 1, 2, 4, 9, 20)):
            texts = [(number, SCHOOLS + edit.format(number)) for number in range(first, copies)]
            index.add([Document(id=f"k{n}", text=text, outlet=f"V{n}", language="sl") for n, text in texts])
            assert [len(group) for group in index.duplicates()] == [copies][: copies - 1]
            hits = index.retrieve("Koliko bo stalo popravilo toplarne v Žalcu?", 3)
            assert hits[0].passage.text.startswith("V Žalcu so zaradi okvare")
            found.append(hits)
    for hits in found[1:]:
        assert [hit.passage.text[:60] for hit in hits] == [hit.passage.text[:60] for hit in found[0]]
        for value in ("score", "confidence"):
            assert [getattr(hit, value) for hit in hits] == pytest.approx(
                [getattr(hit, value) for hit in found[0]], abs=tolerance
            )


def test_very_short_copies_are_one_text(tmp_path: Path) -> None:
    with Index.create(tmp_path) as index:
        index.add([article("a", TRAMS, "A"), article("b", TRAMS, "B")])
        hit = index.retrieve("Câte tramvaie a cumpărat Iașiul?", 5)[0]
        assert index.duplicates() == []
        assert hit.agreement == Agreement(articles=2, outlets=2, texts=1, languages=1)


def test_the_command_line_lists_carriers_and_agreement(index: Index, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(index.info()["index"])
    assert main(["retrieve", QUESTION, "-k", "1", "--language", "ro", "--index", place]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "the same text elsewhere (3 outlets, 1 independent text, 1 language):" in lines
    assert sum(line.startswith("  - ") for line in lines) == 3
    assert main(["retrieve", QUESTION, "-k", "9", "--no-collapse", "--json", "--index", place]) == 0
    hits = json.loads(capsys.readouterr().out)["hits"]
    assert len(hits) == 7
    assert {"articles": 4, "outlets": 3, "texts": 1, "languages": 1} in [hit["agreement"] for hit in hits]
    assert main(["ask", QUESTION, "--index", place]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "4 outlets, 2 independent texts, 2 languages" in lines
    assert any(line.endswith("; also in: Ziarul, Gazeta") for line in lines)
    assert main(["ask", QUESTION, "--json", "--index", place]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["agreement"] == {"articles": 5, "outlets": 4, "texts": 2, "languages": 2}


def test_the_http_interface_has_agreement_and_collapse(index: Index) -> None:
    app = FastAPI()
    add_api(app, Service(index))
    client = TestClient(app)
    folded = client.get("/api/retrieve", params={"q": QUESTION, "k": 9}).json()["hits"]
    every = client.get("/api/retrieve", params={"q": QUESTION, "k": 9, "collapse": "false"}).json()["hits"]
    assert (len(folded), len(every)) == (4, 7)
    folded = [hit for hit in folded if hit["document"]["id"].startswith("wire")]
    assert folded[0]["agreement"] == {"articles": 4, "outlets": 3, "texts": 1, "languages": 1}
    assert len(folded[0]["duplicates"]) == 3
    answered = client.get("/api/answer", params={"q": QUESTION, "collapse": "false", "k": 9}).json()
    assert answered["agreement"] == {"articles": 4, "outlets": 3, "texts": 1, "languages": 1}
    assert [hit["document"]["id"][:4] for hit in answered["hits"]].count("wire") == 4


def test_a_sentence_is_held_when_most_of_it_is_there() -> None:
    from rag import Citation
    from rag.retrieval.corroboration import Carrier

    whole = "a b c d e f g h i j"
    citation = Citation(document_id="d", sha256="", start=0, end=1)
    carrier = Carrier(citation=citation, language="ro", text=1, shingles=make_shingles(whole))
    assert carrier.holds(make_shingles("a b c d e X f g h i j"))  # 7 of 9 shingles
    assert not carrier.holds(make_shingles("a b c X d e X f g h i X j"))  # 2 of 11
    assert carrier.holds(make_shingles("a b"))  # too short to tell
