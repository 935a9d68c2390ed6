"""What training begins with: the vocabulary, and every text as token ids; each is made once in a work folder."""

import logging
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from training import recipe
from training.corpus import read_parallel, read_questions, vocabulary_texts
from training.tokens import TokenStore, encode_pairs
from training.vocabulary import LANGUAGE_SHARES, Vocabulary, build_vocabulary, empty_tokenizer
from training.words import count_forms, dictionary_forms, group_words

_LOG = logging.getLogger("training")


def prepare_vocabularies(data: Path, sizes: Mapping[Path, int]) -> None:
    """Make the vocabularies that are not there yet: `sizes` says how many rows the one of each folder has."""
    wanted = {folder: rows for folder, rows in sizes.items() if not (folder / "tokenizer.json").is_file()}
    if not wanted:
        return
    _LOG.info("counting words")
    counts = count_forms(vocabulary_texts(data))
    fold = empty_tokenizer().normalizer.normalize_str
    words = group_words(counts, shares=LANGUAGE_SHARES, fold=fold)
    for folder, rows in wanted.items():
        _LOG.info("choosing %d rows", rows)
        folder.mkdir(parents=True, exist_ok=True)
        more = dictionary_forms(recipe.FAVOURITES, fold)
        build_vocabulary(words, size=rows, forms=recipe.FORMS, more_forms=more).save(folder)


def prepare_store(data: Path, work: Path, vocabulary: Vocabulary) -> TokenStore:
    """Return the token ids of all pairs, read from the work folder when they are there."""
    folder = work / "store"
    try:
        return TokenStore.load(folder)
    except FileNotFoundError:
        pairs = chain(read_parallel(data), read_questions(data))
        encode_pairs(vocabulary, pairs, longest=recipe.LONGEST_TEXT).save(folder)
        return TokenStore.load(folder)


def limit_threads(count: int) -> None:
    """Let torch and numba use so many threads."""
    import numba
    import torch

    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.get_num_threads()))
