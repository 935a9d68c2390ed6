"""How much one client may ask for, and how long it may take over sending a request."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_CLIENTS = 10_000


class Allowance:
    """So many requests a minute for each client, up to that many at once: a token bucket.

    Args:
        per_minute: how many; also how many may come at one moment after a pause.
        clock: seconds, for tests.
    """

    def __init__(self, per_minute: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = max(1.0, per_minute)
        self._per_second = per_minute / 60
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client: tokens, and when that was counted
        self._one_by_one = threading.Lock()

    def take(self, client: str) -> int:
        """Take one request of a client; return 0, or after how many seconds to come back.

        >>> allowance = Allowance(2, clock=lambda: 0.0)
        >>> [allowance.take("a") for _ in range(3)], allowance.take("b")
        ([0, 0, 30], 0)
        """
        with self._one_by_one:
            left = self._refilled(client)
            taken = left >= 1
            self._left[client] = (left - taken, self._clock())
            self._left.move_to_end(client)
            while len(self._left) > _CLIENTS:  # whoever was silent longest has refilled, or nearly
                self._left.popitem(last=False)
        return 0 if taken else max(1, math.ceil((1 - left) / self._per_second))

    def give_back(self, client: str) -> None:
        """Take back a `take` of a client, which is not to count."""
        with self._one_by_one:
            self._left[client] = (min(self._size, self._refilled(client) + 1), self._clock())

    def _refilled(self, client: str) -> float:
        left, counted = self._left.get(client, (self._size, self._clock()))
        return min(self._size, left + (self._clock() - counted) * self._per_second)
