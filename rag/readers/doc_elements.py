"""Texts whose articles stand between lines `<doc id="..." title="...">` and `</doc>`, as corpora have them."""

from __future__ import annotations

import html
import re
from typing import Any

from rag.readers.columns import find_columns, read_metadata

_OPEN = re.compile(r"[ \t]*<(?:doc|document)((?:\s[^<>\n]{0,4000})?)>[ \t]*\r?", re.IGNORECASE)
_CLOSE = re.compile(r"[ \t]*</(?:doc|document)>[ \t]*\r?", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:.-]{1,60})\s?=\s?(?:\"([^\"]*)\"|'([^']*)')")
_MOST_ATTRIBUTES = 60


def opens_element(line: str) -> bool:
    """Return whether a line is the opening tag of an article's element and nothing else."""
    return _OPEN.fullmatch(line) is not None


def closes_element(line: str) -> bool:
    """Return whether a line is the closing tag of an article's element and nothing else."""
    return _CLOSE.fullmatch(line) is not None


def read_attributes(line: str) -> dict[str, Any]:
    """Return the metadata that an opening tag states.

    Example:
        >>> read_attributes('<doc id="7" title="Most &amp; reka" date="2026-01-05">')["title"]
        'Most & reka'
    """
    match = _OPEN.fullmatch(line)
    pairs = _ATTRIBUTE.findall(match[1])[:_MOST_ATTRIBUTES] if match else []
    values = [html.unescape(double or single) for _, double, single in pairs]
    places = find_columns([name for name, _, _ in pairs], {})
    told = read_metadata({field: [values[at] for at in columns] for field, columns in places.items()})
    return {field: value for field, value in told.items() if value}
