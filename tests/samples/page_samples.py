"""Answers and articles to render, and the elements of what was rendered."""

from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

from rag import Agreement, Answer, Citation, Document, Hit, Passage, Quote

ROOT = Path(__file__).parents[2]
HOSTILE = """"><script>alert(1)</script><img src=x onerror=alert(2)>'${alert(3)}{{4}}`</title>"""
CONDITION = "cu condiția ca aceasta să aibă loc la Moscova"


def seed(prefix: str, **more: object) -> Document:
    path = next((ROOT / "seeds").glob(f"{prefix}_*.txt"))
    return Document(id=path.name, text=path.read_text(encoding="utf-8"), **more)  # type: ignore[arg-type]


INVITED = seed(
    "003", title="Rușii îl invită pe Zelenski la Moscova", outlet="Mediafax", published=datetime(2026, 1, 28, 18, 20),
    language="ro", author="Olga Borșcevschi",
)  # fmt: skip


def cite(document: Document, start: int, end: int) -> Citation:
    return Citation(
        document_id=document.id, sha256=document.sha256, start=start, end=end, title=document.title,
        outlet=document.outlet, published=document.published, source=document.source, page=document.page_at(start),
    )  # fmt: skip


def hit(document: Document, words_: str, rank: int = 1, **more: object) -> Hit:
    start = document.text.index(words_)
    end = start + len(words_)
    passage = Passage(document_id=document.id, start=start, end=end, text=words_)
    values: dict[str, object] = {"score": 1 - rank / 10, "citation": cite(document, start, end)} | more
    return Hit(passage=passage, document=document, rank=rank, **values)  # type: ignore[arg-type]


def answer(question: str, *hits: Hit, abstained: bool = False, confidence: float | None = 0.83) -> Answer:
    quotes = () if abstained else tuple(
        Quote(number=n, text=h.passage.text, citation=h.citation, score=h.score, language=h.document.language)
        for n, h in enumerate(hits, 1)
    )  # fmt: skip
    agreement = Agreement(
        articles=len({h.document.id for h in hits}),
        outlets=len({h.document.outlet for h in hits} - {None}),
        texts=len({h.document.id for h in hits}),
        languages=len({h.document.language for h in hits} - {None}),
    )
    return Answer(
        question=question, abstained=abstained, confidence=confidence, quotes=quotes, hits=hits,
        agreement=agreement if quotes else None,
    )  # fmt: skip


class Tree(HTMLParser):
    """The elements of a piece of HTML, and the text of the article's body without our own words in it."""

    VOID = frozenset({"br", "img", "input", "path", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.body, self.cited, self.furniture = "", "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in self.VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.stack.pop()[0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        classes = [attrs.get("class", "") for _, attrs in self.stack]
        if "iz-text" in classes and all(tag != "summary" for tag, _ in self.stack):
            self.body += data
            self.cited += data * ("cited" in classes)
            self.furniture += data * ("iz-furniture" in classes)

    def all(self, attribute: str) -> list[str]:
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]
