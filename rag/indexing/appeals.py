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

# What appeals are about, folded: cookies, money, accounts, letters to the editors.
_MATTER = re.compile(
    r"\b(?:cookies?|piskot\w*|kolacic\w*|abona\w*|narocni\w*|naroci\w*|pretplat\w*|subscri\w*|abonn\w*|abbona\w*|suscri\w*"
    r"|dona[tcrz]\w*|doneaz\w*|spend\w*|newsletter\w*|whatsapp|telegram|premium|anmerkung\w*|feedback|news tips?"
    r"|free articles?|articole gratuite|in cont|log in|account)\b|\S@\S+\.\w"
)
# How a visitor is spoken to, folded; an imperative that asks for something goes without a pronoun.
_VISITOR = re.compile(
    r"\b(?:iti|ti-|ne poti|poti|puteti|dvs|dumneavoastra|vam|vas\w*|tvoj\w*|lahko kadarkoli|you|your|ihnen|ihre?[nm]?"
    r"|(?:haben|konnen|mochten|wollen|schreiben|schicken|senden|unterstutzen) sie|vous|votre|vos|tuo|tua|tuoi"
    r"|vostr[aoi]|usted|tus?|vuestr[ao]s?|mozete|zelite|zelis|contact|trimite|scrie)\b"
)
_ARTICLE = re.compile(r"^(?:the|die|der|das|la|le|il|el) ")
_QUOTED = re.compile(r"„[^”“\"]*[”“\"]|“[^”]*”|«[^»]*»|»[^«]*«|\"[^\"]*\"|‘[^’]*’(?!\w)")


def hints_appeal(line: str, outlets: Sequence[str]) -> bool:
    """Say whether a line might be an appeal: to a visitor, on such a matter, or with the outlet for its subject.

    Args:
        line: one line of a page.
        outlets: what may be the page's own name, folded.
    """
    bare = _unquoted(line)
    if not bare or len(bare.split()) > _LONGEST:
        return False
    subject = _ARTICLE.sub("", bare)
    if any(subject.startswith(_ARTICLE.sub("", outlet) + " ") for outlet in outlets):
        return True
    return bool(_MATTER.search(bare)) and bool(_VISITOR.search(bare))


@lru_cache(maxsize=1024)
def _unquoted(line: str) -> str:
    return " ".join(fold(_QUOTED.sub(" ", line)).split()) if len(line) <= 600 else ""
