"""Write the commonest words of each language, by which questions are told apart: `python -m training.common_words`.

    python -m training.common_words --data DATA --out rag/text/common_words.txt

One line a language: its code, then its words, folded, the commonest first. Counted in the training text and in the
lists of wordfreq (CC BY-SA 4.0).
"""

import argparse
from collections import Counter
from pathlib import Path

from rag.text.normalisation import fold
from training.corpus import vocabulary_texts
from training.words import count_forms, parts_of_language

_WORDS = 400


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    lines = []
    for language, counted in sorted(count_forms(vocabulary_texts(flags.data)).items()):
        shares: Counter[str] = Counter()
        for word, share in parts_of_language(counted, language):
            shares[fold(word)] += share  # type: ignore[assignment]
        lines.append(" ".join([language, *(word for word, _ in shares.most_common(_WORDS))]))
    flags.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
