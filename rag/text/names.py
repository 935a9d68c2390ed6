"""Case endings of names that are in no dictionary.

News is about names, dictionaries are not: simplemma knows Ukrajine (Ukrajina) but neither Zelenskega nor Kremlinului.
What these languages hang on a foreign name is a short, closed list, and the same cut on both sides, the article's word
and the question's, makes them meet.
"""

from __future__ import annotations

import re

_SOUTH_SLAVIC = re.compile(r"(?<=r)j(?:a|u|em|i|ev|e)$|(?:ega|emu|oga|ome|omu|im|ih|imi|em|om|og|ju|jem|a|u|i|e|o)$")
_ENDINGS = {
    "ro": re.compile(r"(?:ului|ul|ilor|lui)$"),  # Kremlinul, Kremlinului
    "sl": _SOUTH_SLAVIC,  # Witkoffa, Zelenskega, Kushnerjem; possessives (Putinov) stay apart
    "hr": _SOUTH_SLAVIC,
    "bs": _SOUTH_SLAVIC,
    "sr": _SOUTH_SLAVIC,
    "de": re.compile(r"(?<=[^s])s$"),  # Putins
}
_SHORTEST = 4  # letters that must be left, so that Kijev and Kiel stay apart


def name_stem(name: str, language: str | None) -> str:
    """Return a lower-case name without its case ending; the name where it has none or too little would be left.

    Example:
        >>> [name_stem(name, "sl") for name in ("zelenski", "zelenskega", "witkoff", "witkoffa", "kushnerjem")]
        ['zelensk', 'zelensk', 'witkoff', 'witkoff', 'kushner']
    """
    endings = _ENDINGS.get(language or "")
    stem = endings.sub("", name, count=1) if endings is not None else name
    return stem if len(stem) >= _SHORTEST else name
