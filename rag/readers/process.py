"""One process that reads, seen from the one that started it: asked for files, it answers for each.

They are plain subprocesses rather than `multiprocessing`'s: that would run the caller's main module again in each, and
`concurrent.futures` gives up all files in hand when one process dies, without saying whose fault it was.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import signal
import subprocess
import sys
import time
from typing import IO, Any

from rag.readers.messages import receive, send
from rag.readers.outcome import Outcome
from rag.readers.worker import NO_MEMORY, PATIENCE

# `-P` keeps the current folder off the path: the path is the caller's, which comes as the first line.
_START = "import sys, json; sys.path[:] = json.loads(sys.stdin.buffer.readline()); " + (
    "from rag.readers.worker import main; main()"
)


_ENVELOPE = 10_000  # bytes of a message that says why there is no other


class Lost(Exception):
    """The process is gone, or no longer of use; `told` says how, `slow` that it was for the time it took."""

    def __init__(self, told: str, *, memory: bool = False, slow: bool = False) -> None:
        super().__init__(told)
        self.told, self.memory, self.slow = told, memory, slow


class NoProcess(Exception):
    """None can be started here."""


class Process:
    """One process. It is not waited for until it is ready for files."""

    def __init__(self, seconds: int, memory: int, output: int) -> None:
        self._seconds = seconds
        self._output = output
        try:
            self._process = subprocess.Popen(
                [sys.executable or "python", "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                **apart(),
            )
        except OSError as error:
            raise NoProcess(str(error)) from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        self._settings = (seconds, memory, output)

    def wait_until_ready(self) -> None:
        """Tell it where modules are and what a file may cost, and wait for its word.

        Raises:
            Lost: it cannot start.
        """
        try:
            self._requests.write(json.dumps([str(place) for place in sys.path]).encode("ascii") + b"\n")
            send(self._requests, self._settings)
            receive(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise Lost(self._ended()) from None

    def ask(self, requests: list[tuple[str, str, int, dict[str, str]]]) -> None:
        """Ask for files; one answer each comes, in their order.

        Raises:
            Lost: it is gone.
        """
        try:
            send(self._requests, requests)
        except OSError:
            raise Lost(self._ended()) from None

    def answer(self) -> Outcome:
        """Return what came of the next of the files that it was asked for.

        Raises:
            Lost: it ended, or sent something else.
        """
        began = time.monotonic()
        try:
            answer = receive(self._answers, self._output + _ENVELOPE)
        except (OSError, EOFError):
            told = self._ended()
            late = told == "exit code 1" and time.monotonic() - began >= self._seconds * PATIENCE
            raise Lost(told, slow=late or told == "SIGPROF") from None
        except Exception as error:  # what was sent is no message: the process is not to be trusted any more
            raise Lost(f"{type(error).__name__} in its answer") from None
        if answer == NO_MEMORY:
            raise Lost("memory", memory=True)
        if not isinstance(answer, Outcome):
            raise Lost(f"{type(answer).__name__} for an answer")
        return answer

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """End it and wait for that."""
        self.kill()
        self._process.wait()
        for stream in (self._requests, self._answers):
            with contextlib.suppress(OSError):  # what was not written, nobody wants any more
                stream.close()

    def _ended(self) -> str:
        code = self._process.wait()
        if code >= 0:
            return f"exit code {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"


def apart() -> dict[str, Any]:
    """Return what keeps Ctrl-C, which a terminal sends to its whole group, from a new process: its parent ends it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
