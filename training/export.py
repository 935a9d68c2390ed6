"""Write a table and its tokenizer as an ordinary sentence-transformers folder, with the extras retrieval uses.

`SentenceTransformer(folder)` and `model2vec.StaticModel.from_pretrained(folder)` both load it. Beside the two modules
lie `neighbours.safetensors` (each word's nearest other words, for translating a query) and `model.json`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from training.corpus import WORD_LISTS
from training.table import Floats
from training.tokens import Ints, TokenStore
from training.vocabulary import Vocabulary

NAME = "izvor-static-1"
NEIGHBOURS = 12
# Of the twelve, for the words of each language that must not be crowded out.
RESERVED = 3
# Below this cosine the nearest words are about the same subject rather than the same thing; chosen by reading the
# neighbours of words in ro, sl, en, de and es.
NEIGHBOUR_FLOOR = 0.5
_MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": ".",
        "type": "sentence_transformers.models.StaticEmbedding",
    },
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def export_model(
    folder: Path,
    *,
    table: Floats,
    vocabulary: Vocabulary,
    frequency: npt.NDArray[np.int64],
    languages: Sequence[str],
    card: str,
    groups: Sequence[npt.NDArray[np.bool_]] = (),
    shares: Floats | None = None,
) -> None:
    """Write the model folder; existing files of the model are replaced, others are left alone.

    Args:
        folder: Made when missing.
        table: `(vocabulary, dimension)`; stored as float16, after a scaling that changes no cosine and no ratio.
        vocabulary: Row 0 is the unknown token, stored as zeros. The forms of a word share its row through `mapping`,
            which both libraries read.
        frequency: Occurrences of each row in the training text; only trained words become neighbours.
        languages: Language codes, the best-served first.
        card: Text of `README.md`.
        groups: Masks over the vocabulary, as `spoken` returns them, for `neighbours`.
        shares: Of each token, as `commonness` returns them.
    """
    (folder / "1_Normalize").mkdir(parents=True, exist_ok=True)
    rows = stored_rows(table)
    save_file({"embeddings": rows, "mapping": vocabulary.rows}, folder / "model.safetensors")
    vocabulary.tokenizer.no_padding()
    vocabulary.tokenizer.no_truncation()
    vocabulary.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    ids, similarity = neighbours(rows.astype(np.float32), vocabulary.names, frequency, groups=groups)
    # Without a sign 16 bits are enough; where the similarity is 0 there is no neighbour.
    save_file({"ids": ids.clip(0).astype(np.uint16), "similarity": similarity}, folder / "neighbours.safetensors")
    if shares is not None:
        save_file({"share": shares.astype(np.float32)}, folder / "commonness.safetensors")
    _write_json(folder / "modules.json", _MODULES)
    _write_json(folder / "1_Normalize" / "config.json", {})
    fingerprint = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    _write_json(
        folder / "config_sentence_transformers.json",
        {
            "__version__": {},
            "prompts": {},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    # Read by model2vec: unit length, and no cut at its default of 512 tokens.
    config = {"normalize": True, "max_length": None, "embedding_dtype": "float16", "vocabulary_quantization": len(rows)}
    _write_json(folder / "config.json", config)
    _write_json(
        folder / "model.json",
        {
            "name": NAME,
            "revision": fingerprint[:12],
            "fingerprint": fingerprint,
            "dimension": int(rows.shape[1]),
            "vocabulary_size": len(rows),
            "forms": len(vocabulary.rows),
            "languages": list(languages),
        },
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def stored_rows(table: Floats) -> npt.NDArray[np.float16]:
    """Scale so that the median row has length 1, zero the unknown token, and round to 16 bits."""
    length = np.linalg.norm(table, axis=1)
    rows = table / np.median(length[1:])
    rows[0] = 0.0
    stored: npt.NDArray[np.float16] = rows.astype(np.float16)
    return stored


def neighbours(
    table: Floats,
    tokens: Sequence[str],
    frequency: npt.NDArray[np.int64],
    *,
    groups: Sequence[npt.NDArray[np.bool_]] = (),
    floor: float = NEIGHBOUR_FLOOR,
) -> tuple[Ints, npt.NDArray[np.float16]]:
    """Return for each whole word its nearest other whole words by cosine, best first.

    Pieces, numbers and words hardly seen in training have none and are none: their directions say little. A common word
    has its translation in thirty languages above the floor, so each of `groups`, a mask over the vocabulary for one
    language, has up to `RESERVED` places of its own; what is left goes to the nearest of all.

    Returns:
        Token ids `(vocabulary, 12)`, -1 where fewer lie above the floor, and their cosines, 0 there.
    """
    unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
    words = np.array(
        [i for i, t in enumerate(tokens) if len(t) > 2 and t.isalpha() and frequency[i] >= 20], dtype=np.int64
    )
    ids = np.full((len(tokens), NEIGHBOURS), -1, np.int32)
    similarity = np.zeros((len(tokens), NEIGHBOURS), np.float16)
    for block in np.array_split(words, max(1, len(words) // 2000)):
        if not len(block):
            continue
        cosines = unit[block] @ unit[words].T
        cosines[np.arange(len(block)), np.searchsorted(words, block)] = -1.0
        count = min(NEIGHBOURS, len(words) - 1)
        chosen = cosines.copy()
        for group in groups:
            columns = np.flatnonzero(group[words])
            reserved = columns[_largest(cosines[:, columns], min(RESERVED, len(columns)))]
            within = np.take_along_axis(cosines, reserved, 1)
            np.put_along_axis(chosen, reserved, np.where(within >= floor, within + 2.0, within), 1)
        nearest = _largest(chosen, count)
        values = np.take_along_axis(cosines, nearest, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        values, nearest = np.take_along_axis(values, order, 1), np.take_along_axis(nearest, order, 1)
        good = values >= floor
        ids[block, :count] = np.where(good, words[nearest], -1)
        similarity[block, :count] = np.where(good, values, 0.0)
    return ids, similarity


def _largest(values: Floats, count: int) -> npt.NDArray[np.int64]:
    """Return the columns of the `count` largest values of each row, in no order."""
    if not count:
        return np.zeros((len(values), 0), np.int64)
    return np.argpartition(-values, count - 1, axis=1)[:, :count]


def spoken(store: TokenStore, languages: Sequence[str], *, size: int) -> list[npt.NDArray[np.bool_]]:
    """Return for each language which tokens are its own: at least .3 as frequent as where they are most frequent."""
    shares = _shares(store, size, np.ones(len(store.sources), dtype=bool))
    most = shares.max(0)
    return [
        (share >= 0.3 * most) & (share > 0) for share in (shares[store.languages.index(name)] for name in languages)
    ]


def commonness(store: TokenStore, *, size: int) -> Floats:
    """Return each token's share `(size,)` of running text, not of word lists, in the language that uses it most."""
    running = np.array([source not in WORD_LISTS for source in store.sources])
    shares: Floats = _shares(store, size, running).max(0).astype(np.float32)
    return shares


def _shares(store: TokenStore, size: int, sources: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Return the share `(languages, size)` of each token in the texts of each language that come from some sources."""
    text_language = np.full(len(store.starts) - 1, -1, np.int32)
    chosen = sources[store.source]
    text_language[store.left[chosen]] = store.left_language[chosen]
    text_language[store.right[chosen]] = store.right_language[chosen]
    token_language = np.repeat(text_language, np.diff(store.starts))
    shares = np.zeros((len(store.languages), size))
    for code in range(len(store.languages)):
        counts = np.bincount(store.tokens[token_language == code], minlength=size)
        # A language with little text would otherwise claim every name that occurs in it.
        shares[code] = counts / (counts.sum() + 3e4)
    return shares


def _write_json(path: Path, value: Mapping[str, object] | Sequence[object]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
