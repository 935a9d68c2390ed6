"""The article beside the answer, to HTML: the cited words in it, what else matched, and how the citation stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from markupsafe import Markup

from rag import Document, Standing
from rag.web.diff import compare
from rag.web.highlight import MOST_SHOWN, Piece, Span, cut_article, shown_span
from rag.web.i18n import Words, fill, words
from rag.web.origins import find_origins
from rag.web.url_state import DIGEST_LENGTH, Place, View

Original = Literal["", "file", "pages"]
"""What there is of the file of an article: nothing, the file, or a file whose pages can be shown."""

_MOST_QUOTED = 20_000  # characters repeated where they cannot be highlighted; a passage has a tenth
_FIRST_WORDS = 90
"""Characters of a passage by which it is named: more than a line has room for, the rest is cut by the style."""


def render_article(
    document: Document | None,
    place: Place | None,
    *,
    language: str,
    others: Sequence[Span] = (),
    quoted: str = "",
    standing: Standing | None = None,
    original: Original = "",
) -> str:
    """Return the article with the cited span highlighted, or a plain word that the citation no longer holds.

    Args:
        document: the text that was cited, else the article as it is now; None when it is no longer there.
        place: what was cited; None where the link could not be read.
        language: the interface language.
        others: further spans of the same text that matched, marked more lightly.
        quoted: the words that were shown as cited; repeated when they can no longer be highlighted.
        standing: how the citation stands; without it nothing is said of earlier texts.
        original: whether its file can be opened, or its pages shown, too.
    """
    say = words(language)
    state = "unknown" if place is None else "gone" if document is None else "whole" if place.is_whole else "changed"
    cited: Span | None = None
    if document is not None and place is not None and document.sha256.startswith(place.digest):
        inside = place.holds(document)
        state, cited = ("cited", (place.start, place.end)) if inside else ("outside", None)
    earlier = _earlier(standing, say) if cited and standing is not None else None
    page = document.page_at(place.start) if document is not None and place is not None and cited else None
    return fill(
        "article.html",
        language,
        document=document,
        place=place,
        state="earlier" if earlier else state,
        earlier=earlier,
        removed=say.date(standing.removed.astimezone()) if standing is not None and standing.removed else None,
        blocks=_blocks(document, cited, others if cited else ()) if document is not None and place is not None else [],
        page=page,
        also=_also(document, cited, others) if document is not None and cited else (),
        shortened=_shortened(document, cited, say) if document is not None else "",
        quoted=quoted[:_MOST_QUOTED],
        origins=find_origins(document, say) if document is not None else (),
        characters=say.integer(len(document.text)) if document is not None else "",
        source=_web_address(document.source if document else None),
        original=original,
    )


def _shortened(document: Document, cited: Span | None, say: Words) -> str:
    """Return what is said of an article of which only a stretch is shown."""
    if len(document.text) <= MOST_SHOWN:
        return ""
    start, end = shown_span(document, cited)
    total = say.integer(len(document.text))
    return say("article_shortened", start=say.integer(start + 1), end=say.integer(end), n=total)


def render_empty_article(language: str) -> str:
    """Return what stands in the article's place while no citation is open."""
    return fill("empty.html", language)


def _earlier(standing: Standing, say: Words) -> Mapping[str, object] | None:
    """Return what the template shows of a text that was replaced: when, what changed, and the article as it is now."""
    version, then, now = standing.version, standing.document, standing.present
    if version is None or then is None or now is None:
        return None
    place = standing.place
    return {
        "stored": say.date(version.stored.astimezone()),
        "replaced": say.date(version.replaced.astimezone()),
        "place": Place.of(place) if place else None,
        "url": View().address(Place.of(place)) if place else None,
        "change": compare(then, now),
        "language": now.language,
        "now": _blocks(now, (place.start, place.end) if place else None, anchored=True),
    }


def _blocks(
    document: Document, cited: Span | None, others: Sequence[Span] = (), *, anchored: bool = False
) -> list[Mapping[str, object]]:
    blocks: list[Mapping[str, object]] = []
    for block in cut_article(document, cited, others):
        html, anchored = _article_pieces(block.pieces, anchored)
        blocks.append({"html": html, "furniture": block.furniture, "lines": block.lines, "page": block.page})
    return blocks


def _article_pieces(pieces: Sequence[Piece], anchored: bool) -> tuple[Markup, bool]:
    """Return a block's HTML; the first cited piece of the article is the place that is scrolled to and focused."""
    parts: list[Markup] = []
    for piece in pieces:
        if not piece.kind or not piece.text.strip():
            parts.append(Markup("{}").format(piece.text))
        elif piece.kind == "cited" and not anchored:
            parts.append(Markup('<mark class="cited" id="cited" tabindex="-1">{}</mark>').format(piece.text))
            anchored = True
        else:
            parts.append(Markup('<mark class="{}">{}</mark>').format(piece.kind, piece.text))
    return Markup("").join(parts), anchored


def _also(document: Document, cited: Span, others: Sequence[Span]) -> list[tuple[Place, str]]:
    """Return the further passages that matched, with their first words, in the order of the article.

    A quote inside a passage is that passage, and so is one that shares words with what is cited.
    """
    apart = {span for span in others if span[1] <= cited[0] or cited[1] <= span[0]}
    kept = [
        (start, end)
        for start, end in sorted(apart)
        if not any(other != (start, end) and other[0] <= start and end <= other[1] for other in apart)
    ]
    return [
        (
            Place(document_id=document.id, digest=document.sha256[:DIGEST_LENGTH], start=start, end=end),
            " ".join(document.text[start : min(end, start + _FIRST_WORDS)].split()),
        )
        for start, end in kept
    ]


def _web_address(source: str | None) -> str | None:
    # only these schemes become links: a document must not be able to bring a javascript: address
    return source if source and source.startswith(("https://", "http://")) else None
