"""The fitted numbers that ship with the bundled table: one file, read once, for the order and for the confidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.encoding.table import BUNDLED
from rag.errors import EncoderError
from rag.retrieval.features import FEATURES

Floats = NDArray[np.float32]

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
        raise EncoderError(f"{_FILE} of the bundled model cannot be read ({error}); reinstall izvor") from error
    if features != FEATURES:
        raise EncoderError(
            f"{_FILE} of the bundled model is for the features {list(features)}, this version computes"
            f" {list(FEATURES)}; reinstall izvor"
        )
    return values


def weighted_sums(rows: Floats, weights: Floats) -> Floats:
    """Return the sum of each row ``(n, m)``, its columns counted by ``(m,)``."""
    # Not `@`: on few columns OpenBLAS was seen to report an invalid value where there is none.
    sums: Floats = np.einsum("ij,j->i", rows, weights)
    return sums
