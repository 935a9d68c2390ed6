"""The lines of a piece of HTML: of chapters, e-mails, feeds and columns, which hold no menus that must be told apart.

Unlike a web page's, all its words are read: those beside nested blocks, in cells and captions as well.
"""

from __future__ import annotations

import re
from typing import Any

from rag.readers.office import raised, row_lines

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
_GONE = frozenset({
    "script", "style", "template", "head", "noframes", "svg", "audio", "video", "canvas", "iframe", "object", "select",
    "button", "textarea", "input", "del", "s", "strike", "rt", "rp", "datalist",
})  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|line-through", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n\f]+")
_TAG = re.compile(
    r"</?(?:p|div|br|span|a|b|i|em|strong|ul|ol|li|h[1-6]|table|tr|td|img|blockquote|figure)\b[^<>]*>", re.I
)


def holds_markup(text: str) -> bool:
    """Return whether a text is HTML rather than words that speak of a tag.

    Example:
        >>> holds_markup("<p>Prvi odstavek.</p>"), holds_markup("Oznaka <p> pomeni odstavek.")
        (True, False)
    """
    return len(_TAG.findall(text[:100_000])) >= 2


def html_lines(markup: str) -> list[str]:
    """Return the lines of a piece of HTML, a paragraph or a table's row each.

    Example:
        >>> html_lines("<div>Prvi.<p>Drugi.</p>Tretji <s>ne</s>da, 10<sup>6</sup>.</div>")
        ['Prvi.', 'Drugi.', 'Tretji da, 10⁶.']

    Raises:
        ValueError: the markup is no tree to the parser.
    """
    import lxml.html
    from lxml import etree

    markup = markup.replace("\x00", "").lstrip("\ufeff \t\r\n")
    if markup.startswith("<?xml"):
        markup = markup.split("?>", 1)[-1]
    if not markup.strip():
        return []
    try:
        tree = lxml.html.document_fromstring(markup)
    except etree.ParserError:  # nothing but comments
        return []
    return tree_lines(tree)


def tree_lines(tree: Any) -> list[str]:
    """Return the lines of a tree of HTML elements."""
    return [line for line in _Flow().lines(tree) if line.strip()]


class _Flow:
    """A walk over a tree: inline words gather in a line, which blocks end."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._open: list[str] = []

    def lines(self, element: Any) -> list[str]:
        self._walk(element, preformatted=False)
        self._end()
        return self._done

    def _walk(self, element: Any, *, preformatted: bool) -> None:
        name = element.tag if isinstance(element.tag, str) else ""
        name = name.rpartition("}")[2].lower()
        if not name or name in _GONE or _is_hidden(element):
            return
        if name == "tr":
            self._end()
            self._done += row_lines([_Flow().lines(cell) for cell in element if cell.tag in ("td", "th")])
            return
        block = name in _BLOCKS
        if block:
            self._end()
        if name == "br":
            self._open.append("\n")
        elif name in ("sup", "sub") or _is_note(element):
            inner = " ".join(_Flow().lines_within(element))
            self._open.append(raised(inner) if name != "sub" else inner)
        else:
            self._inside(element, preformatted=preformatted or name == "pre")
        if block:
            self._end()

    def lines_within(self, element: Any) -> list[str]:
        """Return the lines of an element's content."""
        self._inside(element, preformatted=False)
        self._end()
        return self._done

    def _inside(self, element: Any, *, preformatted: bool) -> None:
        self._say(element.text, preformatted)
        for child in element:
            self._walk(child, preformatted=preformatted)
            self._say(child.tail, preformatted)

    def _say(self, text: str | None, preformatted: bool) -> None:
        if text:
            self._open.append(text if preformatted else _WHITE.sub(" ", text))

    def _end(self) -> None:
        lines = "".join(self._open).split("\n")
        self._done += [stripped for line in lines if (stripped := line.strip())]
        self._open = []


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style)) or element.get("{http://www.idpf.org/2007/ops}type") == "pagebreak"


def _is_note(element: Any) -> bool:
    """Return whether an element is the mark of a note."""
    kinds = f"{element.get('epub:type') or ''} {element.get('role') or ''}"
    return "noteref" in kinds
