"""Run the training stages: draw, differentiate, update, log, and keep checkpoints that a later run continues from."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from training.drawing_ahead import draw_ahead
from training.learners import AcceleratedLearner, Learner, RowLearner
from training.objectives import Losses
from training.sampling import Mix
from training.table import Floats
from training.tokens import TokenStore

_LOG = logging.getLogger(__name__)
_WARM_UP = 50
_REPORT_EVERY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What trains.

    Attributes:
        device: Where torch computes; any but the processor holds the whole table.
        workers: Processes that draw batches ahead; none: the one that trains draws them.
    """

    device: str = "cpu"
    workers: int = 0


PROCESSOR = Machine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of training.

    Attributes:
        name: Of the checkpoint file.
        steps: Batches.
        pairs: Pairs in a batch; each is a negative of the others.
        rate: Learning rate after the warm-up; falls in a straight line to `last_rate` of itself.
        losses: What a batch is judged by.
        mix: How batches are drawn.
    """

    name: str
    steps: int
    pairs: int
    rate: float
    mix: Mix
    losses: Losses = field(default_factory=Losses)
    last_rate: float = 0.02


def run_stage(
    stage: Stage,
    table: Floats,
    store: TokenStore,
    *,
    checkpoints: Path,
    seed: int,
    machine: Machine = PROCESSOR,
) -> Floats:
    """Train `table` through one stage and return it; a finished stage is read from its checkpoint instead.

    Args:
        stage: What to do.
        table: First values; changed in place.
        store: Training pairs.
        checkpoints: Folder; `<name>.npy` is written when the stage ends, atomically.
        seed: Of the batches.
        machine: What computes and what draws.
    """
    finished = checkpoints / f"{stage.name}.npy"
    if finished.exists():
        _LOG.info("stage %s: taken from %s", stage.name, finished)
        return np.load(finished)  # type: ignore[no-any-return]
    learner: Learner = RowLearner(table) if machine.device == "cpu" else AcceleratedLearner(table, machine.device)
    started = time.perf_counter()
    parts = np.zeros(2)
    batches = draw_ahead(store, stage.mix, size=stage.pairs, steps=stage.steps, seed=seed, workers=machine.workers)
    for step, batch in enumerate(batches, start=1):
        parts += learner.learn(batch, stage.losses, rate=learning_rate(stage, step))
        if step % _REPORT_EVERY == 0 or step == stage.steps:
            count = (step - 1) % _REPORT_EVERY + 1
            _LOG.info(
                "stage %s: step %d of %d, %.0f s, loss mean %.3f late %.3f",
                *(stage.name, step, stage.steps, time.perf_counter() - started, *(parts / count)),
            )
            parts[:] = 0.0
    table = learner.finished()
    checkpoints.mkdir(parents=True, exist_ok=True)
    waiting = finished.with_suffix(".tmp.npy")
    np.save(waiting, table)
    waiting.replace(finished)
    return table


def mean_of_runs(
    stages: Sequence[Stage],
    start: Floats,
    store: TokenStore,
    *,
    runs: int,
    checkpoints: Path,
    seed: int,
    machine: Machine = PROCESSOR,
) -> Floats:
    """Run stages several times from one start, each time with other batches, and return the mean of the tables.

    Chance in the batches differs from run to run, most for rare words, and what was learned of the task does not: the
    mean is better than each (Wortsman et al., 2022, https://arxiv.org/abs/2203.05482).
    """
    ends = []
    for run in range(runs):
        table = start.copy()
        for number, stage in enumerate(stages):
            place, own = checkpoints / f"run-{run + 1}", seed + number + len(stages) * run
            table = run_stage(stage, table, store, checkpoints=place, seed=own, machine=machine)
        ends.append(table)
    mean: Floats = np.mean(ends, axis=0, dtype=np.float32)
    return mean


def learning_rate(stage: Stage, step: int) -> float:
    """Return the rate of a step, counted from 1: a short rise, then a straight fall."""
    left = 1.0 - step / stage.steps
    return stage.rate * min(1.0, step / _WARM_UP) * (stage.last_rate + (1.0 - stage.last_rate) * left)
