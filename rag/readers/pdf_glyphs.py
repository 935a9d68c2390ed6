"""The characters of a PDF page with their places, by PDFium, as pieces of lines."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_WIDE = 0.8  # of the letters' height: between words it is .2 to .5, between columns 1 and more
_HYPHENS = (0x02, 0xFFFE)  # what PDFium gives for a hyphen at a line's end, with the next line following at once
_WHITE = 250  # of 255, each of the three colours
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
        unseen = _Unseen(page, text)
        word_begins, hidden = True, False
        for index in range(text.count_chars()):
            if index % _CLOCK == 0:
                look_at_the_clock()
            code = pdfium.FPDFText_GetUnicode(text, index)
            if code == 0x0A or chr(code).isspace():
                word_begins = True
            elif word_begins:
                word_begins, hidden = False, unseen.is_hidden(index)
            if hidden and code != 0x0A:
                continue
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


class _Unseen:
    """Tells words that nobody sees on a page: transparent ones, and white ones on nothing but white.

    Invisible text over a picture stays: it is what was recognised in the picture.
    """

    def __init__(self, page: Any, text: Any) -> None:
        self._page = page
        self._text = text
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._pointers = [ctypes.byref(each) for each in self._colour]
        self._covered: list[tuple[float, float, float, float]] | None = None

    def is_hidden(self, index: int) -> bool:
        """Return whether a character, and with it its word, is not to be seen."""
        import pypdfium2.raw as pdfium

        if not pdfium.FPDFText_GetFillColor(self._text, index, *self._pointers):
            return False
        red, green, blue, alpha = (each.value for each in self._colour)
        if alpha and min(red, green, blue) < _WHITE:
            return False
        item = pdfium.FPDFText_GetTextObject(self._text, index)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(item) if item else 0
        if mode not in (pdfium.FPDF_TEXTRENDERMODE_FILL, pdfium.FPDF_TEXTRENDERMODE_FILL_CLIP):
            return False  # drawn as an outline, or put unseen over a picture
        box = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(self._text, index, ctypes.byref(box))
        across, up = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        if self._covered is None:
            self._covered = list(_coloured(self._page))
        return not any(left <= across <= right and low <= up <= high for left, low, right, high in self._covered)


def _coloured(page: Any) -> Iterator[tuple[float, float, float, float]]:
    """Yield the bounds of pictures and of areas that are filled with another colour than white."""
    import pypdfium2.raw as pdfium

    colour = [ctypes.c_uint() for _ in range(4)]
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    for item in page.get_objects(max_depth=1):
        if item.type == pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        if item.type == pdfium.FPDF_PAGEOBJ_PATH:
            pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(filled), ctypes.byref(stroked))
            told = pdfium.FPDFPageObj_GetFillColor(item, *(ctypes.byref(each) for each in colour))
            if not filled.value or (told and min(each.value for each in colour[:3]) >= _WHITE):
                continue
        yield item.get_bounds()


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
