"""Where each thing that is said about an article was found: in its text, its page's markup, its address, or given."""

from __future__ import annotations

from dataclasses import dataclass

from rag import Document
from rag.web.i18n import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One value of an article's metadata, named and dated in the reader's form, and where it came from."""

    name: str
    value: str
    origin: str


def find_origins(document: Document, say: Words) -> tuple[Origin, ...]:
    """List what is known of an article with the origin of each value; what states none is left out."""
    values = {
        "title": (say("corpus_title"), document.title),
        "outlet": (say("outlets"), document.outlet),
        "author": (say("article_author"), document.author),
        "published": (say("dates"), say.date(document.published) if document.published else None),
        "modified": (say("article_modified"), say.date(document.modified) if document.modified else None),
        "source": (say("origin_address"), document.url),
        "language": (say("languages"), say.language_name(document.language) if document.language else None),
        "text": (say("origin_words"), say("origin_words_ocr") if document.evidence.get("text") == "ocr" else None),
    }
    return tuple(
        Origin(name=name, value=value, origin=_origin(document, key, say))
        for key, (name, value) in values.items()
        if value and key in document.evidence
    )


def _origin(document: Document, key: str, say: Words) -> str:
    """Return an origin in words; one that is not known here is shown as it is."""
    known = {
        "text": say("origin_text"),
        "text_day_first": say("origin_text_day_first", language=say.language_name(document.language or "")),
        "meta": say("origin_meta"),
        "url": say("origin_url"),
        "file": say("origin_file"),
        "given": say("origin_given"),
        "ocr": say("origin_ocr"),
        "corrected": say("origin_corrected"),
    }
    return known.get(document.evidence[key], document.evidence[key])
