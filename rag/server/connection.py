"""A client's connection: HTTP/1.1 as uvicorn speaks it, but nobody may hold one open without ever asking."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_REFUSED = b'{"detail": "this is no HTTP request"}'


class Connection(H11Protocol):
    """Closes unless the head of a request is there within the time that a connection may be idle.

    uvicorn waits for the first request without end, and takes any byte for the beginning of one.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

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
