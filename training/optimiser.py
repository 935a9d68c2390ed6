"""Adam on the rows of the table that a batch touched."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from training.kernels import adam_rows
from training.table import Floats


@dataclass(slots=True, kw_only=True)
class RowAdam:
    """Adam (Kingma and Ba, 2015) on the rows a batch touched, each row with its own step count.

    With a shared count a row seen for the first time late would move three times too far: its averages have
    one term, and the correction for that would long have vanished.
    """

    table: Floats
    first: Floats = field(init=False)
    second: Floats = field(init=False)
    steps: npt.NDArray[np.int64] = field(init=False)

    DECAY: ClassVar = (0.9, 0.999)

    def __post_init__(self) -> None:
        self.first = np.zeros_like(self.table)
        self.second = np.zeros_like(self.table)
        self.steps = np.zeros(len(self.table), np.int64)

    def update(self, rows: npt.NDArray[np.int64], gradient: Floats, *, rate: float) -> None:
        """Move `rows` (unique) against `gradient`, `(len(rows), dimension)`."""
        scales = self.scales(self.steps, rows, rate)
        adam_rows(self.table, self.first, self.second, rows, gradient, scales, *self.DECAY)

    @classmethod
    def scales(cls, steps: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], rate: float) -> Floats:
        """Count a step of `rows` in `steps`, and return how far each moves, `(len(rows),)`."""
        steps[rows] += 1
        decay1, decay2 = cls.DECAY
        counted = steps[rows].astype(np.float64)
        scales: Floats = (rate * np.sqrt(1.0 - decay2**counted) / (1.0 - decay1**counted)).astype(np.float32)
        return scales
