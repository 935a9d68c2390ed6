r"""Several articles in one text: exports of Nexis and Factiva, and texts with separators between articles.

Each is a document of its own. What an export says of an article (outlet, date, section, length) is read as its metadata
and masked. Between articles that only a separator parts, nothing of one is claimed for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rag.article.byline import is_name
from rag.errors import ReadError
from rag.readers.content import Content, document, moment, one_line
from rag.readers.doc_elements import closes_element, opens_element, read_attributes
from rag.readers.front_matter import read_front_matter
from rag.records import Document, Failure, Span
from rag.text.language_codes import read_language

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_OF = r"(?:of|de|von|di|van|sur)"
_NUMBERED = re.compile(
    rf"^\s*(?:\d{{1,5}} {_OF} \d{{1,5}} DO[CK]UMENT\w{{0,3}}|DO[CK]UMENTO? \d{{1,5}} {_OF} \d{{1,5}})\s*$",
    re.IGNORECASE,
)
_NEXIS_END = re.compile(r"^\s*End of Document\s*$", re.IGNORECASE)
_FACTIVA_END = re.compile(r"^\s*(?:AN\s+)?Do[ck]ument[oe]? [A-Za-z]{2,12}[A-Za-z0-9]{12,30}\s*$")
_CODE = re.compile(
    r"^(SE|HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|VOL|LA|CY|CX|LP|TD|ART|CO|IN|NS|RE|IPC|IPD|PUB|AN|CT|RF|DLN)(?:\s+(.*))?$"
)
_LABEL = re.compile(
    r"^(?P<name>byline|section|length|dateline|load-date|language|publication-type|journal-code|graphic|highlight|subject"
    r"|company|ticker|organization|person|country|city|state|geographic|industry|document-type|classification|body"
    r"|copyright|acc-no|pub-type|update|type|source|distribution|url|notes|correction|series|column|edition"
    r"|rubrik|länge|autor(?:en)?|ressort|ausgabe|sprache|quellenangabe|publikationstyp|zeitschriftencode|grafik"
    r"|rubrique|longueur|auteur|langue|date-chargement|type-publication|encart|sección|longitud|autora?|idioma"
    r"|fecha-carga|tipo-publicación|sezione|lunghezza|autore|lingua|data-caricamento|tipo-pubblicazione)"
    r"(?:\s*:\s*(?P<value>.*)|\s*)$", re.IGNORECASE
)  # fmt: skip
_AUTHORS = frozenset({"byline", "autor", "autoren", "autora", "auteur", "autore"})
_LANGUAGES = frozenset({"language", "sprache", "langue", "idioma", "lingua"})
_PICTURES = frozenset({"graphic", "grafik", "graphique"})  # a label alone over the caption of a picture
_BY = re.compile(r"(?:by|de|von|par|di|por)\s+(?=[^\W\d_])", re.IGNORECASE)
_ABOVE = 12  # lines of an article of Factiva between its length and its text
_WORDS = re.compile(
    r"^\s*[\d,. ]{1,9} (?:words|mots|palabras|Wörter|parole|palavras|woorden|słów|slov|cuvinte|besed)\s*$", re.I
)
_RIGHTS = re.compile(
    r"^\s*(?:©|\(c\)|copyright\b|all rights reserved|alle rechte|tous droits|todos los derechos|tutti i diritti)",
    re.IGNORECASE,
)
_TIME = re.compile(r"^\s*\d{1,2}:\d\d(?:\s*(?:AM|PM|GMT|CET))?\s*$")
_SHORT_CODE = re.compile(r"^[A-Z0-9]{3,8}$")
_SEPARATOR = re.compile(r"^\s*(?:([=*#_~+%§@^•<>─━═])(?:\s?\1){2,}|-(?:\s?-){2,}|–{3,}|—{3,}|\f+)\s*$")
_COUNTED = re.compile(  # "Article 2"
    r"(?:article|articol(?:ul)?|članek|članak|artikel|artículo|articolo|text|besedilo|story)"
    r"\s*(?:nr\.?|no\.?|št\.?|#)?\s*\d{1,4}[.:)]?",
    re.IGNORECASE,
)
_STRONG = 10  # signs from which a line of them parts articles rather than the parts of one
_SUBJECTS = re.compile(r"\(\d{1,3}%\)")  # "SCHOOLS (90%)": goes on from its label
_LEAST_WORDS = 15  # of an article
_MOST_ARTICLES = 10_000
_UNDERLINE = 3  # signs by which a line under a title may be longer or shorter than it


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One article of a text: where it stands, what is said of it, and which spans of the text say that."""

    start: int
    end: int
    given: Mapping[str, Any] = field(default_factory=dict)
    furniture: tuple[Span, ...] = ()
    stated: bool = False  # by an export: what it does not say of the article is not looked for in its words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    start: int
    end: int
    text: str
    lead: int = 0  # characters before the text


def find_parts(text: str) -> list[Part]:
    r"""Return the articles of a text that holds several, or nothing.

    Example:
        >>> one = "Prvi naslov\n\n" + 20 * "beseda " + "\n"
        >>> [part.start for part in find_parts(one + "==========\n" + one)]
        [0, 165]
    """
    if not _may_hold(text):
        return []
    lines = _lines(text)
    for split, read in (
        (_elements, _read_element),
        (_nexis_classic, _read_classic),
        (_nexis, _read_nexis),
        (_factiva, _read_factiva),
    ):
        if groups := split(lines):
            return [part for group in groups[:_MOST_ARTICLES] if (part := read(group))]
    return _separated(text, lines)


def is_unsure(text: str) -> bool:
    """Return whether a text may hold several articles that are not told apart: then nothing is claimed of them all.

    That is so where lines of signs part it, and several of its parts state dates of their own, but not all.
    """
    if not _may_hold(text):
        return False
    lines = _lines(text)
    heads = [_own_head(text[group[0].start : group[-1].end]) for group in _groups(lines, weak=True)]
    return len(heads) > 2 and 2 <= sum(heads) < len(heads)


def _lines(text: str) -> list[_Line]:
    found = ((m.start(), m.end(), m.group()) for m in _LINE.finditer(text))
    return [
        _Line(start=start, end=end, text=line.strip(), lead=len(line) - len(line.lstrip()))
        for start, end, line in found
    ]


_HINTS = re.compile(
    rf"(?m)^[ \t]*(?:([=*#_~+\-–—%§@^•<>─━═])(?:\s?\1){{2}}|(?i:{_COUNTED.pattern})[ \t]*\r?$|(?i:<doc\b))|\f"
)


def _may_hold(text: str) -> bool:
    lowered = text.lower()
    return "document" in lowered or "dokument" in lowered or _HINTS.search(text) is not None


def _elements(lines: list[_Line]) -> list[list[_Line]]:
    """Return the lines of each article that stands between tags, with its opening tag, and what is outside of them."""
    groups: list[list[_Line]] = [[]]
    closed = 0
    for line in lines:
        if opens_element(line.text):
            groups.append([])
        groups[-1].append(line)
        if closes_element(line.text):
            groups.append([])
            closed += 1
    opened = sum(opens_element(group[0].text) for group in groups if group)
    if not opened or closed != opened:
        return []
    return [group for group in groups if group and (opens_element(group[0].text) or _rest(group))]


def _read_element(group: list[_Line]) -> Part:
    tags = [line for line in (group[0], group[-1]) if opens_element(line.text) or closes_element(line.text)]
    return _part(group, read_attributes(group[0].text), tags)


def _nexis_classic(lines: list[_Line]) -> list[list[_Line]]:
    starts = [at for at, line in enumerate(lines) if _NUMBERED.match(line.text)]
    return _rest(lines[: starts[0]] if starts else []) + [
        lines[start + 1 : end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=False)
    ]


def _nexis(lines: list[_Line]) -> list[list[_Line]]:
    ends = [at for at, line in enumerate(lines) if _NEXIS_END.match(line.text)]
    groups = [lines[start:end] for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]
    return groups + _rest(lines[ends[-1] + 1 :] if ends else [])


def _factiva(lines: list[_Line]) -> list[list[_Line]]:
    ends = [at for at, line in enumerate(lines) if _FACTIVA_END.match(line.text)]
    groups = [lines[start : end + 1] for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]
    return groups + _rest(lines[ends[-1] + 1 :] if ends else [])


def _rest(lines: list[_Line]) -> list[list[_Line]]:
    """Return what an export has before or after its articles, unless it is a remark of a few words."""
    return [lines] if sum(len(line.text.split()) for line in lines) >= _LEAST_WORDS else []


def _read_classic(group: list[_Line]) -> Part | None:
    """Return the article of an older export of Nexis: outlet, date and headline, then labels, text, labels."""
    filled = [line for line in group if line.text]
    if not filled:
        return None
    labelled = next((at for at, line in enumerate(filled) if _is_label(line)), len(filled))
    head = [line for line in filled[:labelled] if not _RIGHTS.match(line.text)]
    dated = next((at for at, line in enumerate(head) if _dated(line)), None)
    if dated is None:
        return _part(group, {}, [])
    title = next((line.text for line in head[dated + 1 :] if not line.text.lower().endswith("edition")), "")
    given = {"outlet": head[0].text if dated else "", "published": _dated(head[dated]), "title": title}
    return _labelled(group, filled, labelled, given)


def _read_nexis(group: list[_Line]) -> Part | None:
    """Return the article of an export of Nexis Uni: headline, outlet and date, then labels, "Body", text, labels."""
    filled = [line for line in group if line.text]
    dated = next((at for at, line in enumerate(filled) if _dated(line) and at >= 2), None)
    if dated is None:
        return _part(group, {}, [])
    given = {"title": filled[dated - 2].text, "outlet": filled[dated - 1].text, "published": _dated(filled[dated])}
    return _labelled(group, filled, dated + 1, given)


def _labelled(group: list[_Line], filled: list[_Line], first: int, given: dict[str, Any]) -> Part:
    """Return an article whose labels before and after its text are read and masked."""
    masked = list(filled[:first])
    body = next((at for at, line in enumerate(filled) if line.text.lower() == "body" and at >= first), None)
    at = first
    while at < len(filled) and (at <= body if body is not None else _is_about(filled[at])):
        _say(filled[at], given)
        masked.append(filled[at])
        at += 1
    end = len(filled)
    while end > at and (_is_about(filled[end - 1]) or _SUBJECTS.search(filled[end - 1].text)):
        end -= 1
        _say(filled[end], given)
        masked.append(filled[end])
    caption = next((at for at in range(max(first, end - 4), end) if filled[at].text.lower() in _PICTURES), end)
    masked += filled[caption:end]
    return _part(group, given, masked)


def _is_about(line: _Line) -> bool:
    """Return whether a line tells of an article rather than being part of it."""
    return _is_label(line) or _RIGHTS.match(line.text) is not None


def _is_label(line: _Line) -> bool:
    match = _LABEL.match(line.text)
    return match is not None and (
        match.group("value") is not None or match.group("name").lower() in ("body", "classification")
    )


def _say(line: _Line, given: dict[str, Any]) -> None:
    match = _LABEL.match(line.text)
    name, value = (match.group("name").lower(), (match.group("value") or "").strip()) if match else ("", "")
    if name in _AUTHORS and value:
        given["author"] = one_line(re.sub(r"^by\s+", "", value, flags=re.IGNORECASE))
    elif name in _LANGUAGES and value:
        given["language"] = read_language(value.split(";")[0])


def _read_factiva(group: list[_Line]) -> Part | None:
    filled = [line for line in group if line.text]
    codes = [(at, match) for at, line in enumerate(filled) if (match := _CODE.match(line.text))]
    if {match.group(1) for _, match in codes} >= {"HD", "SN"}:
        return _read_codes(group, filled, codes)
    counted = next((at for at, line in enumerate(filled) if _WORDS.match(line.text)), None)
    if counted is None or counted == 0:
        return _part(group, {}, filled[-1:])
    given: dict[str, Any] = {}
    head = [line.text for line in filled[:counted]]  # a section may stand over the headline
    if len(head) > 1 and (_BY.match(head[-1]) or is_name(head[-1])):
        given["author"] = one_line(_BY.sub("", head.pop(), count=1))
    given["title"] = head[-1]
    at = counted + 1
    last = min(len(filled) - 1, counted + _ABOVE)
    rights = next((place for place in range(at, last) if _RIGHTS.match(filled[place].text)), at - 1)
    while at < last:
        line = filled[at]
        if _dated(line) and "published" not in given:
            given["published"] = _dated(line)
        elif "published" in given and "outlet" not in given and not _TIME.match(line.text):
            given["outlet"] = line.text
        elif "outlet" in given and (code := read_language(line.text)) and len(line.text) > 3:
            given["language"] = code
        elif at > rights and not (
            _TIME.match(line.text) or _SHORT_CODE.match(line.text) or _RIGHTS.match(line.text) or len(line.text) < 6
        ):
            break
        at += 1
    return _part(group, given, [*filled[:at], filled[-1]])


def _read_codes(group: list[_Line], filled: list[_Line], codes: list[tuple[int, re.Match[str]]]) -> Part:
    """Return an article whose fields are marked with codes, as Factiva does on request."""
    values: dict[str, str] = {}
    masked: list[_Line] = []
    for (at, match), end in zip(codes, [*(at for at, _ in codes[1:]), len(filled)], strict=True):
        lines = filled[at:end]
        values[match.group(1)] = " ".join([match.group(2) or "", *(line.text for line in lines[1:])]).strip()
        if match.group(1) in ("LP", "TD"):
            mark = lines[0]
            masked.append(replace(mark, end=mark.start + mark.lead + match.start(2)) if match.group(2) else mark)
        masked += lines if match.group(1) not in ("LP", "TD") else []
    given = {
        "title": values.get("HD", ""),
        "outlet": values["SN"],
        "author": one_line(re.sub(r"^by\s+", "", values.get("BY", ""), flags=re.IGNORECASE)),
        "published": moment(values.get("PD", "")),
        "language": read_language(values.get("LA", "")),
    }
    return _part(group, given, masked)


def _part(group: list[_Line], given: Mapping[str, Any], masked: list[_Line]) -> Part:
    start = group[0].start
    spans = tuple(sorted({(line.start - start, line.end - start) for line in masked}))
    return Part(start=start, end=group[-1].end, given=given, furniture=spans, stated=bool(given))


def _dated(line: _Line) -> Any:
    """Return the date that is all that a line says, or None."""
    if not 6 <= len(line.text) <= 60 or len(line.text.split()) > 7:
        return None
    return moment(line.text)


def _separated(text: str, lines: list[_Line]) -> list[Part]:
    groups = _groups(lines, weak=False)
    if sum(_words(text, group) >= _LEAST_WORDS for group in groups) < 2:
        groups = _groups(lines, weak=True)
        if len(groups) < 2 or not all(_own_head(text[group[0].start : group[-1].end]) for group in groups):
            return []
    return [Part(start=group[0].start, end=group[-1].end) for group in groups[:_MOST_ARTICLES]]


def _groups(lines: list[_Line], *, weak: bool) -> list[list[_Line]]:
    """Return the lines between separators, without blank groups."""
    groups: list[list[_Line]] = [[]]
    for at, line in enumerate(lines):
        if _is_separator(lines, at, weak=weak):
            groups.append([])
        else:
            groups[-1].append(line)
    return [group for group in groups if any(line.text for line in group)]


def _is_separator(lines: list[_Line], at: int, *, weak: bool) -> bool:
    line = lines[at]
    if _COUNTED.fullmatch(line.text):
        return weak
    if not _SEPARATOR.match(line.text) and line.text.strip("\f") != "":
        return False
    if not line.text:
        return False
    signs = len(line.text.replace(" ", ""))
    before = lines[at - 1].text if at else ""
    if before and abs(len(before) - len(line.text)) <= _UNDERLINE:  # the title above is underlined
        return False
    return weak or signs >= _STRONG or "\f" in line.text


def _words(text: str, group: list[_Line]) -> int:
    return len(text[group[0].start : group[-1].end].split())


def _own_head(text: str) -> bool:
    """Return whether a text states a title and a date, an author or an outlet of its own, and is an article long."""
    from rag.article.metadata import find_metadata

    if len(text.split()) < _LEAST_WORDS:
        return False
    if read_front_matter(text):
        return True
    found = find_metadata(text)
    return bool(found.title and (found.published or found.author or found.outlet))


def written(content: Content, text: str, given: Mapping[str, Any]) -> Iterator[Document | Failure]:
    """Yield the document of an office document's text, or those of the articles that it holds.

    Raises:
        ReadError: there is nothing but whitespace.
    """
    parts = find_parts(text)
    if parts:
        yield from read_parts_of(content, text, parts, pure=True)
    else:
        yield document(content, text, given=given, pure=True)


def read_parts_of(
    content: Content, text: str, parts: list[Part], *, pure: bool = False, pages: tuple[int, ...] = ()
) -> Iterator[Document | Failure]:
    """Yield the articles of a text that holds several, with the ids `path#1`, `path#2` and so on.

    `pages` are the offsets at which the pages of the text begin, where it has any.
    """
    for number, part in enumerate(parts, start=1):
        inner = content.part(str(number), b"", content.suffix) if len(parts) > 1 else content
        own = text[part.start : part.end]
        if not part.given and (front := read_front_matter(own)):
            told = {**front.given, **({"source": front.source} if front.source else {})}
            part = replace(part, given=told, furniture=((0, front.end),))
        given = dict(part.given)
        source = given.pop("source", None)
        try:
            found = document(
                inner,
                own,
                given=given,
                source=source,
                furniture=part.furniture,
                pure=pure or part.stated,
                pages=tuple(max(0, start - part.start) for start in pages if start < part.end),
            )
        except ReadError as error:
            yield Failure.from_error(inner.id, error)
            continue
        yield replace(found, source=found.url or inner.source)
