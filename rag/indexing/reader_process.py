"""What runs in a process that reads: a file's path comes in, its parts go out, until nobody asks any more.

It ends with the process that started it, whatever it is doing then; it ends itself when a file takes too long; and it
may not take more memory than it was given, where the system keeps to that (Linux).
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Any

from rag.indexing.frames import receive, send
from rag.indexing.reading import read_file

NO_MEMORY = "no memory"
"""The message in place of an outcome."""


def main() -> None:
    """Answer requests from stdin on what was stdout; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = open(os.devnull, "wb")  # noqa: PTH123, SIM115  it stays open as long as the process lives
    for descriptor in (1, 2):
        os.dup2(nowhere.fileno(), descriptor)
    seconds, memory = receive(sys.stdin.buffer)
    _bound_memory(memory)
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    send(answers, "ready")
    try:
        while True:
            path, document_id, max_bytes = requests.get()
            # Its thread needs no lock of the interpreter: it ends the process in the middle of a library's loop, too.
            faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
            try:
                send(answers, read_file(Path(path), document_id, max_bytes))
            except MemoryError:
                send(answers, NO_MEMORY)
            faulthandler.cancel_dump_traceback_later()
    finally:
        os._exit(2)  # an error here; without this, the interpreter would wait for the thread that listens


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            requests.put(receive(stream))
    os._exit(0)


def _bound_memory(most: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
    with contextlib.suppress(OSError):  # where memory runs out all the same, Linux takes this process first
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
