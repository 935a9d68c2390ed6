"""Two forms of a text for searching: `normalise` keeps it readable, `fold` makes spellings of a word equal.

Neither is ever applied to stored text: citations point into the text as it was read.
"""

from __future__ import annotations

import unicodedata

# Romanian ș and ț were typed with a cedilla before Unicode 3.0 had the letters with a comma below. In
# Turkish, Gagauz and Kurdish ş is the right letter, so the mapping is per language.
_CEDILLA_TO_COMMA = str.maketrans("şţŞŢ", "șțȘȚ")

# Letters with a stroke, ligatures and others have no decomposition in Unicode, but are replaced on foreign keyboards
# in the same way as diacritics.
_UNDECOMPOSED = {
    "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŋ": "n", "ø": "o", "ŧ": "t", "þ": "th",
    "æ": "ae", "œ": "oe", "ƒ": "f", "ɨ": "i", "ʉ": "u", "ƶ": "z", "ǥ": "g", "ɛ": "e", "ə": "e", "ґ": "г",
    "’": "'", "ʼ": "'", "‐": "-", "‑": "-",
}  # fmt: skip


def normalise(text: str, language: str | None = None) -> str:
    """Return NFC text; in Romanian with comma-below ș and ț in place of the cedilla letters.

    Dictionaries and models know one spelling of each letter. For search terms only, never for stored text.

    Example:
        >>> normalise("negociază pentru paceşi ţară", "ro")
        'negociază pentru paceși țară'
    """
    text = unicodedata.normalize("NFC", text)
    return text.translate(_CEDILLA_TO_COMMA) if language == "ro" else text


def fold(text: str) -> str:
    """Return lower-case text without diacritics, in Latin, Greek and Cyrillic alike; idempotent.

    Each character is folded by itself (compatibility decomposition, case folding, marks dropped), so the result
    does not depend on the neighbours, nor on NFC or NFD. Its length may differ from the text's: never take offsets
    from it.

    Example:
        >>> fold("Ștefan Đoković, Łódź, STRAẞE, Ærø")
        'stefan dokovic, lodz, strasse, aero'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """A translation table that learns each character when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    """Fold one character until folding changes nothing more: some foldings give letters that fold again."""
    while True:
        decomposed = unicodedata.normalize("NFKD", character.casefold())
        # Mn: combining marks. Cf: soft hyphen, zero-width joiner and other characters nobody types in a question.
        kept = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
        folded = "".join(_UNDECOMPOSED.get(c, c) for c in kept)
        if folded == character:
            return folded
        character = folded


_FOLDS = _Folds()
