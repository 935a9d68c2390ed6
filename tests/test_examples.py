"""The questions that the page offers: what articles invite to ask, and that the corpus answers every one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEEDS

from rag import Document, Index
from rag.web.examples import ENOUGH, Examples
from rag.web.i18n import LANGUAGES
from rag.web.suggestions import introduces, names_a_speaker, suggest

PORT = """The port stays closed

The port of Koper is closed until Monday because of the storm, and the mayor Ana Pop said that no ship may leave.
"It is too dangerous for everybody out there", said Ana Pop to the newspaper on Friday evening.
"""
MUSEUM = """The museum opens again

The museum of Piran opens in May, after two years of repairs, and the painter Jon Hill gave it forty of his pictures.
"These walls have waited long enough for us", said Jon Hill to the visitors.
"""


def invited(text: str, language: str = "en", **more: object) -> dict[str, list[str]]:
    document = Document(id="d", text=text, language=language, **more)  # type: ignore[arg-type]
    found: dict[str, list[str]] = {}
    for one in suggest(document):
        found.setdefault(one.kind, []).append(one.words)
    return found


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("The port, said Ana Pop, is closed.", "says", ["Ana Pop"]),
        ("The port, said Ana Pop, is closed. It opens, said Jon Hill, in May.", "says", ["Ana Pop", "Jon Hill"]),
        ("The port, said Ana Maria Pop, is closed. Then the mayor Ana Maria Pop left.", "says", ["Ana Maria Pop"]),
        ("Ieri, ministrul Ion Lupu a declarat că pleacă.", "says", ["Ion Lupu"]),
        ("Včeraj je sestanek minister Jan Novak je dejal, da odhaja.", "says", ["Jan Novak"]),
        ("The mayor Ana Pop, daughter of a smith, was there, said Ana Pop.", "who_is", ["Ana Pop"]),
        ("„Portul rămâne închis, din păcate”, a spus Ion Lupu.", "who_said", ["Portul rămâne închis"]),
    ],
)
def test_what_a_text_invites_to_ask(text: str, kind: str, words: list[str]) -> None:
    language = "ro" if "Ion" in text else "sl" if "Novak" in text else "en"
    assert invited(text, language)[kind] == words


@pytest.mark.parametrize(
    "text",
    [
        "President Hill said nothing.",  # at the beginning of a sentence any word has a capital
        "The mayor said that “it is one”.",  # too short, and nobody named
        "Then the mayor met the USA TODAY reporter.",
        "She saw An Unearthly Child, broadcast in May.",  # nobody who speaks: a name may be of a film or a house
        "O tem je za medij Darsa Andrej Ribič je dejal.",  # two names that met
    ],
)
def test_a_text_that_names_nobody_surely_invites_nothing(text: str) -> None:
    assert invited(text) == {}


@pytest.mark.parametrize(
    ("text", "introduced", "speaks"),
    [
        ("„Vom pleca”, a anunţat Iuri Uşakov, consilierul lui Putin.", True, True),
        ("Anunțul a fost făcut de consilierul prezidențial, Iuri Ușakov.", True, False),
        ("Ușakov a declarat că va pleca.", False, True),
        ("Iuri Ușakov, Steve Witkoff și alții au plecat.", False, False),
    ],
)
def test_who_somebody_is_and_what_somebody_says_is_told_from_a_mere_name(
    text: str, introduced: bool, speaks: bool
) -> None:
    for name in ("Iuri Ușakov", "Iuri Uşakov"):
        assert (introduces(text, name), names_a_speaker(text, name)) == (introduced, speaks)


def test_page_furniture_invites_nothing() -> None:
    text = "The port is closed.\nRead also: why the port, said Ana Pop, is closed."
    assert invited(text)["says"] == ["Ana Pop"]
    assert invited(text, masked=((20, len(text)),)) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_offered_is_answered_and_stays_the_same(seeds_index: Index, language: str) -> None:
    examples = Examples(seeds_index)
    chosen = examples.choose(language)
    assert len(chosen) == len(set(chosen)) <= ENOUGH  # better none than one that is not answered
    assert chosen or language != "en"
    assert all(spoken == language for spoken, _ in chosen)
    for _, question in chosen:
        assert not seeds_index.answer(question).abstained
    assert examples.choose(language) is chosen
    assert Examples(seeds_index).choose(language) == chosen


def test_the_questions_of_the_five_articles(seeds_index: Index) -> None:
    assert Examples(seeds_index).choose("en") == (
        ("en", "What does Iuri Ușakov say?"),
        ("en", "What does Volodimir Zelenski say?"),
    )


def test_they_are_ready_before_a_reader_comes_and_with_them_what_a_first_question_needs(tmp_path: Path) -> None:
    """In a process of its own, served as it is: nothing is loaded by the first reader, and no dictionary of objects."""
    with Index.create(tmp_path / "index") as index:
        index.sync(SEEDS)
    program = """
import asyncio, sys
from pathlib import Path
from fastapi.testclient import TestClient
from rag import Index
from rag.server.app import create_app
from rag.server.options import Terms
from simplemma.strategies.dictionaries import dictionary_factory
dictionary_factory._load_dictionary_from_disk = None  # a call is an error: the mapped files are enough

async def make(index):
    return create_app(index, Terms())

with Index.open(sys.argv[1]) as index:
    app = asyncio.run(make(index))
    assert "encoder" not in vars(index._parts)
    with TestClient(app) as client:
        client.portal.call(asyncio.wait_for, app.state.prepared, 60)
        there = {"encoder", "retriever", "answerer"} <= vars(index._parts).keys()
        loaded = set(sys.modules)
        answers = [client.get("/api/answer", params={"q": q}).json() for q in sys.argv[2:]]
        print(there, [a["abstained"] for a in answers], sorted(m for m in set(sys.modules) - loaded if "." not in m))
"""
    asked = (
        "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?",
        "Kako je Witkoff opisal pogovore z Dmitrijevim?",
        "Where did Witkoff and Kushner meet Dmitriev in January?",
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "index"), *asked], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "True [False, False, False] []", done.stderr


def test_an_index_that_cannot_be_used_and_a_server_that_stops_end_the_preparation(seeds_index: Index) -> None:
    examples = Examples(seeds_index)
    examples.stop()
    examples.prepare()
    with Index.create(Path(str(seeds_index.info()["index"])).parent / "closed") as index:
        index.add([Document(id="a", text=PORT, language="en")])
    Examples(index).prepare()  # closed: said by the first question, not here


def test_questions_follow_the_corpus(tmp_path: Path) -> None:
    with Index.create(tmp_path / "index") as index:
        examples = Examples(index)
        assert examples.choose("en") == ()
        index.add([Document(id="a", text=PORT, language="en")])
        assert examples.choose("en") == (
            ("en", "What does Ana Pop say?"),  # who said what she said is not answered by the reader
        )
        index.add([Document(id="b", text=MUSEUM, language="en")])
        index.remove(["a"])
        assert examples.choose("en") == (
            ("en", "What does Jon Hill say?"), ("en", "Who said “These walls have waited long enough for us”?"),
        )  # fmt: skip
