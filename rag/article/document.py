"""From decoded text to a document: language, metadata and masks found, the text itself untouched."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from rag.article.labelled_page import read_page
from rag.article.masks import mask_boilerplate
from rag.article.metadata import read_metadata
from rag.errors import CorpusError
from rag.records import Document
from rag.text.languages import identify_language


def article(
    text: str,
    *,
    document_id: str,
    source: str | None = None,
    title: str = "",
    outlet: str | None = None,
    author: str | None = None,
    published: date | datetime | None = None,
    modified: date | datetime | None = None,
    language: str | None = None,
    pages: tuple[int, ...] = (),
) -> Document:
    """Return the document of one article. What is given wins over what the text says; the rest is found in the text.

    The language is that of the paragraphs, whatever the menus around them speak.
    """
    given: dict[str, object] = {
        "title": title,
        "outlet": outlet,
        "author": author,
        "published": published,
        "modified": modified,
        "language": language,
    }
    page = read_page(text)
    body = "\n".join(line.text for line in page.body)
    language = language or identify_language(body or text)
    found = read_metadata(page, language)
    origins = {name: origin for name, origin in found.evidence.items() if not (name == "source" and source)}
    evidence = origins | {name: "given" for name, value in given.items() if value}
    return Document(
        id=document_id,
        text=text,
        title=title or found.title,
        source=source or found.address,
        outlet=outlet or found.outlet,
        author=author or found.author,
        published=published or found.published,
        modified=modified or found.modified,
        language=language,
        masked=mask_boilerplate(page, found),
        pages=pages,
        evidence=evidence,
    )


def complete(document: Document) -> Document:
    """Return a document given by a program, with its language found where absent. Its text is masked no further.

    Raises:
        CorpusError: it has no id, no text, or words that are not valid Unicode.
    """
    if not document.id.strip():
        raise CorpusError("document_without_id", title=document.title)
    if not document.text.strip():
        raise CorpusError("document_without_text", id=document.id)
    for name in ("id", "text", "title", "source", "outlet", "author"):
        try:
            (getattr(document, name) or "").encode("utf-8")
        except UnicodeEncodeError as error:
            raise CorpusError("document_not_unicode", id=document.id, field=name, offset=error.start) from None
    language = document.language or identify_language(document.text)
    if language == document.language:
        return document
    return replace(document, language=language, evidence={**document.evidence, "language": "text"})
