"""What runs in a process that reads: paths of files come in, their parts go out, until nobody asks any more.

It ends with the process that started it, whatever it is doing then; it ends itself when a file takes too long; and it
may not take more memory than it was given, where the system keeps to that (Linux).
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

from rag.readers.messages import MessageTooLarge, receive, send
from rag.readers.outcome import read_file, too_much_output

NO_MEMORY = "no memory"
"""The message in place of an outcome."""

COUNTS_PROCESSOR_TIME = hasattr(signal, "setitimer")  # not on Windows
PATIENCE = 5 if COUNTS_PROCESSOR_TIME else 1
"""Times the bound that may pass on the clock: on a busy machine a file is not to blame for waiting its turn."""


def main() -> None:
    """Answer requests from stdin on what was stdout; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = open(os.devnull, "wb")  # noqa: PTH123, SIM115  it stays open as long as the process lives
    for descriptor in (1, 2):
        os.dup2(nowhere.fileno(), descriptor)
    seconds, memory, output = receive(sys.stdin.buffer)
    bound_memory(memory)
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()
    send(answers, "ready")
    try:
        while True:
            for path, document_id, max_bytes, columns in requests.get():
                bound_time(seconds, nowhere)
                try:
                    send(answers, read_file(Path(path), document_id, max_bytes, columns), output)
                except MessageTooLarge:
                    send(answers, too_much_output(document_id, output))
                except MemoryError:
                    send(answers, NO_MEMORY)
                bound_time(0, nowhere)
    finally:
        os._exit(2)  # an error here; without this, the interpreter would wait for the thread that listens


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            requests.put(receive(stream))
    os._exit(0)


def bound_time(seconds: int, nowhere: IO[bytes]) -> None:
    """End this process after so many seconds of its own time, or some more on the clock; 0 takes that back.

    Neither needs the interpreter, so that both end a library's loop, too.
    """
    if COUNTS_PROCESSOR_TIME:
        signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:
        faulthandler.dump_traceback_later(seconds * PATIENCE, exit=True, file=nowhere)
    else:
        faulthandler.cancel_dump_traceback_later()


def bound_memory(most: int) -> None:
    """Let this process take no more than so many bytes of memory, where the system keeps to that."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
    with contextlib.suppress(OSError):  # where memory runs out all the same, Linux takes this process first
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
