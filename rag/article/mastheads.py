"""The name at the top of a page, where it can be known for the outlet's: by itself it might be a section.

It is the outlet's where the page names it again as its own: in its copyright line or footer, in its own address, in a
picture's credit, in what it offers to its visitors, or as whom somebody told something. So it is, too, where it calls
itself a newspaper (a gazette, a Tagblatt) and stands among the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.article.author import byline_author
from rag.article.boilerplate import is_breadcrumb, is_keywords
from rag.article.line_labels import Page
from rag.article.lines import Line
from rag.article.notices import is_notice
from rag.article.outlet_signatures import CREDITED, RIGHTS
from rag.article.phrases import CREDIT, is_bar, is_form, opens_related
from rag.article.publishing import kinds_of
from rag.text.normalisation import fold

_TOP = 20  # lines among which the name stands
_LONGEST = 5  # words of it at most
_SHORTEST = 3  # letters
_HOST_PART = 6  # letters of a host that stand for the whole name at least
_BARE_HOST = 5  # letters of one without "www"
_KINDS = frozenset(("news", "online", "tv", "radio"))
_FIRST = 8  # lines of the top, buttons aside, among which a name alone tells enough
_HOST = re.compile(r"(?:https?://|www\.|@)(?:[\w-]+\.)*?([\w-]+)\.[a-z]{2,10}\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|die|der|das|la|le|les|il|lo|el|los)\s+|^l['’]", re.IGNORECASE)
_TOLD = (
    r"(?:told|declarat pentru|povedal\w* za|kaza[ol]\w* za|re(?:kao|kla) za"
    r"|(?:déclaré|confié|expliqué) (?:à|au)"
    r"|(?:detto|dichiarato) (?:a|al)|(?:dicho|dijo|declaró|explicó) (?:a|al)|gegenüber (?:der|dem)"
    r"|consultat\w* de|transmis\w*|übermittelt durch)\s+"
)
_TOLD_AFTER = r"(?:\s+(?:povedal|izjavi|kaza|rekao|rekla|pojasni)\w*)"
_LEGAL = r",?\s+(?:d\. ?o\. ?o|d\. ?d|s\.? ?l|s\.? ?a|s\. ?r\. ?l|SRL|GmbH|AG|Ltd|Inc|LLC|e-ISSN|ISSN)\b"
_STAFF = (  # "is a state political reporter for The Tasman Age"
    r"\b(?:reporter|correspondent|editor|columnist|redact\w*|redakt\w*|redatt\w*|journalist\w*|giornalista|periodista"
    r"|jurnalist\w*|novinar\w*|urednic\w*|urednik\w*)(?:\s\w+){0,3}?"
    r"\s(?:for|at|of|di|del|della|de|des|du|la|pour|für|bei|beim|der|pri|za|u)\s+"
)
_DOMAIN = re.compile(r"^(?:www\.)?(?P<name>[\w-]{3,})\.[a-z]{2,10}$", re.IGNORECASE)
_VERY_TOP = 3  # lines among which a page's own domain stands
_DESCRIBED = re.compile(r"\s[–—-]\s")  # "Actualpres - Agenție de presă"
_SAYS = r"(?:,\s|\s[–—-]\s|\s)(?:[^\W\d_A-ZÀ-Ý])"  # the name, and the sentence goes on in lower case
_PAPER = re.compile(
    r"(?:\b(?:gazet\w*|gazzett\w*|cotidian\w*|quotidien\w*|quotidian\w*|ziarul|monitorul|curierul|jurnalul|evenimentul|voce"
    r"|courrier|depeche|telegra\w*|herald|tribun\w*|ledger|chronicle|courier|observer|sentinel|examiner|guardian|diario"
    r"|heraldo|correo|voz|noticiero|faro|giornale|messaggero|corriere|eco|glas|glasnik|vjesnik|list|dnevnik|journal|portal"
    r"|weekly|quarterly|magazin\w*|revista|revija|rivista|revue|tednik|tjednik)|(?:tag|zeit|abend|wochen|volks|sonntags|handels)e?blatt|zeitung|anzeiger|rundschau|bote|kurier|nachrichten|allgemeine|post)\b"
)


def masthead(page: Page, title: str) -> str | None:
    r"""Return the name at the top of a page that the page names again as its own, or that names a newspaper.

    Example:
        >>> from rag.article.line_labels import read_page
        >>> body = "Sodišče je v ponedeljek zavrnilo tožbo občine proti podjetju, ki je gradilo dvorano."
        >>> lines = ["Val", "Novice", "Tožba zavrnjena", body, "© 2026 Val, d. o. o."]
        >>> masthead(read_page("\n\n".join(lines)), "Tožba zavrnjena")
        'Val'
    """
    body = frozenset(page.body)
    others = [line for line in page.lines if line not in body]
    named: list[str] = []
    for name in _candidates(page, title):
        rest = (line for line in page.lines if line.text != name)
        if _is_host(name, others) or any(_names(name, line, inside=line in body, first=not named) for line in rest):
            return name
        named.append(name)
    return next((name for name in named[:_FIRST] if _is_paper(name)), None) or _domain(page, others)


def _domain(page: Page, others: list[Line]) -> str | None:
    """Return the domain alone at the very top, or the name in it where the page writes that without its ending."""
    for line in page.head[:_VERY_TOP]:
        if match := _DOMAIN.match(line.text):
            bare = re.compile(rf"(?<![\w@./-]){re.escape(match['name'])}(?![\w@/-]|\.\w)", re.IGNORECASE)
            return next((found.group() for other in others if (found := bare.search(other.text))), line.text)
    return None


def _candidates(page: Page, title: str) -> Iterator[str]:
    """Yield the short lines above the headline that may be a name, where a breadcrumb begins, who an author is of."""
    under = False  # the headline: there only the author's outlet stands
    for line in page.head[:_TOP]:
        under = under or line.text == title or bool(title and line.text.endswith(title))
        name = line.text
        if under and not byline_author(name):
            continue
        if is_breadcrumb(line):
            name = re.split(r"\s[»>›/]\s", name)[0].strip()
        elif line in page.lines[:_VERY_TOP] and is_keywords(line) and (cells := re.split(r"\s?[|·•]\s", name))[1:]:
            name = _DESCRIBED.split(cells[0])[0].strip()  # a menu begins with the name
            if is_bar(name) or kinds_of(name):
                continue
        elif line.ended or line.stamp or is_keywords(line) or is_bar(name) or is_form(name) or opens_related(name):
            continue
        if author := byline_author(name):
            name = name.partition(author)[2].strip(" ,|•·–—-")  # "By Ana Novak, The Gazette"
        name = _DESCRIBED.split(name)[0].strip() if line in page.lines[:_VERY_TOP] else name
        first = _ARTICLE.sub("", name)[:1]  # "la Tribuna"
        proper = (first.isupper() or first.isdigit()) and not (re.search(r"[,:!?|]", name) or len(kinds_of(name)) >= 2)
        if (
            proper
            and len(name.split()) <= _LONGEST
            and len(re.sub(r"\W", "", name)) >= _SHORTEST
            and not is_notice(name)
        ):
            yield name


def _names(name: str, line: Line, *, inside: bool, first: bool) -> bool:
    """Say whether another line names it as the page's own; `inside` the article only a credit or what was told does."""
    text = line.text
    if len(text) > 1_000:
        text = text[:500] + text[-500:]
    bare = _ARTICLE.sub("", name)
    if bare.partition(" ")[0].lower() not in text.lower():  # before any pattern is made: most lines do not
        return False
    whole = rf"(?<![\w]){re.escape(name)}(?!\w)"
    credit = CREDIT.search(text, max(0, len(text) - 200))
    tail = text[credit.start() :] if credit else text.rpartition("|")[2] if "|" in text else ""
    named = any(fold(part.strip(" ().")) in (fold(bare), fold(name)) for part in CREDITED.split(tail))
    if named and len(tail) > len(name) + 2:
        return " " in name or credit is not None
    if re.search(_TOLD + whole, text) or re.search(whole + _TOLD_AFTER, text) or _signs(bare, line):
        return True
    if inside:
        return False
    if line.ended and re.search(_STAFF + whole, text):
        return True
    if RIGHTS.search(text):
        folded, owner = fold(bare), fold(RIGHTS.sub(" ", text))
        first_word, *more = bare.split()  # "NBN" for "NBN News"
        short = first_word.isupper() and (fold(" ".join(more)) in _KINDS or "".join(more).isdigit())
        return _stands(folded, owner) or (short and _stands(fold(first_word), owner))
    if not re.search(whole, text):
        return False
    kinds = kinds_of(text)
    offers = is_notice(text) or len(kinds) >= 2 or "channel" in kinds
    many = " " in name
    goes_on = re.match(whole + _SAYS, text) is not None
    legal = re.match(whole + _LEGAL, text) is not None
    return legal or (many and (goes_on or offers)) or (offers and first and line.ended)


def _signs(bare: str, line: Line) -> bool:
    """Say whether a line ends with the name in capitals, as a picture is credited: "... | LE COURRIER DU BOCAGE"."""
    end = line.text.rstrip(" »”\"').]")
    before = end[: -len(bare)].rstrip(" «“\"'’")
    capital = end.endswith(bare.upper()) and not bare.isupper() and line.words >= len(bare.split()) + 3
    return capital and (
        before.endswith(tuple("|/(©-–—")) or before.rpartition(" ")[2].isupper() or before.endswith(" L")
    )


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _is_host(name: str, lines: list[Line]) -> bool:
    """Say whether the page's own addresses are the name: "newsdesk@northfirth.example" of North Firth News."""
    squashed = re.sub(r"\W", "", fold(_ARTICLE.sub("", name)))
    hosts = {re.sub(r"\W", "", fold(host)) for line in lines for host in _HOST.findall(line.text)}
    if any(host == squashed or (len(host) >= _HOST_PART and squashed.startswith(host)) for host in hosts):
        return True
    bare = rf"(?<![\w.]){re.escape(squashed)}\.[a-z]{{2,10}}\b"  # "Recent stories from kvrd6.example"
    return len(squashed) >= _BARE_HOST and any(re.search(bare, fold(line.text)) for line in lines if not line.domain)


def _is_paper(name: str) -> bool:
    """Say whether a name calls itself a newspaper: in a word beside another, or at the end of a longer one."""
    match = _PAPER.search(fold(name))
    if match is None or re.search(r"\b(?:presei|prensa|presse|stampa|tiska|tisk)\b", fold(name)):  # a press review
        return False
    return len(name.split()) > 1 or match.start() >= _SHORTEST
