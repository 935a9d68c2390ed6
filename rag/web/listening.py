"""Taking the address to serve on, before anything slow is loaded: a port in use is said at once."""

from __future__ import annotations

import errno
import socket

from rag import SettingsError
from rag.web.terms import Terms


def listen(terms: Terms) -> socket.socket:
    """Return a socket that listens on the terms' address.

    Raises:
        SettingsError: the address cannot be listened on, or others could reach it and nobody agreed to that.
    """
    host, port = terms.host, terms.port
    if not (terms.public or terms.accounts or terms.only_here):
        raise SettingsError(
            f"{host} can be reached from other machines, and there is no password. "
            "Serve only this machine: --host 127.0.0.1. Ask for a password: --auth. Or agree: --open"
        )
    if not 0 <= port <= 65535:
        raise SettingsError(f"there is no port {port}; ports go from 0 to 65535. Choose one: --port 7860")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP by name: only then does asyncio send what is written at once. Otherwise the second half of each answer waits
    # until the client acknowledges the first, 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} on {host} is already in use. Choose another: --port {port % 65535 + 1}"
        else:
            message = f"cannot listen on {host}, port {port}: {error.strerror or error}. Choose others: --host, --port"
        raise SettingsError(message) from error
    return listener
