"""Bounded waiting for something that another process or thread does."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMEOUT_SECONDS = 60.0


def wait_until(condition: Callable[[], bool], timeout: float = TIMEOUT_SECONDS) -> None:
    """Return once `condition()` holds.

    Raises:
        TimeoutError: It did not hold within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout:g} s")
        time.sleep(0.02)
