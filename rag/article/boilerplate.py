"""The lines of a page that are furniture by their own words, or by those of their block.

Blank lines part most pages into blocks. What announces itself takes its block along: the links under "Read also", the
box around a field for an address.
"""

from __future__ import annotations

import re
from itertools import pairwise

from rag.article.appeals import has_subject, hints_appeal, is_appeal
from rag.article.author import byline_author, byline_authors, is_name
from rag.article.blocks import page_blocks
from rag.article.lines import HEADING, PARAGRAPH, Line
from rag.article.notices import is_notice
from rag.article.phrases import is_bar, is_comments, is_form, is_related_link, opens_related
from rag.article.publishing import is_own, kinds_of, may_be_own, speaks_for_outlet
from rag.text.dates.moments import without_dates
from rag.text.normalisation import fold

TEASER = 40
"""Words up to which a paragraph may be the summary of another story."""

_BUTTON = 5  # words of a line that goes with the furniture around it at most
_SHORT = 25  # words of a line in a box that asks for an address at most
_BOX = 8  # lines of such a box at most

_SENTENCE = 3  # words of a sentence that the article may consist of, in an interview for example
_HEAD = 20  # lines among which a byline stands at the top of a page
_NAME = 4  # words of an outlet's name at the top of its page at most
_UNDER = 10  # lines under a standfirst among which a byline stands
_NOTE = 25  # words of a note on the author at most
_HEADING = 6  # words of the heading of an offer at most
_OFFER = 20  # words under it
_KINDS = 3  # of words of publishing in a line whose button follows
_NEWSLETTER = re.compile(r"\b(?:newsletter|newslettr|e-novic|buletin|bilten|boletin|briefing)")
_BREADCRUMB = re.compile(r"^[^!?:]{2,40}\s[»>›/]\s.{2,}")
_INITIALS = re.compile(
    r"^(?:[^\W\d_]{3,12}:\s)?\(?(?:(?:[^\W\d_a-zà-ÿ]\.\s?){2,3}(?:,\s|\)?$)){1,3}$"
)  # of whoever wrote it
_MONOGRAMS = re.compile(r"^[a-z]{2,4}(?:/[a-z]{2,4}){1,3}$")  # of an agency's editors: "lt/mbo/cdr"
_EDITED = re.compile(  # "Actualpres/(AS - autor: Oana Ghimpu, editor: Radu Vlaicu)"
    r"^[^()]{0,30}\((?:[^()]*\b(?:aut[oe]\w*|avtor\w*|author|edit\w*|redact\w*|redakt\w*|uredni\w*)\s*:\s?[^()]+)\)$",
    re.IGNORECASE,
)
_LONGEST = 400  # characters of a line that these are looked for in
_LEGAL = re.compile(r"\b(?:SRL|S\.?R\.?L|d\. ?o\. ?o|d\. ?d|GmbH|Ltd|S\.p\.A|S\.L|S\.A|SAS|Inc|LLC)\b")
_REACHED = re.compile(r"\S@\S+\.\w|\b[Tt]el(?:efon\w*)?[.:]|\bISSN\b|\bCUI\b|\bP\. ?I(?:VA)?\b")
_CLIP = re.compile(  # a link to what is to be seen: "Ladri in fuga sulla statale: il video"
    r"\S{3}(?:\s?[|–—]\s?|:\s|\s\()(?:(?:il|la|le|el|das|der|the)\s)?(?:video|foto|fotos|photos|fotogall?er\w+|gallery)\)?$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"[.!?…]\W{0,3}\s\[?(?:mehr|more|več|više|plus|altro|más|mai mult|weiterlesen)\]?$"
)  # after a teaser
_RIGHTS = re.compile(  # of whoever made the page, beside its other notices
    r"\b(?:propriete intellectuelle|intellectual property|proprieta intellettuale|propiedad intelectual"
    r"|proprietate\w* intelectual\w*|geistige\w* eigentum\w*|intelektualn\w+ (?:lastnin|vlasnist)\w*)\b"
)
_BRACKETED = re.compile(r"^\[[^\[\]]*\w[^\[\]]*\]$")  # what stands in the place of something that is not shown
_SEPARATORS = re.compile(r"\s[-–—|•·/]\s|\s?[|•·]\s?")


def known_furniture(lines: tuple[Line, ...], *, spaced: bool) -> list[bool]:
    """Say of each line whether it is furniture whatever stands around it."""
    known = [_says_furniture(line) for line in lines]
    _know_names(lines, known)
    _know_author(lines, known)
    _know_teasers(lines, known)
    _know_between(lines, known)
    _know_appeals(lines, known)
    if spaced:
        _know_blocks(lines, known)
    return known


def is_breadcrumb(line: Line) -> bool:
    """Say whether a line is a path of links: Home » News » Title."""
    return bool(_BREADCRUMB.match(line.text)) and any(mark in line.text for mark in ("»", " > ", "›"))


def is_keywords(line: Line) -> bool:
    """Say whether a line is names or links strung together by separators, as in alternative texts and menus."""
    count = len(_SEPARATORS.findall(line.text))
    if not count:
        return len(re.findall(r"\S\s{2,}(?=\S)", line.text)) >= 2 and not line.ended
    return not line.ended and count >= 2 and line.words <= 4 * (count + 1)


def _says_furniture(line: Line) -> bool:
    """Say whether a line is furniture by its own words, wherever it stands; the lines around it go by themselves."""
    return (
        line.stamp
        or is_bar(line.text)
        or is_form(line.text)
        or (line.words <= 8 and byline_author(without_dates(line.text)) is not None)
        or is_notice(line.text)
        or _INITIALS.match(line.text) is not None
        or _BRACKETED.match(line.text) is not None
        or _MONOGRAMS.match(line.text) is not None
        or (len(line.text) <= _LONGEST and (_EDITED.match(line.text) is not None or _is_imprint(line.text)))
        or (line.words > _NAME and not line.ended and _CLIP.search(line.text) is not None)
        or (line.text[:1].isdigit() and is_comments(line.text))
        or (not line.ended and is_related_link(line.text) and not opens_related(line.text))
    )


def _is_imprint(text: str) -> bool:
    """Say whether a line names a company and how it is reached: "Gazeta SRL, str. Horea nr. 4. Tel. 0745 000 112"."""
    return _LEGAL.search(text) is not None and _REACHED.search(text) is not None


def _know_names(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take a name beside a time for the byline of an entry, in a live blog and under a comment."""
    for i, line in enumerate(lines):
        beside = lines[max(i - 1, 0) : i] + lines[i + 1 : i + 2]
        if not line.ended and any(other.stamp for other in beside) and is_name(line.text):
            known[i] = True


def _know_author(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take a name that the head has as the author's, alone on a line again, for the head of a note on the author."""
    paragraphs = (i for i, line in enumerate(lines) if line.ended and line.words >= PARAGRAPH and not known[i])
    first = next(paragraphs, len(lines))
    names = {byline_author(without_dates(line.text)) or line.text for line in lines[:first]}
    names = {name for name in names if is_name(name)}
    signed = tuple(f"{name} " for line in lines[: first + _UNDER] for name in byline_authors(line.text))
    for i in range(first + 1, len(lines)):  # "Ana Novak writes about railways"
        if signed and lines[i].ended and lines[i].words <= _NOTE and lines[i].text.startswith(signed):
            known[i] = True
    for i in range(first + 1, len(lines)):
        name = lines[i].text
        if lines[i].ended or name not in names:
            continue
        known[i] = True
        about = (name, name.split()[-1] + " ")
        for note in range(i + 1, min(i + 3, len(lines))):
            if not lines[note].text.startswith(about) or lines[note].words > _NOTE:
                break
            known[note] = True


def _know_teasers(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take a summary that ends in a link to the rest ("... more") for another story's, with the headline above it."""
    for i, line in enumerate(lines):
        if not line.ended and line.words <= TEASER and _MORE.search(line.text):
            known[i] = True
            above = lines[i - 1] if i else line
            if above.words <= HEADING and not (line.gap or above.text.endswith(".")):
                known[i - 1] = True


def _know_appeals(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take what might be an appeal for one where no sentence stands beside it, or a field to answer it under it."""
    outlets = _outlets(lines, known)
    for i, line in enumerate(lines):
        known[i] = known[i] or is_appeal(line.text, outlets)
    hints = [
        not (sure or is_name(line.text.partition(":")[0])) and hints_appeal(line.text, outlets)
        for line, sure in zip(lines, known, strict=True)
    ]
    prose = [
        line.ended and line.words >= _SENTENCE and not (sure or hint)
        for line, sure, hint in zip(lines, known, hints, strict=True)
    ]
    _know_own(lines, known, prose)
    for i, hint in enumerate(hints):
        beside = any(prose[max(i - 1, 0) : i] + prose[i + 1 : i + 2])
        told = hint and kinds_of(lines[i].text) >= {"visitor", "matter"} and has_subject(lines[i].text, outlets)
        if told and i and not (known[i - 1] or lines[i - 1].ended) and lines[i - 1].words <= _BUTTON:
            known[i - 1] = "visitor" in kinds_of(lines[i - 1].text)  # "You can help us"
        if told or (hint and (not beside or any(is_form(line.text) for line in lines[i + 1 : i + 2]))):
            known[i] = True
        elif lines[i].words <= TEASER and any(known[max(i - 1, 0) : i]) and not lines[i - 1].stamp:
            known[i] = known[i] or _RIGHTS.search(fold(lines[i].text)) is not None


def _know_own(lines: tuple[Line, ...], known: list[bool], prose: list[bool]) -> None:
    """Take for the outlet's own what its words say, by themselves or beside other furniture, once the article began."""
    prose = [is_prose and not may_be_own(line.text, line.words, 2) for line, is_prose in zip(lines, prose, strict=True)]
    begun, first = False, len(lines)  # what comes before may be the article's first sentence
    suspect = False  # the line before is furniture, or reads like it
    for i, line in enumerate(lines):
        if not (known[i] or begun) and any(known[max(i - 1, 0) : i]):  # in a box above the article
            known[i] = speaks_for_outlet(line.text, line.words)
        if not known[i] and begun:
            before = not any(prose[i - 1 : i])  # no sentence of the article
            after = not any(prose[i + 1 : i + 2])
            three = before and (after or any(known[i - 1 : i])) and may_be_own(line.text, line.words, 3)
            two = line.ended and suspect and after and may_be_own(line.text, line.words, 2)
            known[i] = is_own(line.text, line.words) or three or two
        if not begun and prose[i] and line.words >= PARAGRAPH and not known[i]:
            begun, first = True, i
        suspect = known[i] or (not line.ended and may_be_own(line.text, line.words, 2))

    _know_offers(lines, known, first)
    for i in range(first + 1, len(lines) - 1):  # what stands between two such lines goes with them
        line = lines[i]
        if (
            known[i - 1]
            and known[i + 1]
            and line.words <= _BUTTON
            and not (line.ended or line.gap or lines[i + 1].stamp)
        ):
            known[i] = True


def _know_offers(lines: tuple[Line, ...], known: list[bool], first: int) -> None:
    """Take what a newsletter is offered with: the line under its heading, the heading above it, the button after it."""
    for i in range(first + 1, len(lines) - 1):
        heading, offer = lines[i], lines[i + 1]
        if heading.ended or heading.words > _HEADING or "channel" not in kinds_of(heading.text):
            continue
        if not known[i + 1] and _NEWSLETTER.search(fold(heading.text)) and not offer.gap and offer.words <= _OFFER:
            kinds = kinds_of(offer.text)
            known[i + 1] = "rhythm" in kinds and (
                (known[i] and offer.words <= HEADING) or kinds >= {"visitor", "action"}
            )
        known[i] = known[i] or (known[i + 1] and not offer.stamp)
    for i in range(first + 1, len(lines)):
        button = lines[i].words == 1 and not (lines[i].ended or lines[i].gap) and "action" in kinds_of(lines[i].text)
        known[i] = known[i] or (button and known[i - 1] and len(kinds_of(lines[i - 1].text)) >= _KINDS)


def _outlets(lines: tuple[Line, ...], known: list[bool]) -> tuple[str, ...]:
    """Return what may be the page's own name, folded: the line at its top, and what a byline has after the author."""
    top = next((i for i, line in enumerate(lines) if not (known[i] or line.domain)), len(lines))
    found = [line.text for line in lines[top : top + 1] if not line.ended]
    for line in lines[:_HEAD]:
        author = byline_author(line.text)
        found += [line.text.partition(author)[2].strip(" ,|•·–—-")] if author else []
    return tuple(fold(name) for name in found if len(name.split()) <= _NAME < len(name))


def _know_between(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Take the one or two short lines between a notice and the form under it: what one is to subscribe to."""
    asking = [i for i, line in enumerate(lines) if is_form(line.text) or is_notice(line.text)]
    for first, second in pairwise(asking):
        between = range(first + 1, second)
        if len(between) <= 2 and is_form(lines[second].text) and all(lines[i].words <= _SHORT for i in between):
            for i in between:
                known[i] = True


def _know_blocks(lines: tuple[Line, ...], known: list[bool]) -> None:
    """Let what announces itself take its whole block: links under their heading, a box around a form or a notice."""
    for block in page_blocks(lines):
        taken = block.start  # up to here: what an earlier line announced goes on where this one's would
        for i in block[:-1]:
            if i >= taken and opens_related(lines[i].text):
                for other in range(i, block.stop):
                    # Summaries of other stories come one by one, each under its headline.
                    two = all(line.ended and line.words >= 8 for line in lines[other : min(other + 2, block.stop)])
                    if two and (other + 1 < block.stop or lines[other].words > TEASER):
                        break
                    known[other] = True
                    taken = other + 1
        forms = [i for i in block if is_form(lines[i].text) or is_notice(lines[i].text)]
        prose = [i for i in block if i not in forms and lines[i].ended and lines[i].words >= PARAGRAPH]
        if forms and len(block) <= _BOX and len(prose) <= 1 and not any(lines[i].words > TEASER for i in prose):
            asks = any(is_form(lines[i].text) for i in forms)
            if asks or 3 * len(forms) >= len(block):
                for i in block:
                    known[i] = True
