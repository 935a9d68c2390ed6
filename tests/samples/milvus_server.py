"""A Milvus server for tests: milvus-lite behind gRPC, in a process group of its own that ends with the tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

_AVAILABLE = find_spec("pymilvus") is not None and find_spec("milvus_lite") is not None

requires_milvus = pytest.mark.skipif(not _AVAILABLE, reason="needs pymilvus and milvus-lite: pip install '.[test]'")

_PATIENCE_SECONDS = 150.0  # on a busy machine; two on an idle one

# Ends when its standard input does, so also when the tests are killed. A file can make it say another version.
_PROGRAM = """
import os, pathlib, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from milvus_lite.adapter.grpc import servicer
from milvus_lite.cmdline import main
real, other = servicer.get_version, pathlib.Path(sys.argv.pop())
servicer.get_version = lambda: other.read_text() if other.exists() else real()
main()
"""


class MilvusServer:
    """A server that can be killed, held up and started again with the same data at the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.version = folder.with_name("version")  # a file with the version to say in place of the real one
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def address(self) -> str:
        """The address, to which the name of an index may be added."""
        return f"milvus://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it can be connected to."""
        words = [
            "server",
            "--data-dir",
            str(self._folder),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            str(self.version),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > end or self._process.poll() is not None:
                    self.kill()
                    raise
            time.sleep(0.05)

    def hold(self) -> None:
        """Stop the server where it is: it takes connections and answers nothing."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGSTOP)
            os.waitpid(self._process.pid, os.WUNTRACED)

    def go_on(self) -> None:
        """Let a server go on that was stopped."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill the server at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate(timeout=_PATIENCE_SECONDS)
            self._process = None


@contextmanager
def serving(folder: Path) -> Iterator[MilvusServer | None]:
    """Run a server for the length of a block; None where the packages are missing."""
    if not _AVAILABLE:
        yield None
        return
    server = MilvusServer(folder)
    try:
        yield server
    finally:
        server.kill()
