"""Who published an article and where, as its page says it: nothing is concluded from looks.

The name at the top of a page might be a section. It is taken for the outlet where the page names it again as such: in
its copyright line, in its own address, or where it asks to be subscribed to.
"""

from __future__ import annotations

import re
from datetime import date

from rag.indexing.dates import find_moments
from rag.indexing.furniture import is_breadcrumb
from rag.indexing.notices import is_notice
from rag.indexing.page import Page
from rag.text.normalisation import fold

_LABELLED_OUTLET = re.compile(
    r"^(?:outlet|publication|publicație|publicația|medij|časopis|zeitung|medium|journal|média|testata|giornale|medio|"
    r"periódico|site|website)"
    r"\s*:\s*(?P<name>\S.{1,60})$", re.IGNORECASE
)  # fmt: skip
_COPYRIGHT = re.compile(
    r"©\s*(?:(?:copyright|19\d\d|20\d\d|[-–,])\s*)*(?P<name>[^\W\d_][\w.&' -]{1,40}?)\s*(?:[.,|(]|$|\d{4})",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"reserv|rezervat|riservat|pridržan|vorbehalten|zastrzeżone|vyhrazena", re.IGNORECASE)
_CREDIT = re.compile(
    r"^(?:foto|photo|fotografija|fotografie|bild|imagen|immagine|snimka|ap|afp|reuters|dpa|apa|ansa|efe|hina|sta)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r",?\s+(?:d\. ?o\. ?o|d\. ?d|s\.? ?l|s\.? ?a|s\. ?r\. ?l|srl|s\. ?p\. ?a|spa|gmbh|ag|ltd|inc|llc|plc|sas)\b"
    r"\.?.*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:[^\W\d_]{3,10}\s?:\s*)?(?P<address>https?://[^\s/]+/\S*[^\s.,;)])$", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://|www\.|@)(?:www\.)?([\w-]+)\.[\w.-]+", re.IGNORECASE)
_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)")
_TOP = 12  # lines among which a page gives its own address
_MASTHEAD = 5  # words of an outlet's name at most


def labels_outlet(line: str) -> bool:
    """Say whether a line is a label with the outlet's name: "Publication: ..."."""
    return _LABELLED_OUTLET.match(line) is not None


def find_outlet(page: Page, title: str) -> str | None:
    """Return the outlet that a label, a breadcrumb, or the copyright line names, in this order."""
    for line in page.head:
        if match := _LABELLED_OUTLET.match(line.text):
            return match.group("name").strip()
        if line.text != title and is_breadcrumb(line):
            first = re.split(r"\s[»>›/]\s", line.text)[0].strip()
            if re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}", first, re.IGNORECASE):
                return first
    body = frozenset(page.body)
    others = [line.text for line in page.lines if line not in body]
    for text in reversed(others):
        match = _COPYRIGHT.search(_LEGAL.sub("", text))
        if match and not (_RIGHTS.search(match.group("name")) or _CREDIT.match(match.group("name"))):
            return match.group("name").strip()
    return None


def masthead(page: Page) -> str | None:
    """Return the name at the top of a page that the page names again as its own."""
    body = frozenset(page.body)
    others = [line.text for line in page.lines if line not in body]
    for line in page.head[:2]:
        name = line.text
        if line.domain or line.ended or line.words > _MASTHEAD or len(name) < 4:
            continue
        squashed = re.sub(r"\W", "", fold(name))
        hosts = {re.sub(r"\W", "", fold(host)) for text in others for host in _HOST.findall(text)}
        again = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        named = " " in name and any(is_notice(text) and again.search(text) for text in others if text != name)
        if named or squashed in hosts:
            return name
    return None


def find_address(page: Page) -> str | None:
    """Return the one web address that stands alone on a line at the top of a page, or behind a label."""
    found = {m.group("address") for line in page.lines[:_TOP] if (m := _ADDRESS.match(line.text)) and line in page.head}
    return found.pop() if len(found) == 1 else None


def address_day(address: str) -> date | None:
    """Return the day in an address: ".../2026/01/28/kremlin"."""
    match = _ADDRESS_DAY.search(address)
    if match is None:
        return None
    year, month, number = match.groups()
    found = find_moments(f"{year}-{int(month):02}-{int(number):02}")
    return found[0].value if found else None
