"""A real HTTP server that answers as an OpenAI-compatible language model does, in the ways that a test scripts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Write = Callable[[bytes], object]
"""Sends some bytes of the body."""


@dataclass
class Script:
    """How to answer, and what was asked.

    `body` writes the whole answer; it may take its time, and may look at `ended`, which is set with the server.
    """

    body: Callable[[Write, Script], None]
    status: int = 200
    statuses: list[int] = field(default_factory=list)  # of the first requests, where they differ
    kind: str = "text/event-stream"
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    broken_off: threading.Event = field(default_factory=threading.Event)  # the client left before the end


def event(words: str, **more: Any) -> bytes:
    """Return one event of a stream."""
    choice = {"index": 0, "delta": {"content": words}, **more}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


def saying(text: str, *, end: bytes = b"data: [DONE]\n\n") -> Callable[[Write, Script], None]:
    """Stream a text in pieces of a few letters, as a model does."""

    def body(write: Write, script: Script) -> None:
        write(b": a comment\n\n")
        for start in range(0, len(text), 7):
            write(event(text[start : start + 7]))
        write(b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n')
        write(end)

    return body


def sending(*parts: bytes) -> Callable[[Write, Script], None]:
    """Send bytes as they are."""

    def body(write: Write, script: Script) -> None:
        for part in parts:
            write(part)

    return body


def repeating(part: bytes, *, pause: float = 0.0, first: Sequence[bytes] = ()) -> Callable[[Write, Script], None]:
    """Send the same bytes until the client has enough."""

    def body(write: Write, script: Script) -> None:
        for one in first:
            write(one)
        while not script.ended.is_set():
            write(part)
            time.sleep(pause)

    return body


def silent(write: Write, script: Script) -> None:
    """Send nothing until the end."""
    script.ended.wait(30)


@contextmanager
def served(script: Script) -> Iterator[str]:
    """Serve a script; give the address to be set as ``RAG_LLM_URL``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            script.asked.append(asked)
            script.headers.append({name.lower(): value for name, value in self.headers.items()})
            try:
                found = self.path == "/v1/chat/completions"
                self.send_response((script.statuses.pop(0) if script.statuses else script.status) if found else 404)
                self.send_header("content-type", script.kind)
                self.end_headers()
                if found:
                    script.body(self._write, script)
            except OSError:
                script.broken_off.set()

        def _write(self, part: bytes) -> None:
            self.wfile.write(part)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        script.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
