"""The processes that read, seen from the one that started them.

Each answers for its files in order, so that it is known which file it was reading when it died. Such a file is read
once more by a new process, while no other reads: what dies twice, and alone, is to blame. (Memory that runs out may
take down the neighbour of the file that filled it.) Several small files are asked for at once: this process is busy
with what was read before, and one that reads would wait for its next file as long as that holds the interpreter.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from rag.errors import CorpusError
from rag.readers.outcome import Outcome, too_much_memory
from rag.readers.process import Lost, NoProcess, Process
from rag.readers.source_file import SourceFile, printable
from rag.records import Failure
from rag.settings import ReadLimits

_MEMORY = 100
"""Times the size limit of a file. The hungriest within the limits, a page of 5 MB of tags, takes 20 times its size."""

_OUTPUT = 12
"""Times the size limit of a file. What an archive's members unpack to may be ten times, and texts take about that."""

_TOGETHER = 8  # files that one process is asked for at once
_SMALL = 500_000  # bytes of such files together at most: larger ones are asked for one by one

_Pair = tuple[SourceFile, Future[Outcome]]


class _Stopped(Exception):
    """Nothing more is to be read."""


class Workers:
    """A number of processes that read files; each is started when there is first a file for it."""

    def __init__(self, count: int, limits: ReadLimits) -> None:
        self._max_bytes, self._seconds = limits.max_bytes, limits.max_seconds
        self._columns = dict(limits.columns)
        self._memory = _MEMORY * limits.max_bytes
        self._output = _OUTPUT * limits.max_bytes
        self._gate = _Gate()
        self._lock = threading.Lock()
        self._all: set[Process] = set()
        self._idle: list[Process] = []
        self._closed = False
        self._count = count
        self._waiting: deque[_Pair] = deque()
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="reading")

    def read(self, file: SourceFile) -> Future[Outcome]:
        """Have a file read."""
        future: Future[Outcome] = Future()
        with self._lock:
            self._waiting.append((file, future))
        self._threads.submit(self._serve)
        return future

    def close(self) -> None:
        """End all processes, at once, whatever they are doing."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            process.close()

    def _serve(self) -> None:
        pairs = self._next()
        while pairs:
            try:
                pairs = self._read(pairs)
            except BaseException as error:
                for _, future in pairs:
                    if not future.done():
                        future.set_exception(error)
                raise

    def _next(self) -> list[_Pair]:
        """Return what one process is asked for at once: more files only where enough wait for the others, too."""
        with self._lock:
            most = min(_TOGETHER, max(1, len(self._waiting) // (2 * self._count)))
            pairs: list[_Pair] = []
            size = 0
            while self._waiting and len(pairs) < most and (not pairs or size + self._waiting[0][0].size <= _SMALL):
                pairs.append(self._waiting.popleft())
                size += pairs[-1][0].size
        return pairs

    def _read(self, pairs: list[_Pair]) -> list[_Pair]:
        """Have files read by one process; return those that it did not come to before one took it down."""
        done = 0
        try:
            with self._gate.together():
                done, lost = self._attempt(pairs)
            if lost is not None and not lost.slow:
                with self._gate.alone():
                    _, lost = self._attempt(pairs[done : done + 1])
        except NoProcess as error:
            for _, future in pairs[done:]:
                future.set_exception(CorpusError("reader_process_missing", detail=str(error)))
            return []
        except _Stopped:
            for file, future in pairs[done:]:
                stopped = Failure.of(file.id, "reading_stopped", name=printable(file.id))
                future.set_result(Outcome(failure=stopped))  # nobody asks for it
            return []
        if lost is not None:
            file, future = pairs[done]
            future.set_result(self._blame(file, lost))
        return pairs[done + 1 :]

    def _blame(self, file: SourceFile, lost: Lost) -> Outcome:
        if lost.memory:
            return too_much_memory(file, self._memory)
        name = printable(file.id)
        if lost.slow:
            return Outcome(failure=Failure.of(file.id, "file_too_slow", name=name, seconds=self._seconds))
        return Outcome(failure=Failure.of(file.id, "reader_crashed", name=name, detail=lost.told))

    def _attempt(self, pairs: list[_Pair]) -> tuple[int, Lost | None]:
        """Have a process read files; return how many it read, and how it was lost if it did not read them all."""
        process = self._take()
        done = 0
        try:
            process.ask([(str(file.path), file.id, self._max_bytes, self._columns) for file, _ in pairs])
            for _, future in pairs:
                future.set_result(process.answer())
                done += 1
        except Lost as lost:
            with self._lock:
                self._all.discard(process)
            process.close()
            return done, lost
        with self._lock:
            self._idle.append(process)
        return done, None

    def _take(self) -> Process:
        with self._lock:
            if self._closed:
                raise _Stopped
            if self._idle:
                return self._idle.pop()
            process = Process(self._seconds, self._memory, self._output)
            self._all.add(process)
        try:
            process.wait_until_ready()
        except Lost as lost:
            with self._lock:
                self._all.discard(process)
            process.close()
            raise NoProcess(lost.told) from None
        return process


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
