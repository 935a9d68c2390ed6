"""A web site on this machine, and what it takes to ask it for a page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rag.errors import ReadError
from rag.fetching.fetcher import Fetcher, Response

HTML = {"Content-Type": "text/html"}


class Site:
    """A server on this machine: what it answers to each path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                site.connections += 1
                super().setup()

            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = site.answers.get(self.path, (404, {}, b"no such page"))
                tag = headers.get("ETag")
                if tag and self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Transfer-Encoding" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        self.answers[path] = (
            status,
            {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}},
            body,
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def pages_asked(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.close()


def fetch(address: str, known: Response | None = None, **options: float) -> Response | None:
    with Fetcher(max_bytes=100_000, allow_private=True, pause=0, **options) as fetcher:
        return fetcher.fetch(address, known)


def refusal(address: str, *, allow_private: bool = True, **options: float) -> str:
    fetcher = Fetcher(max_bytes=100_000, allow_private=allow_private, pause=0, **options)
    with fetcher, pytest.raises(ReadError) as raised:
        fetcher.fetch(address)
    message = str(raised.value)
    assert "\n" not in message
    return message
