"""How large must the table be, how long trained, how often? The recipe from its beginning with other numbers.

    python -m training.sizes --data DATA --work build/sizes [--device cuda --workers 1 --together 16] [NAME ...]

Each trial is a number of rows and dimensions. `nested` trains the first 64 and 128 dimensions as tables of their own
beside the whole (Matryoshka) and is measured at each; `half the steps` says what longer training brings. Trials of
several runs are measured for the first run, and for the mean of the first two, four and so on. What is in the work
folder is not trained again. Writes ``sizes-<commit>.json``. A run takes minutes on an accelerator, half an hour on two
cores.
"""

import argparse
import logging
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, write_result
from training import recipe
from training.evaluation import evaluate_translation, evaluate_xquad, summary
from training.held_out import without_held_out
from training.preparing import limit_threads, prepare_store, prepare_vocabularies
from training.stages import Machine, Stage, run_stage
from training.table import Floats, first_vectors
from training.tokens import TokenStore
from training.vocabulary import Vocabulary

_LOG = logging.getLogger("training")
_THREADS = 2  # of a run beside others

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One trial.

    Attributes:
        rows: Of the table.
        dimension: Of its vectors.
        prefixes: The first dimensions that learn as tables of their own.
        share: Part of the recipe's steps.
        runs: How often the last stages run from the same start.
    """

    rows: int = recipe.VOCABULARY
    dimension: int = recipe.DIMENSION
    prefixes: tuple[int, ...] = ()
    share: float = 1.0
    runs: int = 1

    def vocabulary(self, work: Path) -> Path:
        """Return the folder of the vocabulary and the store of so many rows."""
        return work / f"rows-{self.rows}"

    def stage(self, stage: Stage) -> Stage:
        """Return a stage of the recipe as this trial runs it."""
        steps = max(1, round(stage.steps * self.share))
        return replace(stage, steps=steps, losses=replace(stage.losses, prefixes=self.prefixes))


SIZES = {
    "60,000 x 256": Size(runs=4),
    "60,000 x 256, half the steps": Size(share=0.5, runs=4),
    "60,000 x 256, nested": Size(prefixes=(64, 128, 256)),
    "60,000 x 384": Size(dimension=384),
    "60,000 x 128": Size(dimension=128),
    "100,000 x 256": Size(rows=100_000),
    "40,000 x 384": Size(rows=40_000, dimension=384),
    "32,000 x 256": Size(rows=32_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the trials find their data, keep their work, and compute."""

    data: Path
    work: Path
    machine: Machine
    threads: int

    def folder(self, name: str) -> Path:
        """Return where a trial keeps its checkpoints."""
        return self.work / name.replace(",", "").replace(" ", "-")

    def store(self, size: Size) -> tuple[Vocabulary, TokenStore]:
        """Return the vocabulary of a trial, and the pairs that it learns from."""
        folder = size.vocabulary(self.work)
        vocabulary = Vocabulary.load(folder)
        return vocabulary, without_held_out(prepare_store(self.data, folder, vocabulary))


def begin(place: Place, job: tuple[str, Size]) -> None:
    """Take a trial through the first stage, which ends in its folder."""
    name, size = job
    limit_threads(place.threads)
    vocabulary, store = place.store(size)
    frequency = np.bincount(store.tokens, minlength=vocabulary.size).astype(float)
    table = first_vectors(vocabulary.names, frequency, dimension=size.dimension, seed=recipe.SEED)
    stage = size.stage(recipe.MEANING)
    run_stage(stage, table, store, checkpoints=place.folder(name), seed=recipe.SEED, machine=place.machine)


def run(place: Place, job: tuple[str, Size, int]) -> None:
    """Take one run of a trial from the end of its first stage through the last ones; they end in its folder."""
    name, size, number = job
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {name}, run {number + 1}: %(message)s", datefmt="%H:%M:%S"
    )
    limit_threads(place.threads)
    table = np.load(place.folder(name) / f"{recipe.MEANING.name}.npy")
    _, store = place.store(size)
    store = recipe.crossed(store, table)
    for position, stage in enumerate(recipe.STAGES):
        table = run_stage(
            size.stage(stage),
            table,
            store,
            checkpoints=place.folder(name) / f"run-{number + 1}",
            seed=recipe.SEED + position + len(recipe.STAGES) * number,
            machine=place.machine,
        )


def encode(place: Place, size: Size) -> None:
    """Make the store of a trial."""
    place.store(size)


def measure(place: Place, job: tuple[str, Size, int, int]) -> Figures:
    """Return the figures of the mean of the first runs of a trial, cut to its first dimensions."""
    name, size, runs, dimension = job
    limit_threads(place.threads)
    last = recipe.STAGES[-1].name
    ends = [np.load(place.folder(name) / f"run-{number + 1}" / f"{last}.npy") for number in range(runs)]
    mean = np.mean(np.stack(ends), axis=0).astype(np.float16)
    np.save(place.folder(name) / f"mean-{runs}.npy", mean)
    table: Floats = np.ascontiguousarray(mean[:, :dimension], np.float32)
    vocabulary = Vocabulary.load(size.vocabulary(place.work))
    return {**evaluate_xquad(table, vocabulary, place.data), **evaluate_translation(table, vocabulary, place.data)}


def run_trials(sizes: dict[str, Size], place: Place, *, together: int) -> list[dict[str, object]]:
    """Train and measure, so many processes at a time; return a row for each trial, number of runs and dimension."""
    prepare_vocabularies(place.data, {size.vocabulary(place.work): size.rows for size in sizes.values()})
    jobs = [(name, size, number) for name, size in sizes.items() for number in range(size.runs)]
    measured = [
        (name, size, runs, dimension)
        for name, size in sizes.items()
        for runs in (1, 2, 4, 8)
        if runs <= size.runs
        for dimension in size.prefixes or (size.dimension,)
    ]
    with ProcessPoolExecutor(together, mp_context=multiprocessing.get_context("spawn")) as pool:
        # One trial of each vocabulary encodes the texts for all, and one run of each trial begins for all.
        list(pool.map(partial(encode, place), {size.rows: size for size in sizes.values()}.values()))
        list(pool.map(partial(begin, place), sizes.items()))
        list(pool.map(partial(run, place), jobs))
        figures = list(pool.map(partial(measure, place), measured))
    return [
        {
            "trial": name,
            "runs": runs,
            "dimensions": dimension,
            "megabytes": size.rows * dimension * 2 / 1e6,
            "figures": found,
        }
        for (name, size, runs, dimension), found in zip(measured, figures, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials named, or all."""
    parser = argparse.ArgumentParser(prog="python -m training.sizes", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {'; '.join(SIZES)}; all by default")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/, qa/, mono/ and eval/")
    parser.add_argument("--work", type=Path, required=True, help="folder for vocabularies and checkpoints")
    parser.add_argument("--device", default="cpu", help="where torch computes, for example cuda")
    parser.add_argument("--workers", type=int, default=0, help="processes of each run that draw batches ahead")
    parser.add_argument("--together", type=int, default=1, help="runs at the same time")
    parser.add_argument("--share", type=float, default=1.0, help="part of the steps, to try the command")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the result goes (default: %(default)s)")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(SIZES)
    if unknown:
        parser.error(f"no trial {', '.join(sorted(unknown))}; there are {'; '.join(SIZES)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    sizes = {name: SIZES[name] for name in options.names or SIZES}
    sizes = {name: replace(size, share=size.share * options.share) for name, size in sizes.items()}
    place = Place(
        data=options.data,
        work=options.work,
        machine=Machine(device=options.device, workers=options.workers),
        threads=_THREADS if options.together > 1 else multiprocessing.cpu_count(),
    )
    rows = run_trials(sizes, place, together=options.together)
    for row in rows:
        _LOG.info("%s, %s runs, %s dimensions\n%s", *list(row.values())[:3], summary(row["figures"]))  # type: ignore[arg-type]
    values = {"device": _device_name(options.device), "share of steps": options.share, "trials": rows}
    write_result("sizes", values, folder=options.out)
    return 0


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


if __name__ == "__main__":
    raise SystemExit(main())
