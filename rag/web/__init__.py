"""The web page. Importing this package is light; Gradio is loaded only by `serve`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.web.listening import listen


def serve(
    index: Path | str,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    public: bool = False,
    prepare: Callable[[], None] | None = None,
) -> None:
    """Serve the page and the HTTP interface for an index until interrupted.

    Args:
        index: the index folder.
        host: the address to listen on.
        port: the port; 0 is any free one.
        public: agree to an address that other machines can reach.
        prepare: called once the address is taken, for example to build the index.

    Raises:
        RagError: the index cannot be opened, or the address is in use or open to others without `public`.
    """
    with listen(host, port, public=public) as listener:
        if prepare is not None:
            prepare()
        from rag.web.serving import run  # Gradio takes seconds to import

        run(Path(index), listener)
