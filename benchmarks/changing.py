"""A corpus that changes under a running server: by another program, and through the page; and what holds at each step.

Several articles come in one file and are indexed by ``rag index`` in a process of its own; one more arrives by the
page's own upload. So the corpus is always in one of four states, and an answer is right if it is, to the letter, that
of one of them.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag import Index
from rag.records import Document

_ROOT = Path(__file__).resolve().parents[1]
_WAIT = 0.1  # seconds between two looks at how a change goes on
_LIMIT = 300.0  # seconds that one step may take
_FILE = "brought.jsonl"
_UPLOAD = "uploaded.txt"


class ChangeFailed(Exception):
    """A change to the corpus did not come to its end; the reason stands in the message."""


class Changing:
    """The four steps that lead through the four states and back to the first.

    Args:
        port: the server, which may change the folder.
        index: the index folder.
        folder: the corpus folder.
        spare: articles that are not in the folder: the last is uploaded, the others come in one file.
    """

    def __init__(self, port: int, index: Path, folder: Path, spare: Sequence[Document]) -> None:
        self._port, self._index, self._folder = port, index, folder
        self._brought, self._uploaded = spare[:-1], spare[-1]

    def steps(self) -> Iterator[str]:
        """Make one change after the other, and yield its name once the server's index holds it."""
        for name, step in self._steps():
            step()
            yield name

    def _steps(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("a file brought, indexed by another program", self._bring),
            ("an article uploaded through the page", self._upload),
            ("the file taken away, indexed by another program", self._take_away),
            ("the article removed through the page", self._remove),
        ]

    def _bring(self) -> None:
        rows = [json.dumps({"id": one.id, "title": one.title, "text": one.text}) for one in self._brought]
        hidden = self._folder / f".{_FILE}"
        hidden.write_text("\n".join(rows) + "\n", encoding="utf-8")
        hidden.replace(self._folder / _FILE)
        self._index_beside()

    def _take_away(self) -> None:
        (self._folder / _FILE).unlink()
        self._index_beside()

    def _upload(self) -> None:
        self._send("PUT", f"/api/corpus/files/{_UPLOAD}", self._uploaded.text.encode())
        self._send("POST", "/api/corpus/sync")
        self._settle()

    def _remove(self) -> None:
        with Index.open(self._index) as index:
            digest = index.document(_UPLOAD).sha256
        self._send("POST", "/api/corpus/remove", json.dumps({"articles": [{"id": _UPLOAD, "sha256": digest}]}).encode())
        self._settle()

    def _index_beside(self) -> None:
        command = [
            sys.executable,
            "-m",
            "rag.cli",
            "index",
            str(self._folder),
            "--index",
            str(self._index),
            "--json",
        ]
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        done = subprocess.run(
            command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False, timeout=_LIMIT
        )
        if done.returncode:
            raise ChangeFailed(done.stderr.strip())

    def _settle(self) -> None:
        until = time.monotonic() + _LIMIT
        while (state := self._send("GET", "/api/corpus"))["busy"]:
            if time.monotonic() > until:
                raise ChangeFailed(f"the corpus was not up to date after {_LIMIT:g} s")
            time.sleep(_WAIT)
        if state["problem"]:
            raise ChangeFailed(str(state["detail"]))

    def _send(self, method: str, path: str, body: bytes | None = None) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            headers = {"Content-Type": "application/json"} if method == "POST" and body is not None else {}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content: dict[str, object] = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= 300:
            raise ChangeFailed(f"{method} {path}: {response.status} {content.get('detail')}")
        return content
