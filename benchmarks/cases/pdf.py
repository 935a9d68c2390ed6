"""Pages of PDF that are turned, begin with a large initial, come from a newspaper, or were printed by a browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from benchmarks.cases.case import Case

_LINES = (
    "The council of Harwick approved a new bridge across the river on Monday evening, and the",
    "mayor said that it will cost 14.2 million pounds.",
    "Work begins in March, the engineer in charge told the meeting, and the old bridge stays",
    "open until the new one is ready for traffic.",
    "Shopkeepers fear a hard winter, because the road along the river will be closed for weeks",
    "and customers will have to go round by the station.",
)
_OPENING = (
    "The council of Harwick approved a bridge across the river on Monday, and all that",
    "the mayor told it was the cost.",
)
_WHOLE = [f"{_LINES[at]} {_LINES[at + 1]}" for at in (0, 2, 4)]
_WIDTH, _HEIGHT = 595, 842


def _pdf(draw: Callable[[Canvas], None], title: str = "") -> bytes:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(title)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _text(canvas: Canvas, top: float = 740, left: float = 50, *, headline: str = "") -> None:
    if headline:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(left, top + 40, headline)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(_LINES):
        canvas.drawString(left, top - 14 * number - 8 * (number // 2), line)


def _turned(degrees: int) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(degrees)
        _text(canvas, headline="New bridge")

    return draw


def _sideways(degrees: int) -> Callable[[Canvas], None]:
    """Return a page whose text is turned, and which is shown turned back, as scanners and landscape pages are."""

    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(degrees)
        canvas.saveState()
        if degrees == 90:
            canvas.translate(_WIDTH, 0)
            canvas.rotate(90)
        else:
            canvas.translate(0, _HEIGHT)
            canvas.rotate(270)
        _text(canvas, top=500, headline="New bridge")
        canvas.restoreState()

    return draw


def _initial(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 36)
    canvas.drawString(50, 722, "T")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(80, 740, _OPENING[0][1:])
    canvas.drawString(80, 726, _OPENING[1])
    for number, line in enumerate(_LINES[2:]):
        canvas.drawString(50, 704 - 14 * number - 8 * (number // 2), line)


def _newspaper(canvas: Canvas) -> None:
    canvas.setFont("Helvetica-Bold", 30)
    canvas.drawString(50, 795, "HARWICK GAZETTE")
    canvas.setFont("Helvetica", 9)
    canvas.drawString(50, 782, "Tuesday, 13 January 2026")
    _text(canvas, top=680, headline="New bridge approved")


def _browser(canvas: Canvas) -> None:
    _text(canvas, top=690, headline="New bridge approved")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(24, 826, "11/28/26, 8:42 PM")
    canvas.drawString(250, 826, "New bridge approved - Harwick Gazette")
    canvas.drawString(24, 15, "https://gazette.example/bridge")
    canvas.drawString(570, 15, "1/1")


def _two_pages(canvas: Canvas) -> None:
    """Draw a sentence that goes on overleaf, with notes below its first half and a running head over the second."""
    canvas.setFont("Helvetica", 8)
    canvas.drawString(50, 810, "Harwick Gazette 1")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(50, 740, _LINES[0])
    canvas.drawString(50, 726, _LINES[1])
    canvas.drawString(50, 704, _LINES[2])
    canvas.setFont("Helvetica", 7)
    canvas.drawString(50, 70, "1 Council paper 12 of 2026, annex.")
    canvas.drawString(50, 60, "2 The interview took place on Monday.")
    canvas.showPage()
    canvas.setFont("Helvetica", 8)
    canvas.drawString(50, 810, "Harwick Gazette 2")
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(_LINES[3:]):
        canvas.drawString(50, 740 - 14 * number - 8 * (number // 2), line)


def _white(canvas: Canvas) -> None:
    """Draw white words on the paper, which nobody sees, and white ones on a dark box, which everybody does."""
    _text(canvas, headline="New bridge")
    canvas.setFillColorRGB(0.1, 0.1, 0.4)
    canvas.rect(40, 500, 520, 40, fill=1, stroke=0)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(50, 515, "The box says that the toll will be two pounds for each lorry.")
    canvas.drawString(50, 400, "The hidden sentence says that the mayor took a bribe.")


_FIRES = (
    "A barn burned down on Friday night and the damage",
    "is said to be 120 thousand pounds, but nobody was hurt.",
)


def _columns(canvas: Canvas) -> None:
    _newspaper(canvas)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(50, 560, "Barn burned down")
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate((*_FIRES, "Police look for the cause.", "A new barn will be built in the spring.")):
        canvas.drawString(50, 530 - 14 * number, line)


def _case(name: str, draw: Callable[[Canvas], None], *, title: str = "", **more: Any) -> Case:
    whole = more.pop("whole", _WHOLE)
    opened = [*whole, *more.pop("open_", ())]
    return Case(name=name, file=f"{name}.pdf", data=_pdf(draw, title), has=["\n".join(whole)], open_=opened, **more)


def _table(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 11)
    rows = (
        ("Year", "Children", "Waiting List"),
        ("2023", "1,204", "64"),
        ("2024", "1,251", "71"),
        ("2025", "1,310", "87"),
    )
    for number, line in enumerate(_LINES[:2]):
        canvas.drawString(50, 740 - 14 * number, line)
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            canvas.drawString(50 + 100 * at, 690 - 14 * number, cell)
    for number, line in enumerate(_LINES[2:]):
        canvas.drawString(50, 610 - 14 * number, line)


def _pull_quote(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 11)
    canvas.drawString(50, 740, _LINES[0].removesuffix(" and the") + " he said,")
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(50, 700, "\u201cThe noise is unbearable\u201d")
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(("and the mayor said that it will cost 14.2 million pounds.", *_LINES[2:])):
        canvas.drawString(50, 670 - 14 * number, line)


CASES = [
    _case(
        "two-pages",
        _two_pages,
        whole=[_WHOLE[1]],
        masked=["Harwick Gazette 1", "Harwick Gazette 2"],
    ),
    _case(
        "table",
        _table,
        whole=[_WHOLE[0]],
        given={"author": None},
        open_=["Year Children Waiting List", "2024 1,251 71"],
    ),
    _case("pull-quote", _pull_quote, whole=[], given={"title": ""}),
    _case("white", _white, given={"title": "New bridge"}, lacks=["bribe"]),
    _case(
        "articles",
        _columns,
        given={"title": "New bridge approved", "outlet": "HARWICK GAZETTE", "published": date(2026, 1, 13)},
        lacks=["twice:Barn"],
        ids=["1", "2"],
    ),
    *(_case(f"turned-{degrees}", _turned(degrees), given={"title": "New bridge"}) for degrees in (0, 90, 180, 270)),
    *(_case(f"sideways-{degrees}", _sideways(degrees), given={"title": "New bridge"}) for degrees in (90, 270)),
    _case("initial", _initial, given={"title": ""}, whole=[" ".join(_OPENING), *_WHOLE[1:]]),
    _case(
        "newspaper",
        _newspaper,
        given={
            "outlet": "HARWICK GAZETTE",
            "author": None,
            "published": date(2026, 1, 13),
            "title": "New bridge approved",
        },
        masked=["HARWICK GAZETTE", "Tuesday, 13 January 2026"],
    ),
    _case(
        "browser-print",
        _browser,
        title="New bridge approved - Harwick Gazette",
        given={
            "title": "New bridge approved",
            "outlet": "Harwick Gazette",
            "published": None,
            "source": "https://gazette.example/bridge",
        },
        masked=["11/28/26, 8:42 PM", "https://gazette.example/bridge", "1/1"],
    ),
]
