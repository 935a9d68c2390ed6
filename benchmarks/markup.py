"""Marked pages as web pages: the same lines in the markup that sites use, or in none but ``div``."""

from __future__ import annotations

from html import escape
from itertools import groupby

from benchmarks.pages import MarkedPage

HEAD, BETWEEN, TAIL = range(3)

_MEANINGFUL = {
    HEAD: ('<nav class="menu"><ul>{}</ul></nav>', '<li><a href="/{n}">{t}</a></li>'),
    BETWEEN: ('<aside class="related"><ul>{}</ul></aside>', '<li><a href="/{n}">{t}</a></li>'),
    TAIL: ('<section class="more"><ul>{}</ul></section>', '<li><a href="/{n}">{t}</a></li>'),
}
_BARE = dict.fromkeys((HEAD, BETWEEN, TAIL), ("<div>{}</div>", '<div><a href="/{n}">{t}</a></div>'))
_UNLINKED = dict.fromkeys((HEAD, BETWEEN, TAIL), ("<div>{}</div>", "<p>{t}</p>"))

STYLES = {"meaningful": _MEANINGFUL, "divs and links": _BARE, "paragraphs alone": _UNLINKED}
"""How furniture is marked up; in ``paragraphs alone`` nothing but its words tells it from the article."""


def render(page: MarkedPage, style: str) -> str:
    """Return a page as HTML. Its headline is an ``h1``; the article's lines are paragraphs."""
    shapes = STYLES[style]
    bodies = [number for number, (mark, _) in enumerate(page.lines) if mark == "B"]
    first, last = bodies[0], bodies[-1]
    inner: list[str] = []
    before: list[str] = []
    after: list[str] = []
    for furniture, group in groupby(enumerate(page.lines), key=lambda item: item[1][0] == "F"):
        lines = list(group)
        texts = [(number, escape(page.text[start:end])) for number, (_, (start, end)) in lines]
        where = HEAD if lines[-1][0] < first else TAIL if lines[0][0] > last else BETWEEN
        if not furniture:
            inner += [f"<p>{text}</p>" for _, text in texts]
            continue
        around, one = shapes[where]
        made = around.format("".join(_line(page, one, number, text) for number, text in texts))
        {HEAD: before, BETWEEN: inner, TAIL: after}[where].append(made)
    outer = "article" if style == "meaningful" else "div"
    title = escape(page.expected["title"] or "")
    return (
        f'<!DOCTYPE html><html lang="{page.language}"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"{''.join(before)}<{outer}>{''.join(inner)}</{outer}>{''.join(after)}</body></html>"
    )


def _line(page: MarkedPage, one: str, number: int, text: str) -> str:
    return f"<h1>{text}</h1>" if text == escape(page.expected["title"] or "") else one.format(n=number, t=text)
