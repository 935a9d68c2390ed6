"""Who published an article and where, as its page says it: nothing is concluded from looks."""

from __future__ import annotations

import re
from datetime import date

from rag.article.labelled_page import Page
from rag.article.title import SITE
from rag.text.dates.moments import find_moments
from rag.text.normalisation import fold

_LABELLED = re.compile(
    r"^(?:outlet|publication|publicație|publicația|medij|časopis|zeitung|medium|journal|média|testata|giornale|medio|"
    r"periódico|site|website)\s*:\s*(?P<name>\S.{1,60})$",
    re.IGNORECASE,
)
_BREADCRUMB = re.compile(r"^(?P<name>[^!?:]{2,40}?)\s[»>›/]\s.{2,}")
_HOST = re.compile(r"^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}$", re.IGNORECASE)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s{0,3}(?:(?:copyright|©|19\d\d|20\d\d|[-–,])\s{0,3}){0,5}"
    r"(?P<name>[^\W\d_][\w.&' -]{1,40}?)\s{0,3}"
    r"(?:\.(?!\w)|[,|(]|$|\d{4})",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"reserv|rezervat|riservat|pridržan|vorbehalten|zastrzeżone|vyhrazena|forbehold|voorbehouden|rights", re.IGNORECASE
)
_CREDIT = re.compile(
    r"^(?:foto|photo|fotografija|fotografie|bild|imagen|immagine|snimka|ap|afp|reuters|dpa|apa|ansa|efe|hina|sta)\b",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r",?\s{1,3}(?:d\. ?o\. ?o|d\. ?d|s\.? ?l|s\.? ?a|s\. ?r\. ?l|srl|s\. ?p\. ?a|spa"
    r"|gmbh|ag|ltd|inc|llc|plc|sas)\b\.?.*$",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(
    r"\b(?:media|group|gruppe|groupe|gruppo|grupo|ediciones|edizioni|editore|verlag|publish\w*|holding|corporation"
    r"|company|agency|newspapers|editora|editrice)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:[^\W\d_]{3,10}\s?:\s*)?(?P<address>https?://[^\s/]+/\S*[^\s.,;)])$", re.IGNORECASE)
_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)")
_ADDRESSED = re.compile(r"(?:https?://|www\.|@)(?:[\w-]+\.)*?([\w-]+)\.[a-z]{2,10}\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|die|der|das|la|le|les|il|lo|el|los)\s+|^l['’]", re.IGNORECASE)
_FIRST = 20  # lines among which the outlet's name stands
_SHORTEST = 4  # letters of a name that an address or a line of rights confirms
_HOST_PART = 6  # letters of a host that stand for the whole name at least
_TOP = 12  # lines among which a page gives its own address
_VERY_TOP = 3  # lines among which a page's own domain stands
_NAME = 4  # words of an outlet's name at most
_LONGEST = 300  # characters of a line that names an outlet


def find_outlet(page: Page, title: str) -> str | None:
    """Return the outlet that a label, a breadcrumb's address, the window's title or the copyright line names."""
    head = [line for line in page.head if len(line.text) <= _LONGEST]
    for line in head:
        if match := _LABELLED.match(line.text):
            return match.group("name").strip()
        crumb = _BREADCRUMB.match(line.text)
        if crumb and line.text != title and _HOST.match(crumb.group("name")):
            return crumb.group("name")
    for line in head:
        site = split_site(line.plain)
        if title and site[0] == title and site[1]:
            return site[1]
    owner = _masthead(page, title) or _copyright(page)
    if owner is not None:
        return owner
    return next((line.text for line in page.lines[:_VERY_TOP] if _HOST.match(line.text)), None)


def split_site(title: str) -> tuple[str, str | None]:
    """Part "Headline | Outlet" as pages write their window's title.

    Example:
        >>> split_site("Premierul pleacă | Gazeta")
        ('Premierul pleacă', 'Gazeta')
    """
    for match in reversed(list(SITE.finditer(title))):
        name, rest = title[match.end() :].strip(), title[: match.start()].strip()
        bar = match.group().strip() in ("|", "｜", "•", "·")
        if bar and name and len(rest.split()) >= 2 and len(name.split()) <= _NAME:
            return rest, name
    return title.strip(), None


def _masthead(page: Page, title: str) -> str | None:
    """Return a short line at the top that is the page's own address, or that a line of rights names."""
    others = [line.plain for line in page.boilerplate if len(line.text) <= _LONGEST]
    hosts = {_letters(host) for text in others for host in _ADDRESSED.findall(text)}
    rights = [text for text in others if "©" in text or _RIGHTS.search(text)]
    for line in page.head[:_FIRST]:
        name = line.plain.strip()
        if not (name[:1].isupper() and len(name.split()) <= _NAME and name != title) or line.ended or line.stamp:
            continue
        letters = _letters(_ARTICLE.sub("", name))
        named = any(name in text and name != text.strip() for text in rights)
        addressed = any(letters == host or (len(host) >= _HOST_PART and letters.startswith(host)) for host in hosts)
        if len(letters) >= _SHORTEST and (addressed or named):
            return name
    return None


def _letters(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def _copyright(page: Page) -> str | None:
    """Return the outlet that the last copyright line names, unless that is a company's name."""
    own = frozenset(line.start for line in page.boilerplate)
    for line in reversed(page.lines):
        if len(line.text) > _LONGEST or not (line.start in own or "©" in line.text):
            continue
        match = _COPYRIGHT.search(_COMPANY.sub("", line.plain))
        name = match.group("name").strip() if match else ""
        if name[:1].isupper() and not (_RIGHTS.search(name) or _CREDIT.match(name) or _PUBLISHER.search(name)):
            return name if len(name.split()) <= _NAME + 1 and fold(name) != "all" else None
    return None


def find_address(page: Page) -> str | None:
    """Return the one web address that stands alone on a line at the top of a page, or behind a label."""
    head = frozenset(line.start for line in page.head)
    found = {
        match.group("address")
        for line in page.lines[:_TOP]
        if line.start in head and (match := _ADDRESS.match(line.text))
    }
    return found.pop() if len(found) == 1 else None


def address_day(address: str) -> date | None:
    """Return the day in an address: ".../2026/01/28/kremlin"."""
    match = _ADDRESS_DAY.search(address)
    if match is None:
        return None
    year, month, number = match.groups()
    found = find_moments(f"{year}-{int(month):02}-{int(number):02}")
    return found[0].value if found else None
