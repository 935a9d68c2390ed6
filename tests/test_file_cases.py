"""Every small file of `benchmarks/cases` is read rightly: no word lost, none invented, the right values on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases.case import Case, wrong
from benchmarks.formats import KINDS


@pytest.mark.parametrize(
    ("kind", "case"), [pytest.param(kind, case, id=f"{kind}-{case.name}") for kind in KINDS for case in KINDS[kind]]
)
def test_a_file_is_read_rightly(tmp_path: Path, kind: str, case: Case) -> None:
    assert wrong(case, tmp_path) == []
