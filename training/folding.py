"""Fold every European spelling of a word to one: case, diacritics, compatibility forms and script.

`ș`, `ş` and `S` fold to `s`, `ß` to `ss`, and Cyrillic, Greek, Armenian and Georgian letters to Latin ones, so that
`Путин`, `Putin` and `PUTIN` are one token and a Slavic word shares its row with its Latin-script relatives. The folding
lives inside `tokenizer.json` as a SentencePiece character map (one trie look-up per character), therefore every
library that reads the tokenizer folds in the same way and keeps offsets into the original text.
"""

import tempfile
import unicodedata
from pathlib import Path

# Romanisation follows the Slovene and Croatian form with the diacritic left out (ш = š = s), because that is how
# these names are written in two of the three first languages.
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "e", "є": "je", "ж": "z", "з": "z",
    "и": "i", "і": "i", "ї": "ji", "й": "j", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f", "х": "h", "ц": "c", "ч": "c", "ш": "s", "щ": "sc", "ъ": "a",
    "ы": "i", "ь": "", "э": "e", "ю": "ju", "я": "ja", "ђ": "d", "ѓ": "g", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c",
    "ќ": "k", "џ": "dz", "ѕ": "dz", "ѣ": "e", "ѐ": "e", "ѝ": "i", "ѳ": "f", "ѵ": "i", "ѫ": "a", "ѧ": "e",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "u", "φ": "f",
    "χ": "h", "ψ": "ps", "ω": "o",
}  # fmt: skip
_ARMENIAN = {
    "ա": "a", "բ": "b", "գ": "g", "դ": "d", "ե": "e", "զ": "z", "է": "e", "ը": "e", "թ": "t", "ժ": "z", "ի": "i",
    "լ": "l", "խ": "h", "ծ": "c", "կ": "k", "հ": "h", "ձ": "dz", "ղ": "g", "ճ": "c", "մ": "m", "յ": "j", "ն": "n",
    "շ": "s", "ո": "o", "չ": "c", "պ": "p", "ջ": "dz", "ռ": "r", "ս": "s", "վ": "v", "տ": "t", "ր": "r", "ց": "c",
    "ւ": "u", "փ": "p", "ք": "k", "օ": "o", "ֆ": "f", "և": "ev",
}  # fmt: skip
_GEORGIAN = {
    "ა": "a", "ბ": "b", "გ": "g", "დ": "d", "ე": "e", "ვ": "v", "ზ": "z", "თ": "t", "ი": "i", "კ": "k", "ლ": "l",
    "მ": "m", "ნ": "n", "ო": "o", "პ": "p", "ჟ": "z", "რ": "r", "ს": "s", "ტ": "t", "უ": "u", "ფ": "p", "ქ": "k",
    "ღ": "g", "ყ": "k", "შ": "s", "ჩ": "c", "ც": "c", "ძ": "dz", "წ": "c", "ჭ": "c", "ხ": "h", "ჯ": "dz", "ჰ": "h",
}  # fmt: skip
# Latin letters that Unicode does not decompose.
_LATIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ĸ": "k", "ə": "e", "ſ": "s", "ƒ": "f", "ŀ": "l", "ɛ": "e", "ɔ": "o",
}  # fmt: skip
_LETTERS = _CYRILLIC | _GREEK | _ARMENIAN | _GEORGIAN | _LATIN
# Deleted inside words: soft hyphen, zero-width characters, direction marks, byte-order mark.
_INVISIBLE = {
    0xAD,
    0x34F,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2065),
    0xFEFF,
}
_CODE_POINTS = (*range(0x80, 0x3000), *range(0xA640, 0xA6A0), *range(0xFB00, 0xFB18), *range(0xFF00, 0xFF66))


def fold_character(character: str) -> str:
    """Return the folded form of one character, which may be empty or longer.

    Example:
        >>> [fold_character(c) for c in "ȘţßЖή"]
        ['s', 't', 'ss', 'z', 'i']
    """
    lowered = character.lower()
    if ord(character) in _INVISIBLE:
        return ""
    if lowered in _LETTERS:
        return _LETTERS[lowered]
    decomposed = unicodedata.normalize("NFKD", lowered).lower()
    kept = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return "".join(_LETTERS.get(c, c) for c in kept)


def folding_rules() -> dict[str, str]:
    """Return every character of the European blocks that folding changes, with what it becomes."""
    characters = [
        chr(c) for c in (*range(0x41, 0x5B), *_CODE_POINTS) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")
    ]
    return {c: folded for c in characters if (folded := fold_character(c)) != c}


def character_map() -> bytes:
    """Compile `folding_rules` to SentencePiece's binary character map, the form that `tokenizers` reads.

    SentencePiece compiles it as a by-product of training, so a throw-away model is trained on a few words.
    """
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    lines = ["\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in folding_rules().items()]
    with tempfile.TemporaryDirectory() as folder:
        rules, prefix = Path(folder, "rules.tsv"), Path(folder, "folding")
        rules.write_text("\n".join(lines) + "\n", encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["izvor spring source"] * 10),
            model_prefix=str(prefix),
            vocab_size=20,
            model_type="char",
            hard_vocab_limit=False,
            normalization_rule_tsv=str(rules),
            minloglevel=2,
        )
        model = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made at run time
        model.ParseFromString(prefix.with_suffix(".model").read_bytes())
    return bytes(model.normalizer_spec.precompiled_charsmap)
