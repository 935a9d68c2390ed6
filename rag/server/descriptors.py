"""How many file descriptors this process may have open, and how many of them connections may take without asking."""

from __future__ import annotations

import sys
from contextlib import suppress

_WANTED = 4096
_OWN = 96  # the database, the snapshot, the libraries and the listening socket have about 60 open


def raise_limit() -> None:
    """Raise the limit of open files to what connections may need, as far as the system lets this process."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def idle_connections() -> int:
    """Return how many connections may be open without a request: half of what the process has no use for itself."""
    if sys.platform == "win32":
        return _WANTED // 2
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = _WANTED if soft == resource.RLIM_INFINITY else soft
    return max(8, (soft - _OWN) // 2)
