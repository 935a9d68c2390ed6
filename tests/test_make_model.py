"""`make model` leaves out exactly the sources that the ranker asks with."""

from __future__ import annotations

import re
from pathlib import Path

from training.ranker_data import HELD_OUT


def test_the_table_apart_is_trained_without_the_rankers_sources() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^APART := (.+)$", makefile, re.MULTILINE)
    assert found is not None
    assert tuple(found.group(1).split()) == HELD_OUT
