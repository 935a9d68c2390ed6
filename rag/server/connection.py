"""A client's connection: HTTP/1.1 as uvicorn speaks it, but nobody may hold one open without ever asking."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag.server.descriptors import idle_connections

_REFUSED = b'{"detail": "this is no HTTP request"}'


class Connection(H11Protocol):
    """Closes unless the head of a request is there within the time that a connection may be idle.

    uvicorn waits for the first request without end, and takes any byte for the beginning of one. Of connections that
    wait, only so many are kept as leave file descriptors for those that ask; the one that waited longest goes first.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._waiting().pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; the wait is over when a request has begun, and not before."""
        before, waiting = self.cycle, self.timeout_keep_alive_task
        self.timeout_keep_alive_task = None
        super().data_received(data)
        if waiting is None:
            return
        if self.cycle is before and not self.transport.is_closing() and self.transport.get_protocol() is self:
            self.timeout_keep_alive_task = waiting
        else:
            waiting.cancel()
            if self.timeout_keep_alive_task is None:  # otherwise it was answered at once, and waits for the next
                self._waiting().pop(self, None)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        super().on_response_complete()
        if self.timeout_keep_alive_task is not None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP in the form that every refusal has."""
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=_REFUSED),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        waiting = self._waiting()
        waiting.pop(self, None)
        waiting[self] = None  # the last, as the newest
        while len(waiting) > idle_connections():
            oldest = next(iter(waiting))
            del waiting[oldest]
            oldest.transport.abort()

    def _waiting(self) -> dict[Connection, None]:
        """Return the connections of this server that wait for a request, those that have waited longest first."""
        waiting: dict[Connection, None] = self.server_state.__dict__.setdefault("waiting", {})
        return waiting
