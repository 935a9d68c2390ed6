"""Files are read ahead of what is done with them, in processes of their own; what comes out comes in the files' order.

If a file crashes a worker, fills its memory or takes too long, only that file is skipped. This process reads none,
whatever it is called and however small: a name says nothing of the bytes, and 37 kB of an office document can take
minutes and gigabytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from itertools import islice

from rag.readers.outcome import Outcome, read_here
from rag.readers.source_file import SourceFile
from rag.settings import ReadLimits

# A reader's process takes as long to start, with its libraries, as about so much takes to read.
_FILES_A_PROCESS = 100
_BYTES_A_PROCESS = 2_000_000
_AHEAD = 192  # files: three batches of what is stored at once, so that no process waits while one is


def read_files(files: Sequence[SourceFile], limits: ReadLimits) -> Generator[tuple[SourceFile, Outcome], None, None]:
    """Yield every file with the outcome of reading it, in order. Close the iterator to stop early.

    Raises:
        CorpusError: no process can be started.
    """
    max_bytes, workers = limits.max_bytes, limits.workers
    size = sum(file.size for file in files if file.size <= max_bytes)
    if workers == 0:
        for file in files:
            yield file, read_here(file, max_bytes, limits.columns)
        return
    from rag.readers.pool import Workers

    most = min(workers, 1 + max(len(files) // _FILES_A_PROCESS, size // _BYTES_A_PROCESS))
    with closing(Workers(most, limits)) as pool:
        upcoming = iter(files)
        ahead: deque[tuple[SourceFile, Future[Outcome]]] = deque()
        while True:
            # What large files hold is held twice at most: their texts come back whole.
            while len(ahead) < _AHEAD and (not ahead or sum(f.size for f, _ in ahead) < 2 * max_bytes):
                following = list(islice(upcoming, 1))
                if not following:
                    break
                ahead.append((following[0], pool.read(following[0])))
            if not ahead:
                return
            file, future = ahead.popleft()
            while not future.done():
                wait([future], timeout=1)  # not for ever: on Windows, Ctrl-C is heard between waits
            yield file, future.result()
