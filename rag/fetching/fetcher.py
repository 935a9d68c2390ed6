"""Fetching pages: one at a time, with a pause for each host, as its robots.txt allows, and only when they changed."""

from __future__ import annotations

import http
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpcore
from protego import Protego

from rag.errors import ReadError
from rag.fetching.addresses import Target, read_target
from rag.fetching.network import STEP_SECONDS, CheckedBackend, Clock
from rag.readers.compression import TooLarge, decode_codings
from rag.readers.source_file import printable

_MOST_REDIRECTS = 5
_SECONDS = 60.0  # for a page with its redirects
_PAUSE = 1.0  # seconds between two requests to a host
_LONGEST_PAUSE = 60.0  # that a robots.txt may ask for
_LONGEST_ROBOTS = 500_000  # bytes, as RFC 9309 has it
_MOVED = (301, 302, 303, 307, 308)
_PRODUCT = "izvor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server said: the page as it came, and the address it came from in the end."""

    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes  # with its content codings

    def header(self, name: str) -> str:
        """Return the value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def page(self, most: int) -> bytes:
        """Return the body without its content codings.

        Raises:
            TooLarge, ReadError: as for `decode_codings`.
        """
        return decode_codings(self.body, self.header("content-encoding"), most, printable(self.address[:200]))


class Fetcher:
    """Asks servers for pages, and remembers what their robots.txt said."""

    def __init__(
        self,
        *,
        max_bytes: int,
        allow_private: bool = False,
        pause: float = _PAUSE,
        seconds: float = _SECONDS,
    ) -> None:
        from rag.settings import VERSION

        self._agent = f"{_PRODUCT}/{VERSION} (indexes the pages on a user's list; obeys robots.txt)"
        self._max_bytes = max_bytes
        self._pause = pause
        self._clock = Clock(seconds)
        self._pool = httpcore.ConnectionPool(
            network_backend=CheckedBackend(self._clock, allow_private=allow_private), keepalive_expiry=30.0
        )
        self._robots: dict[str, Protego | ReadError] = {}
        self._asked: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.close()

    def fetch(self, address: str, known: Response | None = None) -> Response | None:
        """Fetch a page, or return None where it is as it was.

        Args:
            address: of the page.
            known: what was fetched last time.

        Raises:
            ReadError: the page cannot be had, or may not be.
        """
        name = printable(address[:200])
        try:
            return self._follow(address, known)
        except TooLarge:
            raise ReadError("page_over_limit", name=name, limit=self._max_bytes) from None
        except httpcore.TimeoutException:
            raise ReadError("page_too_slow", name=name, step=STEP_SECONDS, seconds=self._clock.seconds) from None
        except (httpcore.ConnectError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            told = " ".join(str(error).split())[:150] or type(error).__name__
            raise ReadError("page_unreachable", name=name, detail=told) from None

    def _follow(self, address: str, known: Response | None) -> Response | None:
        url, name = address, printable(address[:200])
        for _ in range(_MOST_REDIRECTS + 1):
            target = read_target(url)
            self._check_robots(target)
            headers = {}
            if known is not None and known.address == url:
                headers = {"If-None-Match": known.header("etag"), "If-Modified-Since": known.header("last-modified")}
            self._clock.restart()
            response = self._get(url, target, {name: value for name, value in headers.items() if value})
            if response.status in _MOVED and response.header("location"):
                url = urljoin(url, response.header("location"))
                continue
            if response.status == http.HTTPStatus.NOT_MODIFIED and known is not None:
                return None
            if response.status != http.HTTPStatus.OK:
                raise ReadError("page_status", name=name, status=response.status, phrase=_phrase(response.status))
            page = response.page(self._max_bytes)
            if not page:
                raise ReadError("page_empty", name=name)
            return None if known is not None and known.page(self._max_bytes) == page else response
        raise ReadError("page_redirected", name=name, limit=_MOST_REDIRECTS)

    def _check_robots(self, target: Target) -> None:
        if target.origin not in self._robots:
            self._robots[target.origin] = self._read_robots(target.origin)
        rules = self._robots[target.origin]
        if isinstance(rules, ReadError):
            raise rules
        if not rules.can_fetch(target.origin + target.path, _PRODUCT):
            raise ReadError("robots_forbid", origin=target.origin)
        pause = rules.crawl_delay(_PRODUCT) or 0.0
        if pause > _LONGEST_PAUSE:
            raise ReadError("robots_pause", origin=target.origin, seconds=float(pause), limit=_LONGEST_PAUSE)
        self._wait(target.host, max(pause, self._pause))

    def _read_robots(self, origin: str) -> Protego | ReadError:
        """Return an origin's rules, or why there are none to go by; a file that is not there allows everything."""
        url = f"{origin}/robots.txt"
        self._clock.restart()
        for _ in range(_MOST_REDIRECTS + 1):
            target = read_target(url)
            self._wait(target.host, 0.0)
            try:
                response = self._get(url, target, {}, most=_LONGEST_ROBOTS, cut=True)
                if response.status in _MOVED and response.header("location"):
                    url = urljoin(url, response.header("location"))
                    continue
                if response.status >= 500 or response.status == http.HTTPStatus.TOO_MANY_REQUESTS:
                    return ReadError(
                        "robots_status", origin=origin, status=response.status, phrase=_phrase(response.status)
                    )
            except TooLarge:
                return ReadError("robots_damaged", origin=origin)
            try:
                text = response.page(_LONGEST_ROBOTS) if response.status == http.HTTPStatus.OK else b""
            except (TooLarge, ReadError):
                return ReadError("robots_damaged", origin=origin)
            return Protego.parse(text.decode("utf-8", "replace"))
        return ReadError("robots_redirected", origin=origin, limit=_MOST_REDIRECTS)

    def _wait(self, host: str, pause: float) -> None:
        now = time.monotonic()
        ready = self._asked.get(host, now - pause) + pause
        if ready > now:
            time.sleep(ready - now)
        self._asked[host] = time.monotonic()

    def _get(
        self, url: str, target: Target, more: Mapping[str, str], *, most: int | None = None, cut: bool = False
    ) -> Response:
        most = most or self._max_bytes
        headers: dict[bytes | str, bytes | str] = {
            "Host": target.origin.partition("://")[2],
            "User-Agent": self._agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate, br",
        }
        headers.update(more)
        sent = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        with self._pool.stream("GET", sent, headers=headers) as answer:
            blocks: list[bytes] = []
            length = 0
            for block in answer.iter_stream():
                blocks.append(block)
                length += len(block)
                if length > most and cut:
                    break
                if length > most:
                    raise TooLarge
            named = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in answer.headers)
            return Response(address=url, status=answer.status, headers=named, body=b"".join(blocks))


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "?"
