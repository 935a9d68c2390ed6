"""What would raise the table further? Each trial goes on from the finished table with one thing changed.

    python -m training.trials --data DATA --work build/model [--teacher FOLDER] [--steps 1200] [NAME ...]

`going on` changes nothing: what the others gain over it is theirs. `mined` adds to the batch, for its questions, wrong
passages that the finished table likes; `taught` takes a part of its batches from texts that an English
sentence-transformers model (the teacher) has read, and learns its similarities in place of right and wrong; `weighed`
learns a weight for each row beside the length of its vector; `<n> dimensions` keeps the n main axes of the table. Needs
the work folder of a finished `make model`. Writes ``trials-<commit>.json``.
"""

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.machine import RESULTS, write_result
from training import recipe
from training.__main__ import FINISHED
from training.evaluation import evaluate_translation, evaluate_xquad, summary
from training.held_out import without_held_out
from training.mining import MinedSampler, mine
from training.objectives import batch_gradients, weighed_gradients
from training.optimiser import RowAdam
from training.sampling import Sampler
from training.stages import learning_rate
from training.table import Floats
from training.teaching import Lessons, read_lessons, taught_gradients
from training.tokens import TokenStore
from training.vocabulary import Vocabulary

_LOG = logging.getLogger("training")
_STAGE = replace(recipe.INTERACTION, name="trial", rate=0.002)
_SEED = recipe.SEED + 7
_NEGATIVES = 64  # mined passages in a batch
_TAUGHT = 0.3  # share of the batches
_DIMENSIONS = (64, 128)
NAMES = ("going on", "mined", "taught", "weighed", *(f"{n} dimensions" for n in _DIMENSIONS))

Figures = dict[str, dict[str, float]]


class Trials:
    """A finished table, its data, and what the trials have in common."""

    def __init__(self, data: Path, work: Path, teacher: Path | None, steps: int) -> None:
        self.data, self.work, self.teacher = data, work, teacher
        self.stage = replace(_STAGE, steps=steps)
        self.vocabulary = Vocabulary.load(work)
        self.whole = TokenStore.load(work / "store")
        first = np.load(work / f"{recipe.MEANING.name}.npy")
        self.store = recipe.crossed(without_held_out(self.whole), first)

    def table(self) -> Floats:
        """Return a fresh copy of the finished table."""
        return np.load(self.work / FINISHED)  # type: ignore[no-any-return]

    def run(self, name: str) -> Figures:
        """Train one trial and measure it."""
        if name == "taught" and self.teacher is None:
            raise SystemExit("the trial 'taught' needs a teacher: --teacher FOLDER of an English model")
        table, weights = self.table(), None
        sampler, lessons = Sampler(self.store, self.stage.mix, seed=_SEED), None
        if name == "mined":
            wrong = mine(self.store, table, questions=self.stage.mix.questions)
            sampler = MinedSampler(self.store, self.stage.mix, seed=_SEED, wrong=wrong, negatives=_NEGATIVES)
        elif self.teacher is not None and name == "taught":
            lessons = read_lessons(self.data, self.store, self.teacher, whole=self.whole)
        elif name.endswith("dimensions"):
            table = main_axes(table, int(name.split()[0]))
        if name == "weighed":
            weights = self._weigh(table, sampler)
        else:
            self._train(table, sampler, lessons)
        return self.measure(table, weights)

    def measure(self, table: Floats, weights: Floats | None = None) -> Figures:
        """Return what `training.evaluation` says of a table."""
        found = evaluate_xquad(table, self.vocabulary, self.data, weights)
        return {**found, **evaluate_translation(table, self.vocabulary, self.data)}

    def _train(self, table: Floats, sampler: Sampler, lessons: Lessons | None) -> None:
        random = np.random.default_rng(recipe.SEED)
        optimiser = RowAdam(table=table)
        for step in range(1, self.stage.steps + 1):
            if lessons is not None and random.random() < _TAUGHT:
                batch, target = lessons.draw(self.stage.pairs, random)
                rows, gradient = taught_gradients(table, batch, target, scale=self.stage.losses.interaction_scale)
            else:
                rows, gradient, *_ = batch_gradients(table, sampler.draw(self.stage.pairs), self.stage.losses)
            optimiser.update(rows, gradient, rate=learning_rate(self.stage, step))

    def _weigh(self, table: Floats, sampler: Sampler) -> Floats:
        """Train the table with a weight for each row, which begins as the length of its vector; return the weights."""
        logs = np.log(np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)).astype(np.float32)
        optimisers = RowAdam(table=table), RowAdam(table=logs)
        for step in range(1, self.stage.steps + 1):
            rows, *gradients = weighed_gradients(table, logs, sampler.draw(self.stage.pairs), self.stage.losses)
            for optimiser, gradient in zip(optimisers, gradients, strict=True):
                optimiser.update(rows, gradient, rate=learning_rate(self.stage, step))
        weights: Floats = np.exp(logs[:, 0])
        return weights


def main_axes(table: Floats, dimension: int) -> Floats:
    """Return the table along its first main axes, `(rows, dimension)`."""
    _, axes = np.linalg.eigh(table.T @ table)
    return np.ascontiguousarray(table @ axes[:, ::-1][:, :dimension])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials named, or all."""
    parser = argparse.ArgumentParser(prog="python -m training.trials", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument("--data", type=Path, required=True, help="folder with train/, qa/ and eval/")
    parser.add_argument("--work", type=Path, required=True, help="work folder of a finished training")
    parser.add_argument("--teacher", type=Path, help="folder of an English sentence-transformers model")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the result goes (default: %(default)s)")
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"no trial {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    trials = Trials(options.data, options.work, options.teacher, options.steps)
    found: dict[str, Figures] = {"finished table": trials.measure(trials.table())}
    for name in options.names or NAMES:
        started = time.perf_counter()
        found[name] = trials.run(name)
        _LOG.info("%s, %.0f s\n%s", name, time.perf_counter() - started, summary(found[name]))
    write_result("trials", {"steps": options.steps, "trials": found}, folder=options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
