"""The part of the data that the table never sees, because the ranker is fitted on what the table makes of it.

A table that has seen a question with its passage makes its own signals look better than they are, and BM25 useless. The
first rows of each question source are kept apart (rows of one article stand together), and the first
sentences of the news test sets, in whatever language pair they turn up again.
"""

from dataclasses import replace

import numpy as np

from training.tokens import TokenStore

QUESTION_ROWS = {
    "squad_train_qg_en": 3000,
    "norquad_nb": 1500,
    "covidqa_en": 600,
    "law_ro": 800,
    "law_sl": 800,
}
NEWS = "opus_newstest"
NEWS_LANGUAGES = ("de", "es", "fr", "ru", "cs")
NEWS_ROWS = 1500  # of English with each of the languages


def without_held_out(store: TokenStore) -> TokenStore:
    """Return the store without the pairs that are kept apart; the texts stay, the order too."""
    kept = np.ones(len(store.left), dtype=bool)
    for source, count in QUESTION_ROWS.items():
        if source in store.sources:
            kept[np.flatnonzero(store.source == store.sources.index(source))[:count]] = False
    if NEWS in store.sources and "en" in store.languages:
        news = np.flatnonzero(store.source == store.sources.index(NEWS))
        apart = np.zeros(len(store.starts) - 1, dtype=bool)
        english = store.left_language[news] == store.languages.index("en")
        for language in set(NEWS_LANGUAGES) & set(store.languages):
            rows = news[english & (store.right_language[news] == store.languages.index(language))][:NEWS_ROWS]
            apart[store.left[rows]] = apart[store.right[rows]] = True
        kept[news[apart[store.left[news]] | apart[store.right[news]]]] = False
    return replace(
        store,
        left=store.left[kept],
        right=store.right[kept],
        source=store.source[kept],
        left_language=store.left_language[kept],
        right_language=store.right_language[kept],
    )
