"""The characters of a PDF page with their places, by PDFium, as pieces of lines."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_WIDE = 0.8  # of the letters' height: between words it is .2 to .5, between columns 1 and more
_HYPHENS = (0x02, 0xFFFE)  # what PDFium gives for a hyphen at a line's end, with the next line following at once
_SAMPLE = 200  # characters that are asked for their angle
_INITIAL = 1.8  # times the height of the letters after it: an initial over several lines
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


def text_turn(page: Any) -> int:
    """Return how many quarters of a circle most of a page's text is turned against the page, counter-clockwise."""
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        count = text.count_chars()
        step = max(1, count // _SAMPLE)
        turns = Counter(
            -round(pdfium.FPDFText_GetCharAngle(text, index) / (math.pi / 2)) % 4 for index in range(0, count, step)
        )
    finally:
        text.close()
    return turns.most_common(1)[0][0] if turns else 0


def read_pieces(page: Any, look_at_the_clock: Callable[[], None], turn: int = 0) -> list[list[Piece]]:
    """Return the lines of a page of PDFium's in the order of the file, each as its pieces.

    Args:
        page: of PDFium.
        look_at_the_clock: is called now and then.
        turn: quarters of a circle by which the text is turned; places are given as if it were not.
    """
    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        lines = _Lines(turn)
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


def _turned(left: float, right: float, bottom: float, top: float, turn: int) -> tuple[float, float, float, float]:
    """Return a box as it lies when the page is turned back by quarters of a circle."""
    if turn == 1:
        return bottom, top, -right, -left
    if turn == 2:
        return -right, -left, -top, -bottom
    return -top, -bottom, left, right


class _Lines:
    """Lines under way: characters come in, pieces come out."""

    def __init__(self, turn: int) -> None:
        self._turn = turn
        self.done: list[list[Piece]] = []
        self.glue = ""
        self._line: list[Piece] = []
        self._letters: list[str] = []
        self._before = ""  # the glue before the piece under way
        self._box = (0.0, 0.0, 0.0, 0.0)

    def add(self, letter: str, box: Any) -> None:
        left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
        if self._turn:
            left, right, bottom, top = _turned(left, right, bottom, top, self._turn)
        if self._initial(letter, bottom, top):
            self._box = (left, right, bottom, top)
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

    def _initial(self, letter: str, bottom: float, top: float) -> bool:
        """Return whether what stands in the line is a large initial, and a letter of the text follows it."""
        if len(self._letters) != 2 or not self._letters[1].isupper() or not letter.islower():
            return False
        height = top - bottom
        beside = self._box[2] < top <= self._box[3] + height
        return beside and self._box[3] - self._box[2] > _INITIAL * height > 0

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
