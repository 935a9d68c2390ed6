"""Choose the tokens: whole words with all their forms, pieces for the rest, and build the tokenizer around them.

The tokenizer is WordPiece (greedy, longest piece first) over folded words. Punctuation is not a token: it answers no
question. Digits are split from letters, so dates and amounts stay findable.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from training.folding import character_map
from training.words import Words

Ints = npt.NDArray[np.int32]
UNKNOWN = "[UNK]"
# Share of the vocabulary for each language: the first three, then the large neighbours, then the rest.
LANGUAGE_SHARES = {
    "ro": 11.0, "sl": 11.0, "en": 11.0, "de": 2.0, "fr": 2.0, "es": 2.0, "it": 2.0, "hr": 2.0, "ru": 1.5, "el": 1.2,
    "tr": 1.2, "pl": 0.9, "cs": 0.9, "hu": 0.8, "pt": 0.9, "nl": 0.8, "bg": 0.7, "uk": 0.7, "sk": 0.6, "sv": 0.7,
    "fi": 0.7, "da": 0.6, "nb": 0.6, "sr": 0.5, "et": 0.4, "lt": 0.4, "lv": 0.3, "ca": 0.4, "mk": 0.3, "is": 0.2,
    "sq": 0.2, "ga": 0.1, "bs": 0.2, "mt": 0.05,
}  # fmt: skip
_WORD = r"[\p{L}\p{M}]+|\p{N}+|[%€$£°§]"
_PIECES = 8_000
_LETTERS = 400  # of all scripts, the commonest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The tokenizer and the row of the table that each of its strings stands for.

    Attributes:
        tokenizer: WordPiece; string 0 is the unknown token.
        rows: `(strings,)` row of each string. The first strings are the rows' own names, in order; the rest are forms.
    """

    tokenizer: Tokenizer
    rows: Ints

    @property
    def names(self) -> list[str]:
        """The name of each row: a piece, a number, or a word's lemma."""
        return [self.tokenizer.id_to_token(index) or "" for index in range(self.size)]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.rows.max()) + 1

    def encode(self, texts: Sequence[str]) -> list[Ints]:
        """Return the rows of each text's tokens; what is unknown is left out."""
        encodings = self.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        found = (self.rows[encoding.ids] if encoding.ids else np.zeros(0, np.int32) for encoding in encodings)
        return [rows[rows != 0] for rows in found]

    def save(self, folder: Path) -> None:
        """Write `tokenizer.json` and `rows.npy`, the tokenizer last."""
        np.save(folder / "rows.npy", self.rows)
        self.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: When the folder holds no complete vocabulary.
        """
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise FileNotFoundError(path)
        return cls(tokenizer=Tokenizer.from_file(str(path)), rows=np.load(folder / "rows.npy"))


def build_vocabulary(words: Words, *, size: int, forms: int, more_forms: Iterable[tuple[str, str]] = ()) -> Vocabulary:
    """Return a vocabulary of `size` rows and at most `forms` further strings (fewer when there are fewer words).

    A row goes to the lemmas whose forms together are the commonest. Pieces come from merges learned on the same
    words; single letters and digits are always there, so that nothing written in a European script is unknown.

    Args:
        words: Folded words with what they weigh and their lemmas.
        size: Rows.
        forms: Strings that share a row with their lemma, the commonest first.
        more_forms: `(form, lemma)` pairs beside those of `words`, taken in order while there is room.
    """
    pieces = _learn_pieces(words.mass, limit=min(_PIECES, size // 3))
    letters = [c for i in range(26) for c in (chr(97 + i), "##" + chr(97 + i))]
    others = sorted({c for word in words.mass for c in word if len(word) == 1 and not c.isascii()})[:200]
    chosen = dict.fromkeys(
        [UNKNOWN, *letters, *others, "%", "€", "$", "£", "°", "§", *_NUMBERS, *_NUMBER_TAILS, *pieces]
    )
    weight: Counter[str] = Counter()
    for word, mass in words.mass.items():
        weight[words.lemma[word]] += mass  # type: ignore[assignment]
    for lemma, _ in weight.most_common():
        if len(chosen) >= size:
            break
        chosen.setdefault(lemma)
    row_of = {string: row for row, string in enumerate(list(chosen)[:size])}
    strings = dict(row_of)
    by_mass = sorted(words.mass, key=lambda word: -words.mass[word])
    for form, lemma in chain(((word, words.lemma[word]) for word in by_mass), more_forms):
        if len(strings) >= len(row_of) + forms:
            break
        if lemma in row_of:
            strings.setdefault(form, row_of[lemma])
    tokenizer = empty_tokenizer()
    tokenizer.model = models.WordPiece(
        vocab={string: index for index, string in enumerate(strings)}, unk_token=UNKNOWN, max_input_chars_per_word=100
    )
    return Vocabulary(tokenizer=tokenizer, rows=np.fromiter(strings.values(), np.int32, len(strings)))


def _learn_pieces(share: Mapping[str, float], *, limit: int) -> list[str]:
    """Learn merges over the weighted word list; a word is repeated by the square root of its share."""
    smallest = min((value for value in share.values() if value), default=1.0)
    # Square root: the head of the list is taken as whole words anyway, pieces are for its tail.
    times = {word: min(50, 1 + int((value / smallest) ** 0.5)) for word, value in share.items()}
    letters = _commonest_letters(times)
    # Given numbers in advance, or the order of a hash table would decide between merges that are equally good.
    first = [UNKNOWN, *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece(vocab={UNKNOWN: 0}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(vocab_size=limit, special_tokens=first, show_progress=False)
    known = frozenset(letters)
    lines = (" ".join([word] * count) for word, count in times.items() if known.issuperset(word))
    tokenizer.train_from_iterator(lines, trainer)
    return [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]


def _commonest_letters(times: Mapping[str, int]) -> list[str]:
    """Return the letters that pieces are made of. The trainer's own limit keeps other rare ones in every run."""
    counts: Counter[str] = Counter()
    for word, count in times.items():
        for letter in word:
            counts[letter] += count
    return sorted(sorted(counts, key=lambda letter: (-counts[letter], letter))[:_LETTERS])
