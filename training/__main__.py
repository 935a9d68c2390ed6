"""Make the bundled model: `python -m training --data DATA --out FOLDER`.

Every step leaves its result in the work folder and is skipped when that is there already; delete the
folder to start afresh.
"""

import argparse
import json
import logging
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from training import recipe
from training.card import model_card
from training.evaluation import evaluate_translation, evaluate_xquad, summary
from training.export import commonness, export_model, spoken, stored_rows
from training.held_out import without_held_out
from training.preparing import limit_threads, prepare_store, prepare_vocabularies
from training.stages import Machine, mean_of_runs, run_stage
from training.table import first_vectors
from training.vocabulary import LANGUAGE_SHARES, Vocabulary

_LOG = logging.getLogger("training")
FINISHED = "table.npy"
"""The finished table in the work folder, before it is rounded."""


def main() -> None:
    """Run the recipe from data to model folder."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/, qa/, mono/ and eval/")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "izvor-model"), help="checkpoints")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cpu", help="where torch computes, for example cuda (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="processes that draw batches ahead of an accelerator")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    limit_threads(arguments.threads)
    started = time.perf_counter()
    data, work = arguments.data, arguments.work
    if not (data / "train").is_dir():
        parser.error(f"no folder 'train' in {data}; give the data folder: --data ../shared/data")
    work.mkdir(parents=True, exist_ok=True)

    prepare_vocabularies(data, {work: recipe.VOCABULARY})
    vocabulary = Vocabulary.load(work)
    store = without_held_out(prepare_store(data, work, vocabulary))
    frequency = np.bincount(store.tokens, minlength=vocabulary.size)
    table = first_vectors(vocabulary.names, frequency.astype(float), dimension=recipe.DIMENSION, seed=recipe.SEED)
    machine = Machine(device=arguments.device, workers=arguments.workers)
    table = run_stage(recipe.MEANING, table, store, checkpoints=work, seed=recipe.SEED, machine=machine)
    store = recipe.crossed(store, table)
    table = mean_of_runs(
        recipe.STAGES, table, store, runs=recipe.RUNS, checkpoints=work, seed=recipe.SEED, machine=machine
    )
    np.save(work / FINISHED, table)

    shipped = stored_rows(table).astype(np.float32)
    figures = {**evaluate_xquad(shipped, vocabulary, data), **evaluate_translation(shipped, vocabulary, data)}
    _LOG.info("figures\n%s", summary(figures))
    (work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    languages = tuple(sorted(LANGUAGE_SHARES, key=lambda code: -LANGUAGE_SHARES[code]))
    card = model_card(
        vocabulary_size=vocabulary.size,
        forms=len(vocabulary.rows),
        dimension=recipe.DIMENSION,
        languages=languages,
        figures=figures,
        recipe=recipe.describe(),
    )
    export_model(
        arguments.out,
        table=table,
        vocabulary=vocabulary,
        frequency=frequency,
        languages=languages,
        card=card,
        groups=spoken(store, recipe.FAVOURITES, size=vocabulary.size),
        shares=commonness(store, size=vocabulary.size),
    )
    _LOG.info("wrote %s after %.0f minutes", arguments.out, (time.perf_counter() - started) / 60)


if __name__ == "__main__":
    main()
