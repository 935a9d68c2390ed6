"""What the readers of office documents share: XML without entities, raised digits, lines, stated metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, one_line

DC = "{http://purl.org/dc/elements/1.1/}"
_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_RAISABLE = re.compile(r"[0-9+\-−=()ni]+")
_DEFAULTS = frozenset({"python-docx", "user", "admin", "word document", "unknown", "microsoft office user"})
"""What the writing program fills in by itself."""


@contextmanager
def damage_told(content: Content, kind: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into a ReadError."""
    try:
        yield
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        raise ReadError("office_damaged", name=content.name, kind=kind, detail=type(error).__name__) from None


def parse_xml(data: bytes) -> Any:
    """Return the root of an XML file; entities and outside references are refused.

    Raises:
        Exception: it is no XML, or hostile.
    """
    from defusedxml.ElementTree import fromstring

    return fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)


def local(element: Any) -> str:
    """Return an element's name without its namespace, or nothing for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """Return an attribute by its name without the namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def raised(text: str) -> str:
    """Return superscript digits and signs as characters of their own, so that 10 to the 6th does not become 106.

    Example:
        >>> raised("6"), raised("th")
        ('⁶', 'th')
    """
    return text.translate(_RAISED) if _RAISABLE.fullmatch(text) else text


def row_lines(cells: Sequence[Sequence[str]]) -> list[str]:
    r"""Return the lines of a table's row: one line where each cell has one, else each cell's own.

    Example:
        >>> row_lines([["Leto"], ["2024"]]), row_lines([["Prvi.", "Drugi."], ["Levo"]])
        (['Leto\t2024'], ['Prvi.', 'Drugi.', 'Levo'])
    """
    filled = [[line for line in cell if line.strip()] for cell in cells]
    if all(len(cell) <= 1 for cell in filled):
        line = "\t".join(cell[0].strip() for cell in filled if cell)
        return [line] if line else []
    return [line for cell in filled for line in cell]


def joined(lines: Iterable[str]) -> str:
    """Return lines as a text, without blank ones and without what no text holds."""
    text = "\n".join(part.strip() for line in lines for part in line.split("\n") if part.strip())
    # Characters beyond the first plane come in halves from some formats; a half alone is none.
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def stated(title: str | None, *authors: str | None) -> dict[str, str]:
    """Return a document's title and authors, less what programs fill in by themselves."""
    names = [one_line(name or "") for name in authors]
    given = {"title": one_line(title or "", 500), "author": ", ".join(name for name in names if _is_own(name))}
    return {name: value for name, value in given.items() if _is_own(value)}


def _is_own(value: str) -> bool:
    return bool(value) and value.lower() not in _DEFAULTS
