"""Appeals: what an outlet asks of its visitors or says of itself, in sentences like those of an article.

By themselves they prove nothing: an article may tell its readers what a subscription costs, end with an address for
hints, or open with cookies. So this module only says that a line *might* be one; where it stands decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rag.text.normalisation import fold

_LONGEST = 45  # words
_SHORT = 25
_CHANNEL = re.compile(r"\b(?:whatsapp|telegram|google news|newsletters?|viber|app|facebook|instagram|tiktok|youtube)\b")

# What appeals are about, folded: cookies, money, accounts, letters to the editors.
_MATTER = re.compile(
    r"\b(?:cookies?|piskot\w*|kolacic\w*|abona\w*|narocni\w*|naroci\w*|pretplat\w*|subscri\w*|abonn\w*|abbona\w*|suscri\w*"
    r"|dona[tcrz]\w*|doneaz\w*|spend\w*|newsletter\w*|whatsapp|telegram|premium|anmerkung\w*|feedback|news tips?"
    r"|free articles?|articole gratuite|in cont|log in|account)\b|\S@\S+\.\w"
)
# How a visitor is spoken to, folded; an imperative that asks for something goes without a pronoun.
_VISITOR = re.compile(
    r"\b(?:iti|ti-|ne poti|poti|puteti|dvs|dumneavoastra|vam|vas\w*|tvoj\w*|lahko kadarkoli|you|your|ihnen|ihre?[nmrs]?"
    r"|sie (?:mochten|wollen|haben|konnen)|(?:haben|konnen|mochten|wollen|schreiben|schicken|senden|unterstutzen) sie"
    r"|vous|votre|vos|tuo|tua|tuoi|vostr[aoi]|usted|tus?|vuestr[ao]s?|mozete|zelite|zelis|contact|trimite|scrie)\b"
)
# "Our newsletter": outside quotation marks the outlet says "our" of such things.
_OURS = re.compile(
    r"\b(?:our|unser\w*|notre|nos|nostr[aoie]|nuestr[ao]s?|nas\w{0,3}|nostru|noastra|noastre|nostri)\b(?: \w+){0,2} "
    r"(?:newsletter\w*|app|apps|whatsapp|telegram|podcast\w*|canal\w*|channel|kanal\w*|aplikacij\w*|e-novic\w*|bilten\w*)\b"
    r"|\b(?:newsletter\w*|canal\w*|aplicati\w*|app|boletin\w*|podcast\w*) (?:\w+ )?(?:nostr\w*|noastr\w*)\b"
)
_ARTICLE = re.compile(r"^(?:the|die|der|das|la|le|il|el) ")
_QUOTED = re.compile(r"„[^”“\"]*[”“\"]|“[^”]*”|«[^»]*»|»[^«]*«|\"[^\"]*\"|‘[^’]*’(?!\w)")


def is_appeal(line: str, outlets: Sequence[str]) -> bool:
    """Say whether a short line is one wherever it stands: it offers what is "ours", or the outlet's by name.

    The name has two words at least, so that it is no section's.

    Example:
        >>> is_appeal("Join the North Firth News WhatsApp group for the latest", ["north firth news"])
        True
    """
    bare = _unquoted(line)
    named = any(f" {outlet} " in f" {bare} " for outlet in outlets if " " in outlet)
    offers = (named and _CHANNEL.search(bare)) or (_OURS.search(bare) and _VISITOR.search(bare))
    return bool(offers) and len(bare.split()) <= _SHORT


def hints_appeal(line: str, outlets: Sequence[str]) -> bool:
    """Say whether a line might be an appeal: to a visitor, on such a matter, or with the outlet for its subject.

    Args:
        line: one line of a page.
        outlets: what may be the page's own name, folded.
    """
    bare = _unquoted(line)
    if not bare or len(bare.split()) > _LONGEST:
        return False
    if has_subject(line, outlets):
        return True
    return bool(_MATTER.search(bare)) and bool(_VISITOR.search(bare))


def has_subject(line: str, outlets: Sequence[str]) -> bool:
    """Say whether a line begins with the page's own name."""
    subject = _ARTICLE.sub("", _unquoted(line))
    return any(subject.startswith(_ARTICLE.sub("", outlet) + " ") for outlet in outlets)


@lru_cache(maxsize=1024)
def _unquoted(line: str) -> str:
    return " ".join(fold(_QUOTED.sub(" ", line)).split()) if len(line) <= 600 else ""
