"""Read the public data: parallel pairs, question-passage pairs, single-language text, and what each source is worth.

A source is one file. Its weight says how much a sentence of it looks like the task (news, civic information, natural
questions). The weights are judgement, guided by the figures of an earlier prototype; see `training/README.md`.
"""

import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Share of a source beside others of the same language pair, per sentence. Interface strings, which are most of the
# rows, count a tenth of news.
PARALLEL_WEIGHTS = {
    "opus_newstest": 3.0, "sts_train": 1.5, "qald_questions": 8.0, "tatoeba_test": 1.0, "coop_md": 1.0,
    "wevote4eu": 3.0, "code4ro": 4.0, "i18n_decidim": 0.6, "i18n_civic_po": 0.6, "i18n_cwa_android": 1.5,
    "opensource_guide": 2.0, "msdocs_dynamics": 0.5, "msdocs_alchemy_mt": 0.4, "i18n_mozilla_www": 0.4,
    "i18n_fdroid_site": 0.3, "i18n_gnome_docs": 0.3, "i18n_digikam_docs": 0.3, "i18n_manpages": 0.2,
    "i18n_phpmyadmin_docs": 0.2, "i18n_pkp": 0.3, "i18n_mediawiki_ext": 0.3, "i18n_mobile_apps": 0.3,
    "i18n_json_i18n": 0.2, "i18n_yaml_i18n": 0.2, "i18n_po_apps": 0.15, "i18n_libs_po": 0.15, "i18n_yast": 0.15,
    "cldr_names": 0.1, "countries": 0.3, "dict_wiktionary_omw": 0.1, "dict_freedict": 0.1, "wordnet_ili": 0.07,
}  # fmt: skip
WORD_LISTS = ("cldr_names", "countries", "dict_wiktionary_omw", "dict_freedict", "wordnet_ili")
QUESTION_WEIGHTS = {
    "squad_train_qg_en": 60.0, "norquad_nb": 10.0, "covidqa_en": 1.0, "covid_faq": 2.0, "faq_scratch": 1.0,
    "wevote4eu_faq": 2.0, "headings_coop_md": 1.0, "headings_human_md": 2.0, "msdocs_titles": 0.4,
    "msdocs_dynamics_headings": 0.4, "titles_code4ro": 3.0, "law_ro": 1.0, "law_sl": 1.0,
}  # fmt: skip
# Wider than a paragraph of 120 words needs; caps the memory of the rare very long row.
_LONGEST_TEXT = 2400
_FIRST = ("ro", "sl", "en")
# Texts of one source and language that are counted for the vocabulary.
_MOST = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two texts that mean the same, or a question and the passage that answers it."""

    source: str
    left_language: str
    right_language: str
    left: str
    right: str


def read_parallel(data: Path) -> Iterator[Pair]:
    """Yield the rows of `data/train`, file by file in alphabetical order."""
    for path in sorted((data / "train").glob("*.tsv.gz")):
        source = path.name.removesuffix(".tsv.gz")
        for row in _rows(path, columns=4):
            yield Pair(source=source, left_language=row[0], right_language=row[1], left=row[2], right=row[3])


def read_questions(data: Path) -> Iterator[Pair]:
    """Yield the rows of `data/qa`: `left` asks, `right` answers, both in one language."""
    for path in sorted((data / "qa").glob("*.tsv.gz")):
        source = path.name.removesuffix(".tsv.gz")
        for row in _rows(path, columns=3):
            yield Pair(source=source, left_language=row[0], right_language=row[0], left=row[1], right=row[2])


def read_single_language(data: Path, *, limit: int) -> Iterator[tuple[str, str]]:
    """Yield `(language, line)` for up to `limit` lines of every file of `data/mono`, spread evenly over the file."""
    for path in sorted((data / "mono").glob("*.txt.gz")):
        language = path.name.split("_")[0]
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            kept = [line.strip()[:_LONGEST_TEXT] for line in lines]
        yield from ((language, line) for line in kept[:: max(1, len(kept) // limit)])


def _rows(path: Path, *, columns: int) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if len(row) == columns and all(row):
                yield [*row[: columns - 2], row[-2][:_LONGEST_TEXT], row[-1][:_LONGEST_TEXT]]


def vocabulary_texts(data: Path) -> Iterator[tuple[str, float, str]]:
    """Yield `(language, weight, text)` for counting words: a bounded share of every source and language.

    Word lists count fully in the first three languages, where they bring the words that course texts and law lack.
    """
    seen: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], str] = {}
    for pair in read_parallel(data):
        listed = pair.source in WORD_LISTS
        for language, text in ((pair.left_language, pair.left), (pair.right_language, pair.right)):
            first = language in _FIRST
            limit = _most_texts(pair.source, first=first)
            key = (pair.source, language)
            # The English side stands once for every language it is paired with, one row after another.
            if seen[key] >= limit or last.get(key) == text:
                continue
            last[key] = text
            seen[key] += 1
            yield language, 1.0 if listed and first else PARALLEL_WEIGHTS.get(pair.source, 0.2), text
    for pair in read_questions(data):
        key = (pair.source, pair.left_language)
        if seen[key] < _MOST:
            seen[key] += 1
            yield pair.left_language, QUESTION_WEIGHTS[pair.source], pair.left
            yield pair.left_language, QUESTION_WEIGHTS[pair.source] / 2, pair.right
    yield from ((language, 1.0, line) for language, line in read_single_language(data, limit=20_000))


def _most_texts(source: str, *, first: bool) -> int:
    if first:
        return 80_000 if source in WORD_LISTS else 25_000
    return 20_000 if source in ("coop_md", "opus_newstest") else _MOST
