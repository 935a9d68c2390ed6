"""One learned, explainable combination of what the stages found: a logistic model for each of two cases.

Where question and passage share a language, literal words count; across languages they mislead, and translated words
and vectors count instead. Each case has its own coefficients over the same features, and both give the log-odds that
the passage answers, so that passages in different languages can be compared. `training/ranker.py` fits them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import BUNDLED
from rag.errors import EncoderError
from rag.retrieval.features import FEATURES

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


_FILE = "ranker.json"


@cache
def read_coefficients() -> Mapping[str, Any]:
    """Return what `training/ranker.py` wrote.

    Raises:
        EncoderError: the file is missing, damaged, or made for other features.
    """
    try:
        values: Mapping[str, Any] = json.loads((BUNDLED / _FILE).read_text("utf-8"))
        features = tuple(values["features"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderError("coefficients_damaged", file=_FILE, detail=repr(error)) from error
    if features != FEATURES:
        found, expected = (", ".join(map(str, names)) for names in (features, FEATURES))
        raise EncoderError("coefficients_foreign", file=_FILE, found=found, expected=expected)
    return values


def weighted_sums(rows: Floats, weights: Floats) -> Floats:
    """Return the sum of each row ``(n, m)``, its columns counted by ``(m,)``."""
    # Not `@`: on few columns OpenBLAS was seen to report an invalid value where there is none.
    sums: Floats = np.einsum("ij,j->i", rows, weights)
    return sums
