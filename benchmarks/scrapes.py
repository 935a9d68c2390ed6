"""Plain scrapes of web pages, in the ways that people make them; nothing in them tells the article from the rest.

Invisible parts (scripts, styles, forms' options) are left out; whatever else the markup says is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html

WAYS = ("lines", "paragraphs", "joined", "markdown")
"""A line a block; blocks parted by blank lines; every piece of text on a line of its own; Markdown."""

_INVISIBLE = frozenset(
    ("script", "style", "noscript", "template", "svg", "iframe", "head", "object", "select", "textarea", "math")
)
_BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup",
        "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
        "th", "thead", "tr", "ul", "br", "button", "option", "video", "audio", "picture",
    )
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])$")
_SPACES = re.compile(r"\s+")


def scrape(markup: str, way: str) -> str:
    r"""Return the visible text of a page, as one of `WAYS` gives it.

    Example:
        >>> page = "<body><h1>A <b>title</b></h1><p>One <a href='/x'>link</a> here.</p></body>"
        >>> [scrape(page, way) for way in ("lines", "paragraphs")]
        ['A title\nOne link here.', 'A title\n\nOne link here.']
        >>> scrape(page, "joined").splitlines()
        ['A', 'title', 'One', 'link', 'here.']
        >>> scrape(page, "markdown")
        '# A **title**\n\nOne [link](/x) here.'
    """
    tree = _tree(markup)
    if tree is None:
        return ""
    if way == "joined":
        title = [_bare(element.text or "") for element in tree.iter("title")][:1]
        pieces = [_bare(text) for text, _ in _pieces(tree, marks=False) if text is not None]
        return "\n".join(piece for piece in (*title, *pieces) if piece)
    blocks = list(_blocks(tree, marks=way == "markdown"))
    return ("\n" if way == "lines" else "\n\n").join(blocks)


def _tree(markup: str) -> lxml.html.HtmlElement | None:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup.replace("\x00", ""))
    try:
        tree = lxml.html.document_fromstring(text)
    except (lxml.etree.ParserError, ValueError):
        return None
    return tree


def _bare(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _blocks(tree: lxml.html.HtmlElement, *, marks: bool) -> Iterator[str]:
    """Yield the text of each block that holds any; with `marks`, as Markdown."""
    current: list[str] = []
    prefix = ""
    for text, opens in _pieces(tree, marks=marks):
        if text is not None:
            current.append(text)
            continue
        if block := _bare("".join(current)):
            yield prefix + block
            prefix = ""
        current = []
        prefix = opens
    if block := _bare("".join(current)):
        yield prefix + block


def _pieces(tree: lxml.html.HtmlElement, *, marks: bool) -> Iterator[tuple[str | None, str]]:
    """Yield pieces of text, and None where a block begins or ends, with what Markdown puts before its text."""
    stack: list[tuple[lxml.html.HtmlElement, bool]] = [(tree, False)]
    while stack:
        element, done = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if done:
            if marks and tag in _ENDS:
                yield _ENDS[tag].format(href=element.get("href") or ""), ""
            if tag in _BLOCKS:
                yield None, ""
            if element.tail and element is not tree:
                yield element.tail, ""
            continue
        if not tag or tag in _INVISIBLE:
            if element.tail and element is not tree:
                yield element.tail, ""
            continue
        stack.append((element, True))
        if tag in _BLOCKS:
            heading = _HEADING.match(tag)
            yield None, ("#" * int(heading.group(1)) + " " if heading else _STARTS.get(tag, "")) if marks else ""
        elif marks and tag in _STARTS:
            yield _STARTS[tag], ""
        if marks and tag == "img" and element.get("alt"):
            yield f"![{element.get('alt')}]({(element.get('src') or '')[:200]})", ""
        if element.text:
            yield element.text, ""
        stack.extend((child, False) for child in reversed(element))


_STARTS = {"li": "- ", "blockquote": "> ", "a": "[", "b": "**", "strong": "**", "em": "*", "i": "*"}
_ENDS = {"a": "]({href})", "b": "**", "strong": "**", "em": "*", "i": "*"}
