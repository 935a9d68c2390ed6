"""How a table learns from a batch: on the processor, or with the whole table on an accelerator."""

from typing import Protocol

import numpy as np
import torch

from training.objectives import Losses, batch_gradients, touch
from training.optimiser import RowAdam
from training.sampling import Batch
from training.table import Floats


class Learner(Protocol):
    """Holds a table that learns."""

    def learn(self, batch: Batch, losses: Losses, *, rate: float) -> tuple[float, float]:
        """Take one step of Adam on the rows that the batch touches; return both losses before it (mean, late)."""

    def finished(self) -> Floats:
        """Return the table, `(rows, dimension)`."""


class RowLearner:
    """Learns on the processor; the table is changed in place."""

    def __init__(self, table: Floats) -> None:
        self._table = table
        self._optimiser = RowAdam(table=table)

    def learn(self, batch: Batch, losses: Losses, *, rate: float) -> tuple[float, float]:
        """See `Learner`."""
        rows, gradient, mean, late = batch_gradients(self._table, batch, losses)
        self._optimiser.update(rows, gradient, rate=rate)
        return mean, late

    def finished(self) -> Floats:
        """See `Learner`."""
        return self._table


class AcceleratedLearner:
    """Learns on a device of torch, as `RowLearner` does with `RowAdam` up to rounding."""

    def __init__(self, table: Floats, device: str) -> None:
        self._table = torch.from_numpy(table).to(device, copy=True)
        self._first, self._second = torch.zeros_like(self._table), torch.zeros_like(self._table)
        self._steps = np.zeros(len(table), np.int64)
        self._decay = RowAdam.DECAY

    def learn(self, batch: Batch, losses: Losses, *, rate: float) -> tuple[float, float]:
        """See `Learner`."""
        touched = touch(self._table, batch)
        loss, mean, late = losses.of(touched)
        slopes = touched.slopes(loss)
        scales = RowAdam.scales(self._steps, touched.rows, rate)
        rows = torch.from_numpy(touched.rows).to(slopes.device)
        decay1, decay2 = self._decay
        first = self._first[rows].mul_(decay1).add_(slopes, alpha=1.0 - decay1)
        second = self._second[rows].mul_(decay2).addcmul_(slopes, slopes, value=1.0 - decay2)
        self._first[rows], self._second[rows] = first, second
        step = torch.from_numpy(scales).to(slopes.device)[:, None]
        self._table[rows] -= step * first / (second.sqrt() + 1e-8)
        return mean, late

    def finished(self) -> Floats:
        """See `Learner`."""
        table: Floats = self._table.cpu().numpy()
        return table
