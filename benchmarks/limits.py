"""How far can retrieval get with these signals, and what would move it? ``python -m benchmarks.limits --data DIR``.

XQuAD within a language. The signals of a static table are taken in one after the other, each time the one that helps
most, and weighed as well as any weights could: **fitted on the very questions that are then counted**, so that each
figure is a ceiling and nothing shipped comes from it. A gradient-boosted ranker, which is not bound to one weight for
each signal, is fitted on four fifths of the questions and counted on the last, in turns. With ``--encoder`` (a
sentence-transformers folder, for English paragraphs), the cosines of an encoder that reads words in their context are
put beside them, and the whole pipeline is measured with it as a user would configure it. Writes
``limits-<commit>.json`` and a picture.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/limits.py` works too

from benchmarks.drawing import Dot, dot_panels, write_svg
from benchmarks.machine import RESULTS, commit, write_result
from benchmarks.prepare import xquad_dataset
from rag.encoding import load_encoder
from rag.encoding.table import bundled_table
from rag.evaluation import Dataset, run_search
from rag.evaluation.measures import measure
from rag.index import Index
from rag.retrieval.features import FEATURES
from rag.retrieval.ranker import bundled_ranker
from rag.text.sentences import split_sentences
from training.evaluation import ndcg
from training.ranker import Asked, fit_order
from training.ranker_features import Pool

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

_OTHERS = 30  # paragraphs that an answer is weighed against
_STRENGTH = 10.0  # hardly any penalty: the best of all weights is looked for
_BOOSTED = 10  # paragraphs that boosted trees put in a new order
_FOLDS = 5
CONTEXT = ("context encoder, passage", "context encoder, sentence")


def signals(dataset: Dataset, language: str) -> tuple[Floats, Longs]:
    """Return ``(questions, paragraphs, len(FEATURES))`` and the number of the paragraph that answers each question."""
    pool = Pool(bundled_table(), [(row.text,) for row in dataset.corpus], language)
    place = {row.id: number for number, row in enumerate(dataset.corpus)}
    asked = dataset.judged(None)
    answers = np.array([place[next(iter(dataset.qrels[query_id]))] for query_id in asked])
    return np.stack([pool.features(question) for question in asked.values()]), answers


def context_signals(dataset: Dataset, language: str, folder: Path) -> Floats:
    """Return ``(questions, paragraphs, 2)``: an encoder's cosines with the paragraph and with its best sentence."""
    encoder = load_encoder(str(folder))
    texts = [row.text for row in dataset.corpus]
    sentences = [[text[a:b] for a, b in split_sentences(text, language)] for text in texts]
    firsts = np.cumsum([0, *(len(own) for own in sentences)])[:-1]
    questions = encoder.encode_queries(list(dataset.judged(None).values()))
    whole = questions @ encoder.encode_passages(texts).T
    single = questions @ encoder.encode_passages([sentence for own in sentences for sentence in own]).T
    return np.stack([whole, np.maximum.reduceat(single, firsts, axis=1)], axis=2).astype(np.float32)


def ceiling(rows: Floats, answers: Longs) -> float:
    """Return nDCG@10 with the best weights for these very questions."""
    spread = rows / np.maximum(rows.std(axis=(0, 1)), 1e-9)
    asked = []
    for values, total, answer in zip(rows, spread.sum(axis=2), answers.tolist(), strict=True):
        others = [place for place in np.argsort(-total, kind="stable").tolist() if place != answer][:_OTHERS]
        asked.append(Asked(task="all", same=True, features=values[[answer, *others]], answer=0))
    return ndcg(rows @ fit_order(asked, strength=_STRENGTH), answers)


def boosted(rows: Floats, answers: Longs, weights: Floats) -> float:
    """Return nDCG@10 when the first `_BOOSTED` by `weights` are put in a new order by boosted trees (scikit-learn's).

    They see each signal, how far it lies from the best among the others, and its place. The questions stand in the
    order of the articles, so that a fifth of them shares at most two articles with the rest.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    scores = rows @ weights
    first = np.argsort(-scores, axis=1, kind="stable")[:, :_BOOSTED]
    seen = np.take_along_axis(np.concatenate([scores[:, :, None], rows], axis=2), first[:, :, None], axis=1)
    highest = np.sort(seen, axis=1)[:, ::-1]
    behind = seen - np.where(seen == highest[:, :1], highest[:, 1:2], highest[:, :1])
    places = np.argsort(np.argsort(-seen, axis=1), axis=1)
    shown = np.concatenate([seen, behind, places], axis=2)
    right = first == answers[:, None]
    fold = np.arange(len(answers)) * _FOLDS // len(answers)
    for number in range(_FOLDS):
        trees = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=5.0
        )
        learnt, asked = fold != number, fold == number
        trees.fit(shown[learnt].reshape(-1, shown.shape[2]), right[learnt].ravel())
        found = trees.predict_proba(shown[asked].reshape(-1, shown.shape[2]))[:, 1].reshape(-1, _BOOSTED)
        # Above all that were not among the first.
        top = scores[asked].max(axis=1, keepdims=True) + 1.0 + found
        order = scores[asked].copy()
        np.put_along_axis(order, first[asked], top, axis=1)
        scores[asked] = order
    return ndcg(scores, answers)


def take_in(rows: Floats, answers: Longs, names: Sequence[str], *, most: int) -> list[tuple[str, float]]:
    """Return the signals in the order in which they help, up to `most`, each with the ceiling of all so far."""
    taken: list[int] = []
    steps: list[tuple[str, float]] = []
    while len(taken) < most:
        left = [place for place in range(len(names)) if place not in taken]
        values = {place: ceiling(rows[:, :, [*taken, place]], answers) for place in left}
        best = max(left, key=lambda place: values[place])
        taken.append(best)
        steps.append((names[best], values[best]))
        print(f"  {len(taken)} {names[best]}: {values[best]:.4f}", flush=True)
    return steps


def with_encoder(dataset: Dataset, folder: Path) -> dict[str, float]:
    """Return what the whole pipeline reaches with an encoder of the user's in the place of the bundled one."""
    with (
        tempfile.TemporaryDirectory(prefix="limits-") as place,
        Index.create(Path(place) / "index", model=str(folder)) as index,
    ):
        index.add(dataset.corpus)
        run = run_search(lambda question, k: index.retrieve(question, k, collapse=False), dataset, name="whole", k=10)
    values = measure(run, {query_id: dataset.qrels[query_id] for query_id in dataset.judged(None)}, k=10)
    return {name: round(float(found.mean()), 4) for name, found in values.items()}


def main() -> None:
    """Measure, print, draw, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder above eval/")
    parser.add_argument("--encoder", type=Path, help="sentence-transformers folder of an encoder for English")
    parser.add_argument("--most", type=int, default=6, help="signals that are taken in")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for results")
    flags = parser.parse_args()
    directions: dict[str, dict[str, object]] = {}
    panels = []
    for language in ("ro", "en"):
        name = f"{language}>{language}"
        print(name, flush=True)
        dataset = xquad_dataset(flags.data, language, language)
        rows, answers = signals(dataset, language)
        steps = take_in(rows, answers, FEATURES, most=flags.most)
        shown = [
            ("the best signal" if number == 1 else f"the best {number} signals", value)
            for number, (_, value) in enumerate(steps, start=1)
        ]
        shown.append((f"all {len(FEATURES)} signals", ceiling(rows, answers)))
        shown.append(("all, with the weights that ship", ndcg(rows @ bundled_ranker().same, answers)))
        shown.append(("boosted trees, on other questions", boosted(rows, answers, bundled_ranker().same)))
        found: dict[str, object] = {
            "taken_in": steps,
            **dict(zip(("all", "shipped", "boosted"), (value for _, value in shown[-3:]), strict=True)),
        }
        if flags.encoder and language == "en":
            context = context_signals(dataset, language, flags.encoder)
            found["context_alone"] = ceiling(context, answers)
            found["with_context"] = ceiling(np.concatenate([rows, context], axis=2), answers)
            found["pipeline_with_encoder"] = with_encoder(dataset, flags.encoder)
            shown.append(("an encoder that reads in context, alone", float(str(found["context_alone"]))))
            shown.append(("all signals and that encoder's", float(str(found["with_context"]))))
        directions[name] = found
        panels.append((name, [Dot(row=row, value=value, low=value, high=value) for row, value in shown]))
    print(json.dumps(directions, indent=1))
    print(
        write_result(
            "limits", {"encoder": flags.encoder and flags.encoder.name, "directions": directions}, folder=flags.out
        )
    )
    picture = dot_panels(
        panels,
        title="The highest nDCG@10 that any weights could reach on XQuAD",
        lowest=0.9,
        note="weights fitted on the questions that are counted, but for the line that says otherwise",
    )
    print(write_svg(flags.out / f"limits-{commit()}.svg", picture))


if __name__ == "__main__":
    main()
