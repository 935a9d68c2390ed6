"""The server: page, HTTP interface and MCP in one ASGI application. Importing this package is light."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from rag import SettingsError
from rag.server.corpora import name_corpora
from rag.server.options import Terms


def serve(
    index: Path | str | Sequence[Path | str],
    terms: Terms | None = None,
    *,
    store: str | None = None,
    prepare: Callable[[], None] | None = None,
) -> None:
    """Serve the page and the HTTP interface for an index until interrupted or told to stop (SIGTERM).

    Args:
        index: the index folder, or several; each may be named, as ``NAME=DIR``.
        terms: where, to whom and how much; by default to this machine alone.
        store: the server that finds candidates; by default that of `RAG_STORE`, else this machine.
        prepare: called once the address is taken, for example to build the index.

    Raises:
        RagError: the index cannot be opened, or the address is in use or open to others without agreement.
    """
    terms = terms or Terms()
    indexes = name_corpora([index] if isinstance(index, (str, Path)) else index)
    with listen(terms) as listener:
        if prepare is not None:
            prepare()
        from rag.server.app import run  # Gradio takes seconds to import

        run(indexes, listener, terms, store)


def listen(terms: Terms) -> socket.socket:
    """Return a socket that listens on the terms' address.

    Raises:
        SettingsError: the address cannot be listened on, or others could reach it and nobody agreed to that.
    """
    host, port = terms.host, terms.port
    if not (terms.public or terms.accounts or terms.only_here):
        raise SettingsError("serving_open", host=host)
    if not 0 <= port <= 65535:
        raise SettingsError("port_invalid", port=port)
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
            raise SettingsError("port_in_use", host=host, port=port, other=port % 65535 + 1) from error
        raise SettingsError("address_unusable", host=host, port=port, detail=str(error.strerror or error)) from error
    return listener
