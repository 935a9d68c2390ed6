"""The fitted numbers that ship with the bundled table: one file, read once, for the order and for the confidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from rag.encoding.table import BUNDLED
from rag.errors import EncoderError
from rag.retrieval.features import FEATURES

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
