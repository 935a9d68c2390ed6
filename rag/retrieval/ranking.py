"""One learned, explainable combination of what the stages found: a logistic model for each of two cases.

Where question and passage share a language, literal words count; across languages they mislead, and translated words
and vectors count instead. Each case has its own coefficients over the same features, and both give the log-odds that
the passage answers, so that passages in different languages can be compared. `training/ranker.py` fits them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.coefficients import read_coefficients, weighted_sums

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """Coefficients ``(features,)`` and intercept for the two cases, and the calibration of the best hit."""

    same: Floats
    same_intercept: float
    cross: Floats
    cross_intercept: float

    def log_odds(self, features: Floats, same_language: NDArray[np.bool_]) -> Floats:
        """Return the log-odds ``(n,)`` that each passage answers.

        Args:
            features: ``(n, len(FEATURES))``.
            same_language: ``(n,)``, whether the passage is in the question's language.
        """
        same = weighted_sums(features, self.same) + self.same_intercept
        cross = weighted_sums(features, self.cross) + self.cross_intercept
        return np.where(same_language, same, cross).astype(np.float32)


@cache
def bundled_ranker() -> Ranker:
    """Read the coefficients that ship with the bundled table.

    Raises:
        EncoderError: the file is missing or made for other features.
    """
    values = read_coefficients()
    return Ranker(
        same=np.array(values["same"]["coefficients"], dtype=np.float32),
        same_intercept=float(values["same"]["intercept"]),
        cross=np.array(values["cross"]["coefficients"], dtype=np.float32),
        cross_intercept=float(values["cross"]["intercept"]),
    )
