"""What several test modules need: no network, and the index of the five articles built once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from left_processes import no_process_is_left
from tiny import write_tiny_model

from rag import Index
from rag.encoding.table import TokenTable

__all__ = ["no_process_is_left"]

# No module of ours reads the environment, or loads a library that does, before it is used.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
# Threads of OpenMP spin against each other where tests, servers and browsers share two cores.
os.environ["OMP_NUM_THREADS"] = "1"
# A shell that starts the tests in the background ignores SIGINT, and so would every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _name in [name for name in os.environ if name.startswith("RAG_")]:
    del os.environ[_name]

# Timings of a shared machine are no property of the code.
settings.register_profile("default", deadline=None, max_examples=40, print_blob=True)
settings.load_profile("default")

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index of the five articles; do not write to it."""
    with Index.create(tmp_path_factory.mktemp("seeds") / "index") as index:
        index.sync(SEEDS)
        index.refine()  # or a test that serves it would do so, and those after it would see other scores
        yield index


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """The folder of a two-dimensional model."""
    return write_tiny_model(tmp_path / "tiny")


@pytest.fixture
def tiny_table(tiny_model: Path) -> TokenTable:
    """The same as a table."""
    return TokenTable(tiny_model)
