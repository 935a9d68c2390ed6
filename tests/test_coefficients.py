"""The fitted numbers: read once, and refused in one line where they do not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import EncoderError
from rag.encoding.table import BUNDLED
from rag.retrieval import ranker as coefficients
from rag.retrieval.calibration import bundled_calibration
from rag.retrieval.features import FEATURES
from rag.retrieval.ranker import bundled_ranker, read_coefficients


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(coefficients, "BUNDLED", tmp_path)
    read_coefficients.cache_clear()
    yield tmp_path / "ranker.json"
    read_coefficients.cache_clear()


def test_the_shipped_numbers_fit_and_no_signal_counts_against_an_answer() -> None:
    ranker, calibration = bundled_ranker(), bundled_calibration()
    for numbers in (ranker.same, ranker.cross, calibration.same, calibration.cross):
        assert numbers.shape == (len(FEATURES),)
        assert (numbers >= 0).all()
        assert numbers.any()
    assert 0 < calibration.same_threshold <= calibration.cross_threshold < 1


@pytest.mark.parametrize("content", [None, "no json", "{}", "[]"])
def test_a_file_that_cannot_be_read_is_named(elsewhere: Path, content: str | None) -> None:
    if content is not None:
        elsewhere.write_text(content)
    with pytest.raises(
        EncoderError, match=r"ranker\.json of the bundled model cannot be read .*\. Install the program again"
    ):
        read_coefficients()


def test_numbers_for_other_features_are_refused(elsewhere: Path) -> None:
    values = json.loads((BUNDLED / "ranker.json").read_text("utf-8"))
    elsewhere.write_text(json.dumps(values | {"features": [*FEATURES, "length"]}))
    with pytest.raises(EncoderError, match=r"length.*this version computes"):
        read_coefficients()
