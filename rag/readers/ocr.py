"""The text of scanned pages, by Tesseract (the extra `ocr`, and Debian's `tesseract-ocr`)."""

from __future__ import annotations

import importlib.util
import shutil
import time
from functools import lru_cache
from typing import Any

from rag.errors import ReadError
from rag.readers.pdf_glyphs import Piece
from rag.readers.pdf_layout import Line, join_lines
from rag.settings import install_command
from rag.text.languages import identify_language

COMMAND = f"{install_command('ocr')} && apt install tesseract-ocr tesseract-ocr-ron tesseract-ocr-slv"
"""What makes it possible; data for other languages has names of the same kind."""

_SECONDS = 90.0  # for a file, some 30 pages; RAG_MAX_FILE_SECONDS ends its process after 120
_DOTS_AN_INCH = 300  # what Tesseract was trained on
_MOST_PIXELS = 25_000_000  # A3 at 300 dots an inch has 17 million
_LEAST_CONFIDENCE = 50.0  # of 100, the mean over the words; print is above 80, another script below 40
_DATA = {
    "bg": "bul", "bs": "bos", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng",
    "es": "spa", "et": "est", "fi": "fin", "fr": "fra", "ga": "gle", "hr": "hrv", "hu": "hun", "is": "isl",
    "it": "ita", "lt": "lit", "lv": "lav", "mk": "mkd", "nb": "nor", "nl": "nld", "pl": "pol", "pt": "por",
    "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "tr": "tur",
    "uk": "ukr",
}  # fmt: skip


def available() -> bool:
    """Say whether scanned pages can be read here."""
    return importlib.util.find_spec("pytesseract") is not None and shutil.which("tesseract") is not None


@lru_cache(maxsize=1)
def data_languages() -> tuple[str, ...]:
    """Return the languages that Tesseract has data for, by its own names."""
    import pytesseract

    return tuple(sorted(name for name in pytesseract.get_languages() if len(name) == 3 and name != "osd"))


class Recogniser:
    """Reads the scanned pages of one file, in the language of the first, within a bounded time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._deadline = time.monotonic() + _SECONDS
        self._language: str | None = None

    def read(self, page: Any, number: int) -> list[Line]:
        """Return the paragraphs of a page of PDFium's, each as one line.

        Raises:
            ReadError: the time is used up, the text cannot be recognised, or there is no data for its language.
        """
        width, height = page.get_size()
        scale = min(_DOTS_AN_INCH / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
        if self._language is None:
            self._language = self._find_language(picture, number)
        words = self._words(picture, self._language, number) if self._language else []
        return [
            (Piece(text=text, left=0.0, right=1.0, bottom=height - top / scale - 0.1, top=height - top / scale),)
            for text, top in _paragraphs(words)
        ]

    def _find_language(self, picture: Any, number: int) -> str | None:
        """Return the data for a page's language, told from its plain letters; None for a page without words."""
        names = data_languages()
        if not names:
            raise ReadError("ocr_data_missing", name=self._name, command=COMMAND)
        first = "eng" if "eng" in names else names[0]
        text = "\n".join(text for text, _ in _paragraphs(self._words(picture, first, number)))
        if not text:
            return None
        language = identify_language(text)
        data = _DATA.get(language or "", first)
        if data not in names:
            raise ReadError("ocr_language_missing", name=self._name, language=language or "", data=data)
        return data

    def _words(self, picture: Any, language: str, number: int) -> list[dict[str, Any]]:
        import pytesseract

        left = self._deadline - time.monotonic()
        try:
            if left <= 0:
                raise RuntimeError("no time left")
            found = pytesseract.image_to_data(picture, lang=language, timeout=left, output_type=pytesseract.Output.DICT)
        except pytesseract.TesseractError as error:
            told = " ".join(str(error.message).split())[:150]
            raise ReadError("ocr_failed", name=self._name, page=number, detail=told) from None
        except RuntimeError:  # the library's sign of a timeout
            raise ReadError("ocr_too_slow", name=self._name, seconds=_SECONDS, page=number) from None
        rows = [dict(zip(found, values, strict=True)) for values in zip(*found.values(), strict=True)]
        words = [row for row in rows if float(row["conf"]) >= 0 and str(row["text"]).strip()]
        if words and sum(float(row["conf"]) for row in words) < _LEAST_CONFIDENCE * len(words) and self._language:
            raise ReadError("ocr_unrecognised", name=self._name, page=number)
        return words


def _paragraphs(words: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Return the paragraphs that words make, with the top of each in pixels from the page's."""
    lines: dict[tuple[int, int, int], list[dict[str, Any]]] = {}
    for word in words:
        lines.setdefault((word["block_num"], word["par_num"], word["line_num"]), []).append(word)
    paragraphs: dict[tuple[int, int], tuple[str, float]] = {}
    for (block, paragraph, _), row in lines.items():
        text = " ".join(str(word["text"]).strip() for word in row)
        before = paragraphs.get((block, paragraph))
        joined = (join_lines(before[0], text), before[1]) if before else (text, float(min(w["top"] for w in row)))
        paragraphs[block, paragraph] = joined
    return list(paragraphs.values())
