"""The language that somebody wrote down: a code of two or three letters, a tag, or a language's name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rag.text.languages import LANGUAGES
from rag.text.normalisation import fold

_LONGEST = 40
_FURTHER = {"iw": "he", "sh": "sr", "scc": "sr", "scr": "hr", "no": "nb", "nor": "nb", "mo": "ro", "mol": "ro"}


def read_language(written: str) -> str | None:
    """Return the two-letter code that is meant, or None.

    Example:
        >>> read_language("FR"), read_language("sl-SI"), read_language("slv"), read_language("Slovenian")
        ('fr', 'sl', 'sl', 'sl')
        >>> read_language("slovenščina"), read_language("Klingon")
        ('sl', None)
    """
    written = written.strip()
    if not written or len(written) > _LONGEST:
        return None
    name = fold(written)
    code = name.replace("_", "-").split("-")[0]
    if code in _FURTHER:
        return _FURTHER[code]
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    if len(code) == 3 and code.isascii() and code.isalpha():
        from babel.core import get_global

        short = get_global("language_aliases").get(code)
        return short if short is not None and len(short) == 2 else None
    return _names().get(name)


@cache
def _names() -> Mapping[str, str]:
    """Return the codes of languages by their names in those languages themselves, and in English, folded."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, str] = {}
    for code in sorted(LANGUAGES):
        try:
            locale = Locale(code)
        except UnknownLocaleError:
            continue
        for name in (locale.english_name, locale.display_name):
            if name:
                found[fold(name)] = code
    return found
