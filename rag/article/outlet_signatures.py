"""Whose name an outlet signs with, where no name stands at the top of its page.

A picture's credit ends in the outlet's name, or in an agency's; so it needs a second place: the line of rights, an
offer to the visitors, the address of the page. "NAME with agencies" is said by an outlet alone. An address to which
visitors are asked to write to "us" is the outlet's, and so is the name on the page that is written like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from rag.article.author import is_name
from rag.article.line_labels import Page
from rag.article.lines import Line
from rag.article.notices import is_notice
from rag.article.phrases import CREDIT
from rag.article.publishing import kinds_of
from rag.text.normalisation import fold

AGENCY = re.compile(
    r"^(?:ap|afp|reuters|dpa|apa|kna|epd|sid|ansa|agi|adnkronos|efe|europa press|hina|sta|agerpres|mediafax|belga|ats"
    r"|pap|ctk|tass|xinhua|getty(?: images)?|profimedia|imago|bobo|pixsell|cropix|shutterstock|istock"
    r"|inquam(?: photos)?)$",
    re.IGNORECASE,
)
"""What a credit names besides outlets."""

RIGHTS = re.compile(
    r"©|\bcopyright\b|\b(?:all rights|toate drepturile|vse pravice|alle rechte|tous droits|tutti i diritti"
    r"|todos los derechos|sva prava)\b",
    re.IGNORECASE,
)
"""What a line that states the rights in a page says."""

CREDITED = re.compile(r"\s*[/|,©]\s*|\s(?:for|für|pour|per|para|pentru|za|[–—-])\s|\.\.\.|:")
"""What parts the names of a credit: photographer, outlet, agency."""

_WITH = re.compile(
    r"^(?:(?i:by|par|von|di|por|de)\s)?(?P<name>[^\W\d_a-zà-ÿ][^,|:]{2,30}?)\s(?:with|avec|mit|con|cu|z|s)\s"
    r"(?i:AFP|AP|Reuters|dpa|APA|ANSA|EFE|Hina|STA|Agerpres|Mediafax|Belga|agencies|agences|agenturen|agenzie|agencias"
    r"|agenții|agencijami|agencijama)\b[^.]*$"
)
_CAPITALS = re.compile(
    r"[(/|]\s?[^\W\d_a-zà-ÿ][^()/|a-zà-ÿ]{2,40}[/|]\s?(?P<name>[^\W\d_a-zà-ÿ][^()/|a-zà-ÿ]{3,40})\)?$"
)
_MAIL = re.compile(r"\S@(?:[\w-]+\.)*?([\w-]+)\.[a-z]{2,10}\b", re.IGNORECASE)
_WRITTEN = 4  # words of a name that an address is compared with at most
_HOST = 6  # letters of an address at least
_FOOTER = 6  # lines at the end of a page in which it may spell its name out
_TRIED = 20  # credits, and addresses, of a page at most
_LONGEST = 1_000  # characters of a line that are looked at


def signed_outlet(page: Page) -> str | None:
    r"""Return the outlet that signs a picture or a text of the page, and is named as its own in a second way.

    Example:
        >>> from rag.article.line_labels import read_page
        >>> body = "Sodišče je v ponedeljek zavrnilo tožbo občine proti podjetju, ki je gradilo dvorano."
        >>> credit, rights = "Dvorana danes. Foto: Jan Kos/Val", "Val: vse pravice pridržane"
        >>> signed_outlet(read_page("\n\n".join([body, body + " Pritožile se bodo vse stranke.", credit, rights])))
        'Val'
    """
    for line in page.bylines:
        match = _WITH.match(line.text)
        if match and not (is_name(match.group("name")) or kinds_of(match.group("name")) or AGENCY.match(match["name"])):
            return match.group("name").strip()
    own = [line for line in page.furniture if len(line.text) <= _LONGEST]
    credits = {name: (signing, alone) for name, signing, alone in reversed([*islice(_credited(page), _TRIED)])}
    for name, (signing, alone) in reversed(credits.items()):
        others = [line for line in own if line is not signing]
        if any(_is_its(name, line.text, alone) for line in others):
            return _as_written(name, others)
        if name.isupper() and " " not in name and any(abbreviates(name, line.text) for line in own[-_FOOTER:]):
            return name
    return _addressed(own)


def abbreviates(short: str, name: str) -> bool:
    """Say whether capitals are the beginnings of a name's words, or letters of its one long word.

    Example:
        >>> abbreviates("AFN", "Agence francophone de nouvelles"), abbreviates("NWR", "Nordwestrundfunk")
        (True, True)
    """
    words = [word for word in re.findall(r"[^\W\d_]+", fold(name)) if len(word) > 3]
    letters = fold(short)
    if len(letters) < 3 or not words or words[0][0] != letters[0]:
        return False
    if len(words) > 1:
        return "".join(word[0] for word in words) == letters
    rest = iter(words[0])
    return len(words[0]) >= 10 and all(letter in rest for letter in letters)


def short_name(page: Page, name: str) -> str:
    """Return the capitals by which a page that spells its name out calls itself, at its top and elsewhere."""
    for line in page.head:
        for short in re.findall(r"\b[^\W\d_a-zà-ÿ]{3,6}\b", line.text):
            if abbreviates(short, name) and sum(short in other.text for other in page.lines) >= 2:
                return str(short)
    return name


def _credited(page: Page) -> Iterator[tuple[str, Line, bool]]:
    """Yield the last name of each credit, its line, and whether it is the credit's only one."""
    for line in page.lines:
        text = line.text[-200:]
        capitals = _CAPITALS.search(text)
        credit = CREDIT.search(text)
        if not (credit or capitals):
            continue
        parts = [part.strip(" ().") for part in CREDITED.split(text[credit.start() :])] if credit else []
        name = capitals.group("name").strip() if capitals else parts[-1]
        if 1 <= len(name.split()) <= 5 and len(name) >= 3 and name[:1].isupper() and not AGENCY.match(name):
            yield name, line, not capitals and len(parts) <= 2


def _is_its(name: str, text: str, alone: bool) -> bool:
    """Say whether a line names what may be a photographer (`alone` in the credit) or an outlet as the page's own."""
    if not re.search(rf"(?<!\w){re.escape(fold(name))}(?!\w)", fold(text)):
        return False
    person = alone and is_name(name)
    kinds = kinds_of(text)
    offers = len(kinds) >= 3 or (len(kinds) >= 2 and bool(kinds & {"visitor", "outlet"})) or is_notice(text)
    return (offers and (" " in name or len(kinds) >= 3)) or (bool(RIGHTS.search(text)) and not person)


def _as_written(name: str, lines: list[Line]) -> str:
    """Return a name as other lines write it, where the credit is in capitals."""
    if not name.isupper() or " " not in name:
        return name
    for line in lines:
        match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line.text, re.IGNORECASE)
        if match and not match.group().isupper():
            return match.group()
    return name


def _addressed(own: list[Line]) -> str | None:
    """Return the name that is written like the address under which "we" are to be reached."""
    hosts = (host.group(1) for line in own if "outlet" in kinds_of(line.text) and (host := _MAIL.search(line.text)))
    for written in dict.fromkeys(islice(hosts, _TRIED)):
        letters = re.sub(r"\W", "", fold(written))
        for other in own if len(letters) >= _HOST else ():
            words = re.findall(r"(?<![@.\w])[^\W\d_][\w'’-]*(?![@.]\w)", other.text)
            for size in range(1, _WRITTEN + 1):
                for first in range(len(words) - size + 1):
                    name = " ".join(words[first : first + size])
                    if name[:1].isupper() and re.sub(r"\W", "", fold(name)) == letters:
                        return name
    return None
