"""No test leaves a process behind: one that does fails, and what it left is ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_PATIENCE_SECONDS = 10.0  # for what a test has told to end
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: who loses its parent becomes ours, and is found
_KEPT = ("multiprocessing.resource_tracker",)  # lives as long as the interpreter

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def children() -> dict[int, str]:
    """Return the command lines of this process's children that run, by their numbers."""
    found = {}
    for task in Path("/proc/self/task").glob("*/children"):
        numbers: list[int] = []
        with contextlib.suppress(OSError):  # a thread may have ended since it was listed
            numbers = [int(number) for number in task.read_text("ascii").split()]
        for number in numbers:
            with contextlib.suppress(OSError):
                place = Path(f"/proc/{number}")
                state = place.joinpath("stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
                command = place.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                if state != "Z" and not any(name in command for name in _KEPT):
                    found[number] = command[:200]
    return found


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    """Fail a test after which a process runs that did not before."""
    if not Path("/proc/self/task").exists():
        yield
        return
    before = children()
    yield
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (left := {number: command for number, command in children().items() if number not in before}) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.05)
    for number in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    if left:
        pytest.fail(f"processes were left: {left}")
