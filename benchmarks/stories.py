"""Stories of benchmarks/stories.json, and what outlets make of them before they print them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag import Document
from rag.text.normalisation import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One report. Two of one `meeting` share facts, names and a statement, and are different texts all the same.

    `headline` and `rewritten` are what another outlet writes in place of the title and of `lead`, the first paragraph.
    """

    id: str
    language: str
    meeting: str
    title: str
    lead: str
    body: tuple[str, ...]
    headline: str = ""
    rewritten: str = ""


def read_stories() -> tuple[list[Story], list[Story]]:
    """Return the stories as first written, and translations of some of them, which are texts of their own."""
    content = _content()
    stories, translations = (
        [Story(**{**values, "body": tuple(values["body"])}) for values in content[name]]
        for name in ("stories", "translations")
    )
    return stories, translations


def boilerplate(language: str) -> str:
    """Return what one outlet puts below every article."""
    return str(_content()["boilerplate"][language])


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((Path(__file__).parent / "stories.json").read_text("utf-8"))
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One version of a story: `kept` says which of the story's paragraphs (0 is the lead) it has, and at what place."""

    story: Story
    kind: str
    title: str
    paragraphs: tuple[str, ...]
    kept: frozenset[int]

    @property
    def id(self) -> str:
        """Return a name that says what it is."""
        return f"{self.story.id}/{self.kind}"

    def document(self) -> Document:
        """Return it as an article of an outlet of its own, or of the one whose boilerplate it has."""
        text = "\n\n".join((self.title, *self.paragraphs))
        language = self.story.language
        house = boilerplate(language)  # whoever prints it is one outlet, whatever the story
        outlet = house[:40] if house in self.paragraphs else f"{self.kind}/{self.story.id}"
        return Document(id=self.id, text=text, title=self.title, language=language, outlet=outlet)


def as_written(story: Story) -> Article:
    """Return a story as it was written."""
    paragraphs = (story.lead, *story.body)
    return Article(
        story=story, kind="base", title=story.title, paragraphs=paragraphs, kept=frozenset(range(len(paragraphs)))
    )


def variants(story: Story) -> list[Article]:
    """Return what outlets make of a story, from the least edit to all of them together."""
    lead, body = story.lead, story.body
    pool = _content()["quotes"][story.language]
    first, second = pool[:2] if story.id.endswith("a") else pool[2:]  # two stories of one meeting get different ones
    quoted = (*body[:1], first, *body[1:3], second, *body[3:])
    every = frozenset(range(len(body) + 1))
    made: Mapping[str, tuple[str, tuple[str, ...], frozenset[int]]] = {
        "headline": (story.headline, (lead, *body), every),
        "lead": (story.title, (story.rewritten, *body), every - {0}),
        "quotes": (story.title, (lead, *quoted), every),
        "cut": (story.title, (lead, *body[:3]), frozenset(range(4))),
        "boilerplate": (story.title, (lead, *body, boilerplate(story.language)), every),
        "bare": (fold(story.title), tuple(fold(paragraph) for paragraph in (lead, *body)), every),
        "words": (story.title, tuple(_edited(paragraph) for paragraph in (lead, *body)), every),
        "together": (
            story.headline,
            (story.rewritten, *quoted[:5], boilerplate(story.language)),
            frozenset(range(1, 4)),
        ),
    }
    return [
        Article(story=story, kind=kind, title=title, paragraphs=paragraphs, kept=kept)
        for kind, (title, paragraphs, kept) in made.items()
    ]


def _edited(paragraph: str) -> str:
    """Leave out every twelfth word, as an editor short of space does."""
    words = paragraph.split()
    return " ".join(word for place, word in enumerate(words, start=1) if place % 12)
