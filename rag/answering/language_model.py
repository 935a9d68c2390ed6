"""A language model behind an OpenAI-compatible endpoint: what it writes, as it comes, within limits of time and size.

The client is httpx2, which the MCP package brings along: one request and one field of its answer are needed. The
`openai` package imports in half a second, tells the endpoint about this machine in its headers, takes more settings
from the environment, and holds an event of any size in memory.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from copy import copy
from importlib.util import find_spec
from ipaddress import ip_address
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.errors import LanguageModelError, SettingsError
from rag.settings import Settings, install_command

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

Message = Mapping[str, str]
"""One part of a conversation: its ``role`` (system, user, assistant) and its ``content``."""

_MOST_TOKENS = 1000  # asked for; those of a model that reasons first count too
_MOST_BYTES = 4_000_000  # taken; a token comes with some 300 bytes around it

_log = logging.getLogger(__name__)


class LanguageModel:
    """A model at an endpoint; safe to share between threads.

    Args:
        name: of the model, as the endpoint knows it.
        url: up to and without ``/chat/completions``.
        key: sent as a bearer token, if there is one.
        first_seconds: until its first words, at most.
        seconds: until its last words, at most.

    Raises:
        SettingsError: the package that makes requests is not installed.
    """

    def __init__(self, name: str, url: str, key: str | None = None, *, first_seconds: float, seconds: float) -> None:
        if find_spec("httpx2") is None:
            raise SettingsError("llm_unavailable", command=install_command("llm"))
        self.name = name
        self.place = urlsplit(url).netloc.rpartition("@")[2]
        self._url = url.rstrip("/") + "/chat/completions"
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._first_seconds = first_seconds
        self._seconds = seconds

    @classmethod
    def of(cls, settings: Settings) -> LanguageModel | None:
        """Return the model that the settings name; None where they name none.

        Raises:
            SettingsError: the package that makes requests is not installed.
        """
        if settings.llm is None or settings.llm_url is None:
            return None
        return cls(
            settings.llm,
            settings.llm_url,
            settings.llm_key,
            first_seconds=settings.llm_first_seconds,
            seconds=settings.llm_seconds,
        )

    def within(self, seconds: float) -> LanguageModel:
        """Return the same model with less time to answer."""
        other = copy(self)
        other._first_seconds, other._seconds = min(self._first_seconds, seconds), min(self._seconds, seconds)
        return other

    @property
    def is_here(self) -> bool:
        """Whether the endpoint is on this machine."""
        host = urlsplit(self._url).hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False

    def stream(self, messages: Sequence[Message]) -> Generator[str, None, None]:
        """Yield what the model writes, piece by piece. Closing the iterator ends the request.

        Raises:
            LanguageModelError: it could not be reached, refused, was too slow, wrote too much, or sent something else.
        """
        from anyio.from_thread import start_blocking_portal

        # The request runs on a loop of its own: cancelled there, it ends at its deadline whatever the endpoint sends.
        pieces: SimpleQueue[str | None] = SimpleQueue()
        with start_blocking_portal() as portal:
            running = portal.start_task_soon(self._receive, messages, pieces.put)
            running.add_done_callback(lambda _: pieces.put(None))
            try:
                while (piece := pieces.get()) is not None:
                    yield piece
                running.result()
            finally:
                running.cancel()

    async def _receive(self, messages: Sequence[Message], put: Callable[[str], None]) -> None:
        from anyio import move_on_after
        from httpx2 import AsyncClient, HTTPError, InvalidURL

        with move_on_after(self._seconds) as whole, move_on_after(self._first_seconds) as first:
            try:
                # a proxy of the environment is for other machines
                async with AsyncClient(timeout=None, trust_env=not self.is_here) as client:
                    async for piece in self._pieces(client, messages):
                        first.deadline = math.inf
                        put(piece)
            except (HTTPError, InvalidURL, OSError) as error:
                _log.warning("the language model at %s: %s", self.place, error or type(error).__name__)
                raise LanguageModelError("llm_unreachable", place=self.place) from error
        if first.cancelled_caught:
            raise LanguageModelError("llm_slow_start", place=self.place, seconds=self._first_seconds)
        if whole.cancelled_caught:
            raise LanguageModelError("llm_slow", place=self.place, seconds=self._seconds)

    async def _pieces(self, client: AsyncClient, messages: Sequence[Message]) -> AsyncIterator[str]:
        asked: dict[str, Any] = {"model": self.name, "messages": list(messages), "stream": True}
        for more in ({"temperature": 0, "max_tokens": _MOST_TOKENS}, {}):  # some hosted models refuse either
            async with client.stream("POST", self._url, json=asked | more, headers=self._headers) as response:
                if response.status_code == 400 and more:
                    continue
                if response.status_code != 200:
                    raise LanguageModelError("llm_refused", place=self.place, status=response.status_code)
                if not response.headers.get("content-type", "").startswith("text/event-stream"):
                    raise LanguageModelError("llm_unreadable", place=self.place)
                async for line in self._lines(response):
                    if not line.startswith(b"data:"):
                        continue
                    data = line[5:].strip()
                    if data == b"[DONE]":
                        return
                    if piece := self._read(data):
                        yield piece
                return

    async def _lines(self, response: Response) -> AsyncIterator[bytes]:
        rest, taken = b"", 0
        async for part in response.aiter_bytes():
            taken += len(part)
            if taken > _MOST_BYTES:
                raise LanguageModelError("llm_endless", place=self.place)
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                yield line
        yield rest

    def _read(self, data: bytes) -> str:
        """Return the words of one event, empty where it has none."""
        try:
            choices = json.loads(data)["choices"]
            if not choices:  # the last event may hold only what was used
                return ""
            words = choices[0].get("delta", {}).get("content")
            if choices[0].get("finish_reason") == "length":
                raise LanguageModelError("llm_endless", place=self.place)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise LanguageModelError("llm_unreadable", place=self.place) from error
        return words if isinstance(words, str) else ""
