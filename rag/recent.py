"""What was found lately: an equal question is worked out once, however many ask it, also at the same time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The results of the last keys that were asked for, for many threads.

    Args:
        most: how many results are kept.

    Example:
        >>> recent = Recent[int](most=2)
        >>> recent.get("a", lambda: 1), recent.get("a", lambda: 2)
        (1, 1)
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._results: OrderedDict[Hashable, Future[T]] = OrderedDict()

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return the result for a key: that of before, that which another thread is working out, or that of `work`.

        What `work` raises is raised to everybody who waits for it, and not kept.
        """
        with self._lock:
            result = self._results.get(key)
            mine = result is None
            if result is None:
                result = self._results[key] = Future()
            self._results.move_to_end(key)
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        if mine:
            try:
                result.set_result(work())
            except BaseException as error:
                with self._lock:
                    if self._results.get(key) is result:
                        del self._results[key]
                result.set_exception(error)
        return result.result()
