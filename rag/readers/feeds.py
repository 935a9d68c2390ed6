"""Feeds (RSS, RDF, Atom), by feedparser: each entry is an article, with the id `path#` and what the entry is known by.

Its text is the fullest of what the entry holds: a feed with summaries alone gives summaries.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rag.errors import ReadError
from rag.readers.content import Content, document, language_code, moment, one_line, web_address
from rag.readers.flow import html_lines
from rag.records import Document, Failure

_MOST_ENTRIES = 100_000
_LONGEST_KEY = 200
_MAILED = re.compile(r"[^@\s()]{1,100}@[^@\s()]{1,100}\s?\(([^()@]{2,100})\)")  # as RSS wants an author's name
_NO_ARTICLES = frozenset({"attachment", "nav_menu_item", "revision", "custom_css"})  # in exports of WordPress


def read_feed(content: Content) -> Iterator[Document | Failure]:
    """Yield the entries of a feed.

    Raises:
        ReadError: it is damaged, hostile, or holds no entry.
    """
    import feedparser

    if b"<!ENTITY" in content.data:  # none needs them, and what they expand to has no bound
        raise ReadError("feed_damaged", name=content.name, detail="EntitiesForbidden")
    try:
        feed = feedparser.parse(io.BytesIO(content.data), sanitize_html=False, resolve_relative_uris=False)
        entries = list(feed.entries[: _MOST_ENTRIES + 1])
        outlet = one_line(" ".join(html_lines(str(feed.feed.get("title") or ""))))
        language = language_code(feed.feed.get("language"))
    except MemoryError:
        raise
    except Exception as error:  # the library raises whatever broken markup leads it to
        raise ReadError("feed_damaged", name=content.name, detail=type(error).__name__) from None
    if not entries:
        raise ReadError("feed_empty", name=content.name)
    if len(entries) > _MOST_ENTRIES:
        raise ReadError("feed_too_many_entries", name=content.name, limit=_MOST_ENTRIES)
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if entry.get("wp_post_type") in _NO_ARTICLES:
            continue
        key = one_line(entry.get("id") or entry.get("link") or "", _LONGEST_KEY) or str(number)
        if key in seen:
            key = f"{key}@{number}"
        seen.add(key)
        part = replace(content.part(key, b"", ""), source=f"{content.source}#{key}")
        try:
            yield _entry(part, entry, outlet, language)
        except ReadError as error:
            yield Failure.from_error(part.id, error)


def _entry(part: Content, entry: Any, outlet: str, language: str | None) -> Document:
    bodies = [str(body.get("value") or "") for body in entry.get("content", ())] + [str(entry.get("summary") or "")]
    texts = ["\n".join(html_lines(body)) for body in bodies]
    names = [one_line(author.get("name") or "") for author in entry.get("authors", ()) if isinstance(author, dict)]
    named = _MAILED.fullmatch(one_line(entry.get("author") or ""))
    source = entry.get("source")
    of_another = one_line(source.get("title") or "") if isinstance(source, dict) else ""
    given = {
        "title": one_line(" ".join(html_lines(str(entry.get("title") or ""))), 500),
        "outlet": of_another or outlet,
        "author": named[1] if named else ", ".join(name for name in names[:10] if name and "@" not in name),
        "published": moment(entry.get("published") or entry.get("created") or entry.get("updated")),
        # The library gives the one for the other where an entry has but one.
        "modified": moment(entry.get("updated")) if {"published", "updated"} <= set(dict.keys(entry)) else None,
        "language": language_code(entry.get("language")) or language,
    }
    return document(part, max(texts, key=len), given=given, source=web_address(entry.get("link")), pure=True)
