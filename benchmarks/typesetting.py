"""PDFs as typesetting programs make them: columns, running heads. Made with reportlab."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595, 842


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a text is set. `by_rows` writes line by line across the columns, as some programs do."""

    columns: int = 1
    by_rows: bool = False
    running: bool = False
    gap: float = 20
    lines: int = 40  # in a column
    headline: str = ""


def columns_of(words: Sequence[str], layout: Layout) -> list[list[str]]:
    """Return the lines of each column, page after page."""
    width = (WIDTH - 100 - layout.gap * (layout.columns - 1)) / layout.columns
    lines = simpleSplit(" ".join(words), "Times-Roman", 10, width)
    return [lines[at : at + layout.lines] for at in range(0, len(lines), layout.lines)]


def typeset(words: Sequence[str], layout: Layout) -> bytes:
    """Return a PDF with the words in the columns of as many pages as they fill."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(WIDTH, HEIGHT), invariant=1)
    columns = columns_of(words, layout)
    pages = [columns[at : at + layout.columns] for at in range(0, len(columns), layout.columns)]
    step = (WIDTH - 100 + layout.gap) / layout.columns
    for number, page in enumerate(pages, start=1):
        if layout.running:  # drawn before the text, as templates are
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 810, "The Daily Gazette")
            canvas.drawRightString(WIDTH - 50, 810, "28 January 2026")
            canvas.drawCentredString(WIDTH / 2, 30, f"Page {number} of {len(pages)}")
        if layout.headline and number == 1:
            canvas.setFont("Helvetica-Bold", 20)
            canvas.drawString(50, 765, layout.headline)
        canvas.setFont("Times-Roman", 10)
        places = [(row, column) for column, lines in enumerate(page) for row in range(len(lines))]
        for row, column in sorted(places) if layout.by_rows else places:
            canvas.drawString(50 + column * step, 735 - 12 * row, page[column][row])
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
