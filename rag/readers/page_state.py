"""The article that a page holds as data of its own scripts, where nothing of it is in the markup (Next.js, Nuxt)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rag.readers.columns import find_columns, read_text
from rag.text.normalisation import fold

_LEAST = 40  # words of an article
_DEEPEST = 14
_MOST_NODES = 5_000
_MOST_KEYS = 200
_ASSIGNED = re.compile(
    r"(?:^|;)\s*(?:window(?:\.|\[['\"])|var |let |const |self\.)?[\w$]{2,60}(?:['\"]\])?\s*=\s*(?=[{\[])"
)
_LETTERS = re.compile(r"\w+")


def read_state(tree: Any, titles: list[str]) -> str:
    """Return the text of the article that the scripts of a page (a tree of lxml) hold, or nothing.

    Args:
        tree: of the page.
        titles: what the page calls itself; where data name one of these, their article is taken before all others.
    """
    known = {key for title in titles if (key := _key(title))}
    best: tuple[bool, int, str] = (False, 0, "")
    for values in _objects(tree):
        title = next((str(value) for value in values.get("title", ()) if isinstance(value, str)), "")
        text = read_text({"text": values["text"]}) if title else ""
        words = len(text.split())
        if words >= _LEAST:
            own = any(key in name or name in key for name in known) if (key := _key(title)) else False
            best = max(best, (own, words, text))
    return best[2]


def _key(title: str) -> str:
    return " ".join(_LETTERS.findall(fold(title)))


def _objects(tree: Any) -> Iterator[dict[str, list[Any]]]:
    """Yield the filled values by field of each object that has a field for a text."""
    left = _MOST_NODES
    for script in tree.iter("script"):
        queue: list[tuple[Any, int]] = [(value, _DEEPEST) for value in _values(script)]
        while queue and left:
            value, depth = queue.pop(0)
            left -= 1
            inner = list(value.values()) if isinstance(value, dict) else value
            queue += [(item, depth - 1) for item in inner[:_MOST_KEYS] if depth and isinstance(item, dict | list)]
            if isinstance(value, dict):
                names = list(value)[:_MOST_KEYS]
                columns = find_columns(names, {})
                found = {field: [value[names[at]] for at in places] for field, places in columns.items()}
                if found.get("text"):
                    yield found


def _values(script: Any) -> Iterator[dict[str, Any] | list[Any]]:
    """Yield the objects of a script: one that is JSON, or JSON that it gives to a variable."""
    kind, text = (script.get("type") or "").lower(), script.text or ""
    if "ld+json" in kind or not text:
        return
    starts = [0] if "json" in kind else [match.end() for match in _ASSIGNED.finditer(text[:2_000])]
    for start in starts[:3]:
        try:
            value, _ = json.JSONDecoder(strict=False).raw_decode(text[start:].lstrip())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list):
            yield value
