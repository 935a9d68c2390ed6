"""The pipeline on data small enough to check by hand."""

import gzip
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from training import held_out
from training.alignment import with_crossed_questions
from training.corpus import Pair, read_parallel, read_questions
from training.evaluation import encode, evaluate_translation, evaluate_xquad, interaction, mean_vectors, ndcg
from training.export import export_model, neighbours, spoken, stored_rows
from training.folding import fold_character, folding_rules
from training.kernels import best_matches, scatter_matches
from training.objectives import batch_gradients, contrast, interaction_scores, pooled, side
from training.optimiser import RowAdam
from training.sampling import Batch, Mix, Sampler
from training.stages import Stage, learning_rate, run_stage
from training.table import first_vectors
from training.tokens import TokenStore, encode_pairs
from training.vocabulary import Vocabulary, build_vocabulary, empty_tokenizer
from training.words import Words, count_forms, dictionary_forms, group_words

_WORDS = {
    "ro": ["soare", "apă", "foc", "pământ", "vânt", "munte", "râu", "pădure", "casă", "drum", "piatră", "zăpadă"],
    "sl": ["sonce", "voda", "ogenj", "zemlja", "veter", "gora", "reka", "gozd", "hiša", "cesta", "kamen", "sneg"],
    "en": ["sun", "water", "fire", "earth", "wind", "mountain", "river", "forest", "house", "road", "stone", "snow"],
}


def _sentences(language: str, count: int = 60) -> list[str]:
    random = np.random.default_rng(7)
    return [" ".join(_WORDS[language][i] for i in random.integers(0, 12, 5)) for _ in range(count)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "train").mkdir()
    (folder / "qa").mkdir()
    text = {language: _sentences(language) for language in _WORDS}
    rows = [f"en\t{other}\t{a}\t{b}\n" for other in ("ro", "sl") for a, b in zip(text["en"], text[other], strict=True)]
    with gzip.open(folder / "train" / "coop_md.tsv.gz", "wt", encoding="utf-8") as file:
        file.writelines([*rows, "broken row\n", "en\tro\t\tfără stânga\n"])
    with gzip.open(folder / "qa" / "headings_coop_md.tsv.gz", "wt", encoding="utf-8") as file:
        for language in _WORDS:
            file.writelines(f"{language}\t{a.rsplit(' ', 2)[0]}\t{a}\n" for a in text[language][:20])
    return folder


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    fold = empty_tokenizer().normalizer.normalize_str
    texts = ((language, 1.0, sentence) for language in _WORDS for sentence in _sentences(language))
    mass = {fold(word): float(count) for words in count_forms(texts).values() for word, count in words.items()}
    return build_vocabulary(Words(mass=mass, lemma={word: word for word in mass}), size=2000, forms=0)


def _row(vocabulary: Vocabulary, word: str) -> int:
    return int(vocabulary.encode([word])[0][0])


@pytest.fixture(scope="module")
def store(data: Path, vocabulary: Vocabulary) -> TokenStore:
    pairs = [*read_parallel(data), *read_questions(data)]
    return encode_pairs(vocabulary, pairs, longest=30)


def _mix(**changes: object) -> Mix:
    settings: dict[str, object] = {
        "weights": {"coop_md": 1.0, "headings_coop_md": 1.0},
        "questions": frozenset({"headings_coop_md"}),
        "words": frozenset(),
        "run": 4,
    }
    return Mix(**(settings | changes))  # type: ignore[arg-type]


def _unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    unit: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@pytest.mark.parametrize(
    ("character", "folded"),
    [
        ("Ș", "s"),
        ("ţ", "t"),
        ("ß", "ss"),
        ("Æ", "ae"),
        ("Đ", "d"),
        ("Ł", "l"),
        ("Ø", "o"),
        ("ı", "i"),
        ("İ", "i"),
        ("Щ", "sc"),
    ],
)
def test_folding_one_character(character: str, folded: str) -> None:
    assert fold_character(character) == folded


def test_folding_is_final() -> None:
    """Folded text folds to itself: no rule's result holds a character that another rule changes."""
    rules = folding_rules()
    assert not {c for folded in rules.values() for c in folded if c in rules}


def test_rows_that_are_not_pairs_are_left_out(data: Path) -> None:
    pairs = list(read_parallel(data))
    assert len(pairs) == 120
    assert pairs[0] == Pair(
        source="coop_md",
        left_language="en",
        right_language="ro",
        left=_sentences("en")[0],
        right=_sentences("ro")[0],
    )


def test_tokenizer_knows_whole_words_numbers_and_pieces(vocabulary: Vocabulary) -> None:
    assert vocabulary.tokenizer.encode("Pământ, PĂDURE: 2026!").tokens == ["pamant", "padure", "2026"]
    assert "[UNK]" not in vocabulary.tokenizer.encode("nemaivăzut Щука Ψωμί 98765").tokens


def test_tokenizer_offsets_point_into_the_original(vocabulary: Vocabulary) -> None:
    text = "„Pământ” şi ZĂPADĂ"
    spans = [text[a:b] for a, b in vocabulary.tokenizer.encode(text).offsets]
    assert spans[0] == "Pământ" and spans[-1] == "ZĂPADĂ"


def test_store_keeps_each_text_once_and_survives_saving(
    store: TokenStore, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    assert len(store.left) == 180
    # The English side stands once for both languages.
    assert np.array_equal(store.left[:60], store.left[60:120])
    first = store.tokens[store.starts[store.right[0]] : store.starts[store.right[0] + 1]]
    assert [vocabulary.names[i] for i in first] == [
        w.replace("ă", "a").replace("â", "a") for w in _sentences("ro")[0].split()
    ]
    store.save(tmp_path / "store")
    again = TokenStore.load(tmp_path / "store")
    assert np.array_equal(again.tokens, store.tokens) and again.sources == store.sources
    with pytest.raises(FileNotFoundError):
        TokenStore.load(tmp_path / "nothing")


def test_same_seed_same_batch(store: TokenStore) -> None:
    one, two = (Sampler(store, _mix(), seed=3).draw(16) for _ in range(2))
    assert np.array_equal(one.query_tokens, two.query_tokens) and np.array_equal(one.passage_tokens, two.passage_tokens)
    assert len(one.query_starts) == len(one.passage_starts) == 17
    other = Sampler(store, _mix(), seed=4).draw(16)
    assert not np.array_equal(one.query_tokens, other.query_tokens)


def test_plain_pairs_are_translations(store: TokenStore) -> None:
    mix = _mix(question_share=0.0, pivot=0.0, crop=0.0, extend=0.0)
    batch = Sampler(store, mix, seed=1).draw(20)
    texts = [tuple(store.tokens[a:b]) for a, b in zip(store.starts, store.starts[1:], strict=False)]
    pairs = {frozenset((texts[a], texts[b])) for a, b in zip(store.left, store.right, strict=True)}
    for i in range(20):
        query = tuple(batch.query_tokens[batch.query_starts[i] : batch.query_starts[i + 1]])
        passage = tuple(batch.passage_tokens[batch.passage_starts[i] : batch.passage_starts[i + 1]])
        assert frozenset((query, passage)) in pairs


def test_pivot_gives_pairs_without_english(store: TokenStore, vocabulary: Vocabulary) -> None:
    batch = Sampler(store, _mix(question_share=0.0, pivot=1.0, crop=0.0, extend=0.0), seed=1).draw(20)
    words = {vocabulary.names[i] for i in (*batch.query_tokens, *batch.passage_tokens)}
    english = set(_WORDS["en"])
    # A pivot that lands on the pair's own language keeps the English side.
    assert words - english and len(words & english) < len(words) / 2


def test_extended_passage_holds_the_answer(store: TokenStore) -> None:
    mix = _mix(question_share=0.0, pivot=0.0, crop=0.0, extend=1.0, longest_passage=12)
    batch = Sampler(store, mix, seed=1).draw(16)
    lengths = np.diff(batch.passage_starts)
    assert lengths.max() <= 12 and lengths.max() > 5
    assert np.diff(batch.query_starts).tolist() == [5] * 16


def test_words_spelt_alike_begin_alike() -> None:
    tokens = ["[UNK]", "negociere", "negocierile", "fotbal", "2025", "2026"]
    vectors = _unit(first_vectors(tokens, np.ones(6), dimension=256, seed=1))
    cosines = vectors @ vectors.T
    assert cosines[1, 2] > 0.3 > 0.2 > abs(cosines[1, 3])
    assert abs(cosines[4, 5]) < 0.2


def test_rare_words_begin_longer() -> None:
    vectors = first_vectors(["[UNK]", "the", "rare"], np.array([0.0, 1e6, 1.0]), dimension=8, seed=1)
    length = np.linalg.norm(vectors, axis=1)
    # Length 1 is for a token seen once in a million, .3 for the most frequent, straight in the logarithm between.
    assert length[1] == pytest.approx(0.3, abs=1e-4)
    assert length[2] == pytest.approx(0.3 + 0.7 * math.log(1e6 / 2) / math.log(1e6), abs=1e-4)


def test_best_matches_and_their_gradient() -> None:
    similarity = np.array([[0.1, 0.9], [0.5, 0.2], [0.3, 0.4]], np.float32)
    best, where = best_matches(similarity, np.array([0, 1, 2, 0], np.int32), np.array([0, 2, 4], np.int32))
    assert best == pytest.approx(np.array([[0.5, 0.9], [0.3, 0.9]]), abs=1e-6)
    assert where.tolist() == [[1, 0], [2, 0]]
    back = scatter_matches(np.array([[1, 2], [3, 4]], np.float32), where, 3)
    assert back.tolist() == [[0, 6], [1, 0], [3, 0]]


def test_interaction_score_by_hand() -> None:
    # Query tokens: length 3 along x, length 1 along y. Passage: x, and a diagonal.
    queries = side(np.array([0, 1], np.int32), np.array([0, 2], np.int32))
    passages = side(np.array([0, 1], np.int32), np.array([0, 2], np.int32))
    score = interaction_scores(
        torch.tensor([[3.0, 0.0], [0.0, 1.0]]), torch.tensor([[2.0, 0.0], [1.0, 1.0]]), queries, passages
    )
    assert float(score) == pytest.approx((3 * 1 + 1 * math.sqrt(0.5)) / 4, abs=4e-3)
    table = np.array([[3, 0], [0, 1], [2, 0], [1, 1]], np.float32)
    ids = (
        (np.array([0, 1], np.int32), np.array([0, 2], np.int32)),
        (np.array([2, 3], np.int32), np.array([0, 2], np.int32)),
    )
    assert interaction(table, *ids).item() == pytest.approx((3 + math.sqrt(0.5)) / 4, abs=1e-6)


def test_pooled_is_the_unit_mean_and_its_gradient_is_right() -> None:
    texts = side(np.array([0, 1, 1], np.int32), np.array([0, 2, 3], np.int32))
    vectors = torch.tensor([[3.0, 0.0], [0.0, 4.0]], requires_grad=True)
    out = pooled(vectors, texts)
    assert out.tolist()[0] == pytest.approx([0.6, 0.8]) and out.tolist()[1] == pytest.approx([0.0, 1.0])
    double = vectors.detach().double().requires_grad_()
    reference = torch.nn.functional.normalize(torch.stack([double[0] + double[1], double[1]]), dim=1)
    weights = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    (out * weights).sum().backward()  # type: ignore[no-untyped-call]
    (reference * weights).sum().backward()  # type: ignore[no-untyped-call]
    assert vectors.grad is not None and double.grad is not None
    assert vectors.grad.tolist()[0] == pytest.approx(double.grad.tolist()[0], abs=1e-6)


def test_contrast_of_equal_scores_is_the_logarithm_of_the_batch() -> None:
    assert float(contrast(torch.zeros(4, 4), scale=20)) == pytest.approx(math.log(4))
    assert float(contrast(torch.eye(4), scale=100)) == pytest.approx(0.0, abs=1e-6)


def test_first_adam_step_moves_by_the_rate() -> None:
    adam = RowAdam(table=np.zeros((3, 2), np.float32))
    adam.update(np.array([1]), np.array([[5.0, -0.1]], np.float32), rate=0.01)
    assert adam.table.tolist() == [[0, 0], pytest.approx([-0.01, 0.01], rel=1e-4), [0, 0]]
    # A row first seen later moves as far: its own count of steps.
    adam.update(np.array([2]), np.array([[1.0, 1.0]], np.float32), rate=0.01)
    assert adam.table[2].tolist() == pytest.approx([-0.01, -0.01], rel=1e-4)


def test_rate_rises_then_falls() -> None:
    stage = Stage(name="s", steps=1000, pairs=2, rate=1.0, last_rate=0.0, mix=_mix())
    assert [learning_rate(stage, step) for step in (25, 500, 1000)] == pytest.approx([0.4875, 0.5, 0.0])


def test_training_learns_the_translations(store: TokenStore, vocabulary: Vocabulary, tmp_path: Path) -> None:
    size = vocabulary.size
    table = first_vectors(vocabulary.names, np.ones(size), dimension=32, seed=1)
    stage = Stage(
        name="both",
        steps=60,
        pairs=16,
        rate=0.03,
        mean_weight=1.0,
        interaction_weight=1.0,
        mix=_mix(extend=0.2, crop=0.2),
    )
    table = run_stage(stage, table, store, checkpoints=tmp_path, seed=1)
    words = {language: np.array([_row(vocabulary, w) for w in _WORDS[language]]) for language in _WORDS}
    unit = _unit(table)
    right = (unit[words["ro"]] @ unit[words["sl"]].T).argmax(1) == np.arange(12)
    assert right.mean() >= 0.9
    # Finished stages are read back, not run again.
    again = run_stage(stage, np.zeros_like(table), store, checkpoints=tmp_path, seed=1)
    assert np.array_equal(again, table)


def test_gradient_touches_only_the_tokens_of_the_batch() -> None:
    table = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)
    starts = np.array([0, 2, 4], np.int32)
    batch = Batch(
        query_tokens=np.array([3, 9, 4, 3], np.int32),
        query_starts=starts,
        passage_tokens=np.array([9, 7, 20, 4], np.int32),
        passage_starts=starts,
    )
    rows, gradient, mean, late = batch_gradients(
        table, batch, mean_weight=1.0, interaction_weight=1.0, scale=5.0, interaction_scale=5.0
    )
    assert rows.tolist() == [3, 4, 7, 9, 20] and gradient.shape == (5, 8)
    assert np.isfinite(gradient).all() and mean > 0 and late > 0


def test_sections_are_found_across_languages(store: TokenStore, vocabulary: Vocabulary) -> None:
    size = vocabulary.size
    table = np.zeros((size, 12), np.float32)
    for language in _WORDS:
        for place, word in enumerate(_WORDS[language]):
            table[_row(vocabulary, word), place] = 1.0
    crossed = with_crossed_questions(
        store, table, sources=["headings_coop_md"], per_passage=1, favourites=["ro"], seed=1
    )
    added = slice(len(store.left), None)
    assert (crossed.left_language[added] != crossed.right_language[added]).all()
    assert len(crossed.left) - len(store.left) == 60

    def places(text: int) -> list[int]:
        return [int(table[i].argmax()) for i in crossed.tokens[crossed.starts[text] : crossed.starts[text + 1]]]

    for left, right in zip(crossed.left[added], crossed.right[added], strict=True):
        assert places(int(right))[:3] == places(int(left))


def test_ndcg_by_hand() -> None:
    scores = np.array([[3, 2, 1], [1, 3, 2], [1, 2, 3]], np.float32)
    assert ndcg(scores, np.array([0, 2, 0])) == pytest.approx((1 + 1 / math.log2(3) + 1 / math.log2(4)) / 3)


def test_mean_vectors_of_known_rows(vocabulary: Vocabulary) -> None:
    tokens, starts = encode(vocabulary, ["soare soare", "!!!"])
    assert starts.tolist() == [0, 2, 3] and tokens[2] == 0
    table = np.zeros((vocabulary.size, 2), np.float32)
    table[tokens[0]] = (0, 5)
    assert mean_vectors(table, tokens, starts).tolist() == [[0, 1], [0, 0]]


def test_neighbours_are_words_above_the_floor() -> None:
    tokens = ["[UNK]", "pace", "peace", "mir", "##ace", "2026", "rare"]
    table = np.array([[0, 0], [1, 0], [0.9, 0.1], [0, 1], [1, 0], [1, 0], [1, 0]], np.float32)
    ids, similarity = neighbours(table, tokens, np.array([0, 50, 50, 50, 50, 50, 1]), floor=0.5)
    assert ids[1].tolist() == [2] + [-1] * 11
    assert similarity[1, 0] == pytest.approx(0.9 / math.hypot(0.9, 0.1), abs=1e-3) and similarity[1, 1] == 0
    assert (ids[[0, 3, 4, 5, 6]] == -1).all()


def test_a_language_keeps_its_places_among_neighbours() -> None:
    tokens = ["[UNK]", "war", *(f"near{c}" for c in "abcdefghijklm"), "razboi"]
    angles = np.array([0, 0, *np.linspace(0.01, 0.2, 13), 0.5])
    table = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    frequency = np.full(16, 50)
    romanian = np.zeros(16, bool)
    romanian[15] = True
    assert 15 not in neighbours(table, tokens, frequency)[0][1]
    ids, similarity = neighbours(table, tokens, frequency, groups=[romanian])
    assert ids[1].tolist() == [*range(2, 13), 15]
    assert similarity[1, 11] == pytest.approx(math.cos(0.5), abs=1e-3)


def test_words_belong_to_the_languages_that_use_them(store: TokenStore, vocabulary: Vocabulary) -> None:
    romanian, english = spoken(store, ["ro", "en"], size=vocabulary.size)
    forest, padure = (_row(vocabulary, word) for word in ("forest", "pădure"))
    assert [romanian[forest], romanian[padure], english[forest], english[padure]] == [False, True, True, False]


def test_stored_rows_keep_every_cosine_and_ratio() -> None:
    table = np.random.default_rng(0).standard_normal((20, 16)).astype(np.float32) * 0.01
    rows = stored_rows(table).astype(np.float32)
    assert not rows[0].any() and np.median(np.linalg.norm(rows[1:], axis=1)) == pytest.approx(1, abs=1e-3)
    assert _unit(rows[1:]) @ _unit(rows[1:]).T == pytest.approx(_unit(table[1:]) @ _unit(table[1:]).T, abs=2e-3)


def test_exported_folder_loads(vocabulary: Vocabulary, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    size = vocabulary.size
    table = np.random.default_rng(0).standard_normal((size, 16)).astype(np.float32)
    export_model(
        tmp_path,
        table=table,
        vocabulary=vocabulary,
        frequency=np.ones(size, np.int64),
        languages=["ro"],
        card="# card\n",
    )
    model = SentenceTransformer(str(tmp_path), device="cpu").float()
    vector = model.encode(["soare apă"])[0]
    ids = np.concatenate(vocabulary.encode(["soare", "apă"]))
    expected = table[ids].sum(0) / np.linalg.norm(table[ids].sum(0))
    assert vector == pytest.approx(expected, abs=2e-3)
    assert not model.encode([""]).any()


def test_evaluation_reads_the_sets(vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "eval" / "flores-dev").mkdir(parents=True)
    (tmp_path / "eval" / "tatoeba").mkdir()
    for language in ("ro", "en"):
        word = _WORDS[language]
        paragraphs = ", ".join(
            f'{{"context": "{word[i]}. {word[i + 1]}.", "qas": [{{"question": "{word[i]}?"}}]}}' for i in (0, 4, 8)
        )
        (tmp_path / "eval" / f"xquad.{language}.json").write_text(
            f'{{"data": [{{"paragraphs": [{paragraphs}]}}]}}', encoding="utf-8"
        )
    size = vocabulary.size
    table = np.random.default_rng(0).standard_normal((size, 64)).astype(np.float32)
    for romanian, english in zip(_WORDS["ro"], _WORDS["en"], strict=True):
        ids = [_row(vocabulary, w) for w in (romanian, english)]
        table[ids[1]] = table[ids[0]]
    results = evaluate_xquad(table, vocabulary, tmp_path)
    assert {use: row["ro>en"] for use, row in results.items()} == {
        "mean": 1.0, "sentence": 1.0, "maxsim": 1.0, "sentence+2maxsim": 1.0
    }  # fmt: skip
    with pytest.raises(FileNotFoundError):
        evaluate_translation(table, vocabulary, tmp_path)


def test_forms_of_a_word_share_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    fold = empty_tokenizer().normalizer.normalize_str
    counts = {
        "ro": {"meciul": 5.0, "meciului": 3.0, "război": 4.0, "mare": 9.0, "învins": 2.0, "învinsă": 3.0},
        "sl": {"predsednika": 6.0, "Trumpa".lower(): 2.0, "trump": 4.0},
        "en": {"scored": 3.0, "left": 2.0, "typo": 1.0},
    }
    words = group_words(counts, shares={"ro": 1.0, "sl": 1.0, "en": 1.0}, fold=fold)
    expected = {
        "meciul": "meci", "meciului": "meci", "razboi": "razboi", "predsednika": "predsednik", "scored": "score",
        "trumpa": "trump", "invins": "invinge", "invinsa": "invinge",
    }  # fmt: skip
    assert {form: words.lemma[form] for form in expected} == expected
    assert all(words.lemma[lemma] == lemma for lemma in words.lemma.values())
    monkeypatch.setattr("training.vocabulary._PIECES", 1)  # or so few words would all be learned as pieces
    few = Words(
        mass={"meciul": 5.0, "meci": 1.0, "padure": 2.0},
        lemma=dict.fromkeys(("meciul", "meci"), "meci") | {"padure": "padure"},
    )
    vocabulary = build_vocabulary(few, size=2000, forms=2, more_forms=[("meciurilor", "meci"), ("padurii", "padure")])
    game, more, other = (
        vocabulary.encode([text])[0].tolist() for text in ("meci meciul MECIUL", "meciurilor", "pădure")
    )
    assert len(set(game)) == 1 and more == game[:1] and other != more
    assert vocabulary.names[game[0]] == "meci"
    # There was room for two more strings: the commonest form of the text, then one of the dictionary's.
    assert len(vocabulary.rows) == vocabulary.size + 2
    assert {("meciurilor", "meci"), ("castigate", "castiga")} <= set(dictionary_forms(["ro"], fold))


def test_a_vocabulary_survives_saving(vocabulary: Vocabulary, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Vocabulary.load(tmp_path)
    vocabulary.save(tmp_path)
    again = Vocabulary.load(tmp_path)
    assert again.names == vocabulary.names and np.array_equal(again.rows, vocabulary.rows)


def test_what_the_ranker_asks_with_is_not_trained_on() -> None:
    rows = held_out.QUESTION_ROWS["law_sl"]
    pairs = [
        Pair(source=held_out.NEWS, left_language="en", right_language=other, left=left, right=f"{left} {other}")
        for other in ("de", "hu")
        for left in (f"news {n}" for n in range(held_out.NEWS_ROWS + 5))
    ]
    pairs += [
        Pair(source="law_sl", left_language="sl", right_language="sl", left=f"q {n}", right="a")
        for n in range(rows + 7)
    ]
    fold = dict.fromkeys(("news", "q", "a", "de", "hu"), 1.0)
    store = encode_pairs(
        build_vocabulary(Words(mass=fold, lemma={w: w for w in fold}), size=2000, forms=0), pairs, longest=9
    )
    kept = held_out.without_held_out(store)
    # The same English sentences with another language are kept apart too.
    assert np.bincount(kept.source).tolist() == [5 + 5, 7]
    assert kept.left[-1] == store.left[-1] and len(kept.tokens) == len(store.tokens)


def test_a_question_may_ask_in_the_words_of_its_passage(store: TokenStore) -> None:
    batch = Sampler(store, _mix(same=1.0, question_share=0.0, crop=0.0, extend=0.0), seed=2).draw(8)
    for i in range(8):
        asked = batch.query_tokens[batch.query_starts[i] : batch.query_starts[i + 1]].tolist()
        assert set(asked) <= set(batch.passage_tokens[batch.passage_starts[i] : batch.passage_starts[i + 1]].tolist())


def test_a_run_of_one_stretch_keeps_its_pairs_apart(store: TokenStore) -> None:
    sampler = Sampler(store, _mix(near=1.0), seed=2)
    for _ in range(20):
        places = np.sort(sampler._positions(10, 60, 4))
        assert places[0] >= 10 and places[-1] < 60 and (np.diff(places) == 8).all()
    assert len(set(sampler._positions(0, 20, 4).tolist())) == 4  # too few for a stretch: drawn from all
