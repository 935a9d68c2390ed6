"""Who published an article and where, as its page says it: nothing is concluded from looks.

A copyright line often names the company; the name at the top of the page (`mastheads`) goes before it.
"""

from __future__ import annotations

import re
from datetime import date

from rag.article.boilerplate import is_breadcrumb
from rag.article.line_labels import Page
from rag.article.outlet_signatures import RIGHTS
from rag.text.dates.moments import find_moments

_LABELLED_OUTLET = re.compile(
    r"^(?:outlet|publication|publicație|publicația|medij|časopis|zeitung|medium|journal|média|testata|giornale|medio|"
    r"periódico|site|website)"
    r"\s*:\s*(?P<name>\S.{1,60})$", re.IGNORECASE
)  # fmt: skip
_COPYRIGHT = re.compile(
    r"©\s*(?:(?:copyright|19\d\d|20\d\d|[-–,])\s*)*(?P<name>[^\W\d_][\w.&' -]{1,40}?)\s*(?:\.(?!\w)|[,|(]|$|\d{4})",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"reserv|rezervat|riservat|pridržan|vorbehalten|zastrzeżone|vyhrazena", re.IGNORECASE)
_NAME = r"(?P<name>[^\W\d_a-zà-ÿ][^,|:–—.©()]{2,40}?)"
_OWNER = re.compile(  # "Lumina Zilei © 2019–2026", "Le Courrier du Littoral, tous droits réservés"
    rf"^{_NAME}(?:,?\s(?i:d\. ?o\. ?o|d\. ?d|gmbh|srl|s\. ?p\. ?a|ltd)\.?)?"
    r"(?:\s?,?\s*©\s*(?i:copyright\s*)?(?:19|20)\d\d"
    r"|[,.]\s(?i:all rights|toate drepturile|vse pravice|alle rechte|tous droits|tutti i diritti|todos los derechos"
    r"|sva prava)\b)"
)
_IMPRINT = re.compile(rf"^{_NAME}\s[–—-]\s[^\W\d_A-ZÀ-Ý]")  # "The Gazette - a weekly ... ©"
_CREDIT = re.compile(
    r"^(?:foto|photo|fotografija|fotografie|bild|imagen|immagine|snimka|ap|afp|reuters|dpa|apa|ansa|efe|hina|sta)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r",?(?<!\s)\s+(?:d\. ?o\. ?o|d\. ?d|s\.? ?l|s\.? ?a|s\. ?r\. ?l|srl|s\. ?p\. ?a|spa|gmbh|ag|ltd|inc|llc|plc|sas)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:[^\W\d_]{3,10}\s?:\s*)?(?P<address>https?://[^\s/]+/\S*[^\s.,;)])$", re.IGNORECASE)
_ADDRESS_DAY = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)")
_TOP = 12  # lines among which a page gives its own address
_SUFFIX = re.compile(r"\s(?:ediciones|edizioni|editore|verlag|publishing)$", re.IGNORECASE)  # as a legal form
_FOOTER = re.compile(  # the last lines: "Val, e-ISSN 0000-0000", "The Gazette – since 1919"
    r"^(?P<name>[^\W\d_a-zà-ÿ][^,|:–—.]{2,40}?)(?:(?:,\s[^\W\d_A-ZÀ-Ý][^,]{2,40})?,\s(?:e-)?ISSN\b|\s[–—-]\s"
    r"(?:din|od|since|depuis|seit|dal|desde|founded)\s(?:1[789]|20)\d\d$)"
)
_LAST = 4  # lines among which that stands
_PUBLISHER = re.compile(
    r"\b(?:media|group|gruppe|groupe|gruppo|grupo|ediciones|edizioni|editore|verlag|publish\w*|holding"
    r"|corporaci\w*|corporation|company|agency|newspapers|editora|editrice|tisak|mediengesellschaft)\b",
    re.I,
)


def labels_outlet(line: str) -> bool:
    """Say whether a line is a label with the outlet's name: "Publication: ..."."""
    return _LABELLED_OUTLET.match(line) is not None


def labelled_outlet(page: Page, title: str) -> str | None:
    """Return the outlet that a label names, or the address with which a breadcrumb begins."""
    for line in page.head:
        if match := _LABELLED_OUTLET.match(line.text):
            return match.group("name").strip()
        if line.text != title and is_breadcrumb(line):
            first = re.split(r"\s[»>›/]\s", line.text)[0].strip()
            if re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}", first, re.IGNORECASE):
                return first
    return None


def copyright_outlet(page: Page) -> str | None:
    """Return the outlet that the copyright line names, unless that is a company's name."""
    body = frozenset(page.body)
    others = [line.text for line in page.lines if line not in body]
    for text in reversed(others):
        match = _COPYRIGHT.search(_before_legal_form(text))
        name = _SUFFIX.sub("", match.group("name")).strip() if match else ""
        if name and not (_RIGHTS.search(name) or _CREDIT.match(name) or _PUBLISHER.search(name)):
            return name
    for text in reversed(others[-_LAST:]):
        match = _OWNER.match(text) or _FOOTER.match(text) or (_IMPRINT.match(text) if RIGHTS.search(text) else None)
        name = _SUFFIX.sub("", match.group("name")).strip() if match else ""
        if name[:1].isupper() and not (RIGHTS.search(name) or _RIGHTS.search(name) or _PUBLISHER.search(name)):
            return name
    return None


def _before_legal_form(text: str) -> str:
    """Return a line up to the legal form of a company: "© Lumina" of "© Lumina, S.R.L. București"."""
    match = _LEGAL.search(text)
    return text[: match.start()] if match else text


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
