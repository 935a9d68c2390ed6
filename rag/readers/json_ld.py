"""The articles that a page describes in JSON-LD (schema.org), with references between nodes resolved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

_DEPTH = 8  # of nested nodes; real pages nest an article four levels deep at most
_MOST = 2_000  # nodes of a page that are looked at
_WRAPPINGS = (("<![CDATA[", "]]>"), ("<!--", "-->"))  # in scripts, behind the slashes of a comment
_TRAILING = re.compile(r",(\s{0,50}[}\]])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,31});")
_ARTICLE = ("article", "posting", "report")
_LESS = ("webpage", "videoobject", "creativework", "podcastepisode", "itempage")

Node = Mapping[str, Any]


def read_articles(tree: Any) -> list[Node]:
    """Return the nodes of a page (a tree of lxml) that describe an article, and after them those of pages.

    Example:
        >>> import lxml.html
        >>> node = '{"@type": "schema:NewsArticle", "headline": "Nu plec&#259;m", "author": {"@id": "#1"},}'
        >>> page = f'<script type="application/ld+json">[{node}, {{"@id": "#1", "name": "Ana"}}]</script>'
        >>> [(found["headline"], found["author"]["name"]) for found in read_articles(lxml.html.fromstring(page))]
        [('Nu plecăm', 'Ana')]
    """
    nodes: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            for value in _values(script.text or ""):
                nodes += _nodes(value, _DEPTH, _MOST - len(nodes))
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    articles = [node for node in nodes if _is_a(node, _ARTICLE)]
    pages = [node for node in nodes if _is_a(node, _LESS) and not _is_a(node, _ARTICLE)]
    return [_resolved(node, known) for node in (*articles, *pages)]


def is_article(node: Node) -> bool:
    """Return whether a node describes an article, and not just a page."""
    return _is_a(node, _ARTICLE)


def _values(script: str) -> Iterator[Any]:
    """Yield the value of a script, mended where it is wrapped in a comment or has a comma too many."""
    text = script.strip()
    for opening, closing in _WRAPPINGS:
        text = text.removeprefix("//").strip().removeprefix(opening).removesuffix(closing).strip().removesuffix("//")
    for attempt in (text, _TRAILING.sub(r"\1", text)):
        try:
            yield json.loads(attempt, strict=False)
            return
        except (ValueError, RecursionError):
            continue


def _nodes(value: Any, depth: int, most: int) -> list[dict[str, Any]]:
    """Return the objects inside a value, outer ones first."""
    found: list[dict[str, Any]] = []
    queue: list[tuple[Any, int]] = [(value, depth)]
    while queue and len(found) < most:
        at, left = queue.pop(0)
        if left == 0:
            continue
        if isinstance(at, list):
            queue += [(item, left) for item in at[:200] if isinstance(item, dict | list)]
        elif isinstance(at, dict):
            found.append(at)
            queue += [(item, left - 1) for item in at.values() if isinstance(item, dict | list)]
    return found


def _is_a(node: Node, endings: tuple[str, ...]) -> bool:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(name, str) and name.lower().endswith(endings) for name in names)


def _resolved(node: Node, known: Mapping[str, Any]) -> Node:
    """Return a node with the nodes that it refers to in their places, and entities in its values decoded."""
    return {key: _value(value, known, 3) for key, value in node.items()}


def _value(value: Any, known: Mapping[str, Any], depth: int) -> Any:
    if isinstance(value, str):
        return unescape(unescape(value)) if _ENTITY.search(value) else value
    if isinstance(value, list):
        return [_value(item, known, depth) for item in value[:50]]
    if isinstance(value, dict) and depth:
        named = known.get(value["@id"], {}) if isinstance(value.get("@id"), str) and "name" not in value else {}
        return {key: _value(item, known, depth - 1) for key, item in {**named, **value}.items()}
    return None
