"""Connections to hosts whose address was looked at: the one that was checked is the one that is connected to.

A name is resolved once, here; a server of names that answers differently the next time is not asked again. Each
connection has a deadline, so that a server that sends a byte now and then holds nobody up.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from rag.errors import ReadError
from rag.fetching.addresses import is_public

STEP_SECONDS = 10.0  # seconds for one step: connecting, the next bytes

SWITCH = "--allow-private-addresses"


class Clock:
    """The time by which a page must be there."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.restart()

    def restart(self) -> None:
        """Begin with the next page."""
        self._deadline = time.monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds for the next step.

        Raises:
            ReadTimeout: there are none.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is used up")
        return min(left, STEP_SECONDS)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to public addresses, or to any where that is allowed."""

    def __init__(self, clock: Clock, *, allow_private: bool) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of a host's addresses that answers; if one is private, to none."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._checked(host, port):
            try:
                stream = self._plain.connect_tcp(address, port, self._clock.left(), local_address, socket_options)
                return _TimedStream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ReadError("host_unknown", host=host[:100]) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._allow_private:
            _refuse_private(host, addresses)
        return addresses


def check_numeric(host: str, *, allow_private: bool) -> None:
    """Refuse a host that says without being resolved that it is private: an address in numbers, or this machine.

    Raises:
        ReadError: it is, and that is not allowed.
    """
    if allow_private:
        return
    if host.rstrip(".").rpartition(".")[2].lower() == "localhost":  # RFC 6761: whatever stands before it
        _refuse_private(host, ["127.0.0.1"])
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return  # a name
    _refuse_private(host, [str(entry[4][0]) for entry in found])


def _refuse_private(host: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        if not is_public(ipaddress.ip_address(address.split("%")[0])):
            raise ReadError("address_private", host=host[:100], address=address, switch=SWITCH)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
