"""Write the commonest words of each language, by which questions are told apart: `python -m training.common_words`.

    python -m training.common_words --data DATA --out rag/text/languages

They become `common` in the section `[recognition]` of the language's file: folded, the commonest first. Counted in
the training text and in the lists of wordfreq (CC BY-SA 4.0).
"""

import argparse
import re
import textwrap
from collections import Counter
from pathlib import Path

from rag.text.normalisation import fold
from training.corpus import vocabulary_texts
from training.words import count_forms, parts_of_language

_WORDS = 400
_COMMON = re.compile(r"^common = '''\n(?:.+\n)+", re.MULTILINE)


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    flags = parser.parse_args()
    for language, counted in sorted(count_forms(vocabulary_texts(flags.data)).items()):
        path = flags.out / f"{language}.toml"
        if not path.exists():
            continue
        shares: Counter[str] = Counter()
        for word, share in parts_of_language(counted, language):
            shares[fold(word)] += share  # type: ignore[assignment]
        text = path.read_text("utf-8")
        words = textwrap.fill(" ".join(word for word, _ in shares.most_common(_WORDS)), 116, break_on_hyphens=False)
        path.write_text(_COMMON.sub(f"common = '''\n{words}'''\n", text), encoding="utf-8")


if __name__ == "__main__":
    main()
