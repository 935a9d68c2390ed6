"""The characters of a PDF page with their places, by PDFium, as pieces of lines."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_WIDE = 0.8  # of the letters' height: between words it is .2 to .5, between columns 1 and more
_HYPHENS = (0x02, 0xFFFE)  # what PDFium gives for a hyphen at a line's end, with the next line following at once
_CLOCK = 20_000  # characters between two looks at the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Characters of one line without a wide gap between them; coordinates in points, from the page's lower left.

    `glue` is what the file has between this piece and the one before it on the line.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    glue: str = ""

    @property
    def height(self) -> float:
        """The letters' height."""
        return self.top - self.bottom


def read_pieces(page: Any, look_at_the_clock: Callable[[], None]) -> list[list[Piece]]:
    """Return the lines of a page of PDFium's in the order of the file, each as its pieces."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        lines = _Lines()
        box = pdfium.FS_RECTF()
        for index in range(text.count_chars()):
            if index % _CLOCK == 0:
                look_at_the_clock()
            code = pdfium.FPDFText_GetUnicode(text, index)
            if code in _HYPHENS:
                pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box))
                lines.add("-", box)
                lines.end()
            elif code == 0x0A:
                lines.end()
            elif chr(code).isspace():
                lines.glue = " "
            elif code:
                pdfium.FPDFText_GetLooseCharBox(text, index, ctypes.byref(box))
                lines.add(chr(code), box)
        lines.end()
        return lines.done
    finally:
        text.close()


class _Lines:
    """Lines under way: characters come in, pieces come out."""

    def __init__(self) -> None:
        self.done: list[list[Piece]] = []
        self.glue = ""
        self._line: list[Piece] = []
        self._letters: list[str] = []
        self._before = ""  # the glue before the piece under way
        self._box = (0.0, 0.0, 0.0, 0.0)

    def add(self, letter: str, box: Any) -> None:
        left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
        if self._letters:
            gap, height = left - self._box[1], self._box[3] - self._box[2]
            beside = min(top, self._box[3]) - max(bottom, self._box[2]) > 0.3 * min(height, top - bottom)
            if not beside or not -height < gap < _WIDE * height:
                self._finish()
        if not self._letters:
            self._before, self.glue = self.glue, ""
            self._box = (left, right, bottom, top)
        self._letters += [self.glue, letter]
        self.glue = ""
        old = self._box
        self._box = (min(old[0], left), max(old[1], right), min(old[2], bottom), max(old[3], top))

    def end(self) -> None:
        self._finish()
        if self._line:
            self.done.append(self._line)
        self._line, self.glue = [], ""

    def _finish(self) -> None:
        # Characters beyond the first plane come in halves; a half alone is none.
        text = "".join(self._letters).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        if text:
            left, right, bottom, top = self._box
            before = self._before if self._line else ""
            self._line.append(Piece(text=text, left=left, right=right, bottom=bottom, top=top, glue=before))
        self._letters = []
