"""Choose the tokens: whole words for the frequent, pieces for the rest, and build the tokenizer around them.

The tokenizer is WordPiece (greedy, longest piece first) over folded words. Punctuation is not a token: it answers no
question. Digits are split from letters, so dates and amounts stay findable.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from training.folding import character_map

UNKNOWN = "[UNK]"
# Share of the vocabulary for each language: the first three, then the large neighbours, then the rest.
LANGUAGE_SHARES = {
    "ro": 8.0, "sl": 8.0, "en": 8.0, "de": 2.0, "fr": 2.0, "es": 2.0, "it": 2.0, "hr": 2.0, "ru": 1.5, "el": 1.2,
    "tr": 1.2, "pl": 0.9, "cs": 0.9, "hu": 0.8, "pt": 0.9, "nl": 0.8, "bg": 0.7, "uk": 0.7, "sk": 0.6, "sv": 0.7,
    "fi": 0.7, "da": 0.6, "nb": 0.6, "sr": 0.5, "et": 0.4, "lt": 0.4, "lv": 0.3, "ca": 0.4, "mk": 0.3, "is": 0.2,
    "sq": 0.2, "ga": 0.1, "bs": 0.2, "mt": 0.05,
}  # fmt: skip
_WORD = r"[\p{L}\p{M}]+|\p{N}+|[%€$£°§]"
# The same split by Python's own engine, which is several times quicker where only the words are wanted.
_FOLDED_WORD = re.compile(r"[^\W\d_]+|\d+")
_PIECES = 12_000
# Numbers below a thousand and the years news speaks of are whole; other numbers fall into groups of their digits.
_NUMBERS = (
    [str(n) for n in range(1000)] + [f"{n:02d}" for n in range(10)] + ["000"] + [str(n) for n in range(1500, 2101)]
)
_NUMBER_TAILS = [f"##{n}" for n in range(10)] + [f"##{n:02d}" for n in range(100)] + ["##000"]


def empty_tokenizer() -> Tokenizer:
    """Return the tokenizer's front (folding and splitting into words) with no vocabulary yet."""
    tokenizer = Tokenizer(models.WordPiece(vocab={UNKNOWN: 0}, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.Precompiled(character_map())
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_WORD), "removed", invert=True)
    return tokenizer


def count_words(tokenizer: Tokenizer, texts: Iterable[tuple[str, float, str]]) -> dict[str, Counter[str]]:
    """Count folded words by language.

    Args:
        tokenizer: Its folding and splitting are used, not its vocabulary.
        texts: `(language, weight, text)`.
    """
    fold = tokenizer.normalizer.normalize_str
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for language, weight, text in texts:
        counter = counts[language]
        for word in _FOLDED_WORD.findall(fold(text)):
            counter[word] += weight  # type: ignore[assignment]  # a weighted count
    return dict(counts)


def build_tokenizer(counts: Mapping[str, Mapping[str, float]], *, size: int) -> Tokenizer:
    """Return a WordPiece tokenizer of exactly `size` tokens (fewer when the data has fewer words).

    Words are taken in the order of their running share of text, summed over languages with `LANGUAGE_SHARES`. Pieces
    come from merges learned on the same weighted counts; single letters and digits are always there, so that nothing
    written in a European script is unknown.
    """
    share: Counter[str] = Counter()
    for language, words in counts.items():
        total = sum(words.values()) or 1.0
        weight = LANGUAGE_SHARES.get(language, 0.1)
        for word, count in words.items():
            # A word seen once tells nothing: it is more often a typing error than a name.
            if count > 1 and not word.isnumeric():
                share[word] += weight * count / total  # type: ignore[assignment]
    tokenizer = empty_tokenizer()
    pieces = _learn_pieces(share, limit=min(_PIECES, size // 3))
    letters = [c for i in range(26) for c in (chr(97 + i), "##" + chr(97 + i))]
    others = sorted({c for word in share for c in word if len(word) == 1 and not c.isascii()})[:200]
    chosen = dict.fromkeys(
        [UNKNOWN, *letters, *others, "%", "€", "$", "£", "°", "§", *_NUMBERS, *_NUMBER_TAILS, *pieces]
    )
    for word, _ in share.most_common():
        if len(chosen) >= size:
            break
        chosen.setdefault(word)
    vocabulary = {token: index for index, token in enumerate(list(chosen)[:size])}
    tokenizer.model = models.WordPiece(vocab=vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100)
    return tokenizer


def _learn_pieces(share: Mapping[str, float], *, limit: int) -> list[str]:
    """Learn merges over the weighted word list; a word is repeated by the square root of its share."""
    smallest = min(share.values(), default=1.0)
    tokenizer = Tokenizer(models.WordPiece(vocab={UNKNOWN: 0}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=limit, special_tokens=[UNKNOWN], show_progress=False, limit_alphabet=400
    )
    # Square root: the head of the list is taken as whole words anyway, pieces are for its tail.
    lines = (" ".join([word] * min(50, 1 + int((value / smallest) ** 0.5))) for word, value in share.items())
    tokenizer.train_from_iterator(lines, trainer)
    return [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
