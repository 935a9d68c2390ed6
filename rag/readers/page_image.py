"""One page of a PDF as an image, with the words of a citation marked on it.

Each is drawn in a process of its own, as a hostile file can keep PDFium busy, crash it, or fill the memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rag.errors import ReadError
from rag.readers.process import apart
from rag.readers.source_file import printable
from rag.readers.worker import bound_memory, bound_time

_START = "import sys, json; sys.path[:] = json.loads(sys.stdin.buffer.readline()); " + (
    "from rag.readers.page_image import main; main()"
)
_LONGEST_SIDE = 1_600  # pixels
_SCALE = 2.0  # pixels for a point, where the page is small enough
_MEMORY = 1 << 30  # bytes; a page of the longest sides has 10 MB of pixels
_LARGEST = 20_000_000  # bytes of an image
_CLOCK = 3  # times the seconds that may pass while others have the processor
_MOST_LETTERS = 60_000
_LEAST = 8  # letters in a row; fewer stand anywhere
_PNG = b"\x89PNG"
_TINT = (255, 226, 120)
Box = tuple[float, float, float, float]  # left, bottom, right, top, in points


def render_page(path: Path, page: int, words: str, seconds: int) -> bytes:
    """Return a page as a PNG.

    Args:
        path: of the PDF.
        page: from 1.
        words: to mark where they stand on the page; they may go on on others.
        seconds: of processor time that it may take.

    Raises:
        ReadError: the page cannot be drawn.
    """
    name = printable(path.name)
    request = {"path": str(path), "page": page, "words": words, "seconds": seconds}
    lines = [json.dumps([str(place) for place in sys.path]), json.dumps(request)]
    try:
        process = subprocess.Popen(
            [sys.executable or "python", "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **apart(),
        )
    except OSError:
        raise ReadError("page_not_drawn", name=name, page=page) from None
    with process:
        assert process.stdin is not None and process.stdout is not None
        late = threading.Timer(seconds * _CLOCK, process.kill)
        late.start()
        with contextlib.suppress(OSError):
            process.stdin.write("".join(f"{line}\n" for line in lines).encode("ascii"))
            process.stdin.close()
        image: bytes = process.stdout.read(_LARGEST + 1)
        process.kill()
        late.cancel()
    if not image.startswith(_PNG) or len(image) > _LARGEST:
        raise ReadError("page_not_drawn", name=name, page=page)
    return image


def main() -> None:
    """Draw the page that stdin names, to what was stdout; what a library prints goes nowhere."""
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = open(os.devnull, "wb")  # noqa: PTH123, SIM115  it stays open as long as the process lives
    for descriptor in (1, 2):
        os.dup2(nowhere.fileno(), descriptor)
    request = json.loads(sys.stdin.buffer.readline())
    bound_memory(_MEMORY)
    bound_time(request["seconds"], nowhere)
    answer.write(draw(Path(request["path"]), request["page"], request["words"]))
    answer.flush()


def draw(path: Path, number: int, words: str) -> bytes:
    """Return a page as a PNG, with the words marked."""
    import io

    import numpy as np
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw
    from PIL import Image

    page = pdfium.PdfDocument(path)[number - 1]
    width, height = page.get_size()
    scale = min(_SCALE, _LONGEST_SIDE / max(width, height, 1.0))
    pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3].copy()
    rows, columns = pixels.shape[:2]
    for left, bottom, right, top in find_words(page.get_textpage(), words):
        (x0, y0), (x1, y1) = (_device(raw, page, columns, rows, *corner) for corner in ((left, top), (right, bottom)))
        x0, x1 = sorted((max(0, x0 - 1), max(0, x1 + 1)))
        y0, y1 = sorted((max(0, y0 - 2), max(0, y1 + 2)))
        pixels[y0:y1, x0:x1] = np.minimum(pixels[y0:y1, x0:x1], np.array(_TINT, np.uint8))  # the letters stay black
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def find_words(page: Any, words: str) -> list[Box]:
    """Return where words stand on a page of text, a box for each stretch of a line.

    The longest beginning of the words that stands there in a row is taken, then that of what is left: a citation may
    go on on the next page or in the next column, and what divides it there is left out. Only letters and digits count.
    """
    import pypdfium2.raw as raw

    letters: list[str] = []
    places: list[int] = []  # of each letter: the character of the page that it belongs to
    for at in range(min(page.count_chars(), _MOST_LETTERS)):
        for letter in _letters(chr(min(raw.FPDFText_GetUnicode(page, at), 0x10FFFF))):
            letters.append(letter)
            places.append(at)
    text = "".join(letters)
    wanted = [word for word in map(_letters, words.split()) if word]
    marked: list[int] = []
    first = after = 0
    while first < len(wanted):
        length = _longest(text, wanted[first:])
        row = "".join(wanted[first : first + length])
        if length and (len(row) >= _LEAST or length == len(wanted)):
            found = text.find(row, after)
            start = found if found >= 0 else text.find(row)
            after = start + len(row)
            marked += places[start:after]
        first += max(1, length)
    return _lines([page.get_charbox(at) for at in dict.fromkeys(marked)])


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _longest(text: str, words: Sequence[str]) -> int:
    """Return how many of the first words stand in a row in a text."""
    fits, fails = 0, len(words) + 1
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if "".join(words[:middle]) in text:
            fits = middle
        else:
            fails = middle
    return fits


def _lines(boxes: Sequence[Box]) -> list[Box]:
    """Join the boxes of letters that follow one another on a line."""
    lines: list[Box] = []
    for left, bottom, right, top in boxes:
        if lines:
            west, south, east, north = lines[-1]
            if min(north, top) - max(south, bottom) > 0.5 * min(north - south, top - bottom) and left >= west:
                lines[-1] = (west, min(south, bottom), max(east, right), max(north, top))
                continue
        lines.append((left, bottom, right, top))
    return lines


def _device(raw: Any, page: Any, columns: int, rows: int, x: float, y: float) -> tuple[int, int]:
    import ctypes

    at = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, columns, rows, 0, x, y, ctypes.byref(at[0]), ctypes.byref(at[1]))
    return at[0].value, at[1].value
