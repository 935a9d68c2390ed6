"""The web page. Importing this package is light; Gradio is loaded only by `serve`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rag.web.listening import listen
from rag.web.terms import Terms


def serve(index: Path | str, terms: Terms | None = None, *, prepare: Callable[[], None] | None = None) -> None:
    """Serve the page and the HTTP interface for an index until interrupted or told to stop (SIGTERM).

    Args:
        index: the index folder.
        terms: where, to whom and how much; by default to this machine alone.
        prepare: called once the address is taken, for example to build the index.

    Raises:
        RagError: the index cannot be opened, or the address is in use or open to others without agreement.
    """
    terms = terms or Terms()
    with listen(terms) as listener:
        if prepare is not None:
            prepare()
        from rag.web.serving import run  # Gradio takes seconds to import

        run(Path(index), listener, terms)
