"""The probability that a passage answers, and the threshold below which an answer abstains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rag.retrieval.ranker import read_coefficients, weighted_sums

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A logistic model of its own for each of the two cases, fitted on questions with and without an answer.

    `same` and `cross` are coefficients ``(features,)``; `same_threshold` and `cross_threshold` are the probabilities
    from which an answer is shown.
    """

    same: Floats
    same_intercept: float
    cross: Floats
    cross_intercept: float
    same_threshold: float
    cross_threshold: float

    def threshold(self, *, same_language: bool) -> float:
        """Return the probability from which a passage is an answer."""
        return self.same_threshold if same_language else self.cross_threshold

    def probability(self, features: Floats, same_language: NDArray[np.bool_]) -> Floats:
        """Return ``(n,)`` the probability that each passage ``(n, features)`` answers."""
        odds = np.where(
            same_language,
            weighted_sums(features, self.same) + self.same_intercept,
            weighted_sums(features, self.cross) + self.cross_intercept,
        )
        return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)


@cache
def bundled_calibration() -> Calibration:
    """Read the calibration that ships with the bundled table.

    Raises:
        EncoderError: the file is missing or made for other features.
    """
    values = read_coefficients()
    fitted = values["confidence"]
    return Calibration(
        same=np.array(fitted["same"]["coefficients"], dtype=np.float32),
        same_intercept=float(fitted["same"]["intercept"]),
        cross=np.array(fitted["cross"]["coefficients"], dtype=np.float32),
        cross_intercept=float(fitted["cross"]["intercept"]),
        same_threshold=float(fitted["same"]["threshold"]),
        cross_threshold=float(fitted["cross"]["threshold"]),
    )
