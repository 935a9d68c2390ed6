"""A refusal as a page, for who came with a browser: what happened, in the reader's language, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from rag.web.i18n import LANGUAGES, fill, preferred_language, words


def wants_page(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is a browser's for a page; programs, and the page's own script, get JSON."""
    return method == "GET" and "text/html" in headers.get("accept", "")


def spoken_in(query: str, headers: Mapping[str, str]) -> str:
    """Return the interface language of a request: what its address says, else what the browser prefers."""
    wanted = parse_qs(query).get("lang", [""])[0]
    return wanted if wanted in LANGUAGES else preferred_language(headers.get("accept-language"))


def render_refusal(status: int, wait: int | None, language: str) -> str:
    """Return the whole page; `wait` is after how many seconds to come back."""
    say = words(language)
    texts = {
        401: say("refused_password"),
        421: say("refused_name"),
        429: say("refused_many", wait=say.seconds(wait or 60)),
        503: say("refused_slow"),
    }
    said = texts.get(status) or say("server_broken")
    return fill("refused.html", language, heading=say("refused_heading"), said=said, onward=say("server_again"), to="")


def render_missing(language: str) -> str:
    """Return the page of an address at which there is nothing."""
    say = words(language)
    return fill(
        "refused.html",
        language,
        heading=say("missing_heading"),
        said=say("missing_body"),
        onward=say("missing_home"),
        to="/",
    )
