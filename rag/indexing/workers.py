"""The processes that read, seen from the one that started them.

Each has one file in hand, so that it is known which file it was reading when it died. Such a file is read once more by
a new process, while no other reads: what dies twice, and alone, is to blame. (Memory that runs out may take down the
neighbour of the file that filled it.)

They are plain subprocesses rather than `multiprocessing`'s: that would run the caller's main module again in each, and
`concurrent.futures` gives up all files in hand when one process dies, without saying whose fault it was.
"""

from __future__ import annotations

import contextlib
import json
import logging
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any

from rag.indexing.corpus import SourceFile, printable
from rag.indexing.frames import receive, send
from rag.indexing.reader_process import NO_MEMORY, PATIENCE
from rag.indexing.reading import Outcome, read_here, too_much_memory

_MEMORY = 100
"""Times the size limit of a file. The hungriest within the limits, a page of 5 MB of tags, takes 20 times its size."""

# `-P` keeps the current folder off the path: the path is the caller's, which comes as the first line.
_START = "import sys, json; sys.path[:] = json.loads(sys.stdin.buffer.readline()); " + (
    "from rag.indexing.reader_process import main; main()"
)
_log = logging.getLogger(__name__)


class _Lost(Exception):
    """The process is gone, or no longer of use; `told` says how, `slow` that it was for the time it took."""

    def __init__(self, told: str, *, memory: bool = False, slow: bool = False) -> None:
        super().__init__(told)
        self.told, self.memory, self.slow = told, memory, slow


class _NoProcess(Exception):
    """None can be started here."""


class _Stopped(Exception):
    """Nothing more is to be read."""


class Workers:
    """A number of processes that read files; each is started when there is first a file for it."""

    def __init__(self, count: int, *, max_bytes: int, max_seconds: int) -> None:
        self._max_bytes, self._seconds, self._memory = max_bytes, max_seconds, _MEMORY * max_bytes
        self._gate = _Gate()
        self._lock = threading.Lock()
        self._all: set[_Process] = set()
        self._idle: list[_Process] = []
        self._closed = False
        self._told = False
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reading")

    def read(self, file: SourceFile) -> Future[Outcome]:
        """Have a file read."""
        return self._threads.submit(self._read, file)

    def close(self) -> None:
        """End all processes, at once, whatever they are doing."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            process.close()

    def _read(self, file: SourceFile) -> Outcome:
        try:
            with self._gate.together():
                outcome = self._attempt(file)
            if isinstance(outcome, _Lost) and not outcome.slow:
                with self._gate.alone():
                    outcome = self._attempt(file)
        except _NoProcess as error:
            if not self._told:
                self._told = True
                _log.warning("no process can be started to read files (%s); they are read in this one", error)
            return read_here(file, self._max_bytes)
        except _Stopped:
            return Outcome(failure="reading was stopped")  # nobody asks for it
        if not isinstance(outcome, _Lost):
            return outcome
        if outcome.memory:
            return too_much_memory(file.path, self._memory)
        name = printable(file.path)
        if outcome.slow:
            return Outcome(
                failure=f"{name} takes more than {self._seconds} s to be read. Split it, or raise RAG_MAX_FILE_SECONDS"
            )
        return Outcome(failure=f"{name} took the reader's process down, twice ({outcome.told}). Leave it out")

    def _attempt(self, file: SourceFile) -> Outcome | _Lost:
        process = self._take()
        try:
            outcome = process.ask((str(file.path), file.id, self._max_bytes))
        except _Lost as lost:
            with self._lock:
                self._all.discard(process)
            process.close()
            return lost
        with self._lock:
            self._idle.append(process)
        return outcome

    def _take(self) -> _Process:
        with self._lock:
            if self._closed:
                raise _Stopped
            if self._idle:
                return self._idle.pop()
            process = _Process(self._seconds, self._memory)
            self._all.add(process)
        try:
            process.wait_until_ready()
        except _Lost as lost:
            with self._lock:
                self._all.discard(process)
            process.close()
            raise _NoProcess(lost.told) from None
        return process


class _Process:
    """One process: asked for one file at a time."""

    def __init__(self, seconds: int, memory: int) -> None:
        self._seconds = seconds
        try:
            self._process = subprocess.Popen(
                [sys.executable or "python", "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                **_apart(),
            )
        except OSError as error:
            raise _NoProcess(str(error)) from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._requests: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        self._settings = (seconds, memory)

    def wait_until_ready(self) -> None:
        try:
            self._requests.write(json.dumps([str(place) for place in sys.path]).encode("ascii") + b"\n")
            send(self._requests, self._settings)
            receive(self._answers)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise _Lost(self._ended()) from None

    def ask(self, request: object) -> Outcome:
        began = time.monotonic()
        try:
            send(self._requests, request)
            answer = receive(self._answers)
        except (OSError, EOFError):
            told = self._ended()
            late = told == "exit code 1" and time.monotonic() - began >= self._seconds * PATIENCE
            raise _Lost(told, slow=late or told == "SIGPROF") from None
        except Exception as error:  # what was sent is no message: the process is not to be trusted any more
            raise _Lost(f"{type(error).__name__} in its answer") from None
        if answer == NO_MEMORY:
            raise _Lost("memory", memory=True)
        if not isinstance(answer, Outcome):
            raise _Lost(f"{type(answer).__name__} for an answer")
        return answer

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def close(self) -> None:
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


class _Gate:
    """Lets many read together, or one alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._wanted_alone = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._wanted_alone)
            self._inside += 1
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._wanted_alone += 1
            self._changed.wait_for(lambda: not self._inside)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._wanted_alone -= 1
            self._leave()

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


def _apart() -> dict[str, Any]:
    """Return what keeps Ctrl-C, which a terminal sends to its whole group, from a new process: its parent ends it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
