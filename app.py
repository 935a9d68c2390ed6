"""The web page: ``python app.py`` opens the index (or builds it from seeds/) and serves it on http://127.0.0.1:7860."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import rag
from rag.server import serve
from rag.server.options import add_flags, read_flags

HERE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Read the flags, make sure there is an index, serve. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Serve the page of Izvor.")
    parser.add_argument("--index", type=Path, default=HERE / "index", help="the index (default: index/)")
    add_flags(parser, corpus=HERE / "seeds")
    flags = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        serve(flags.index, read_flags(flags), prepare=lambda: ensure_index(flags.index, flags.corpus))
    except rag.RagError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def ensure_index(index_path: Path, corpus: Path) -> None:
    """Build the index from the corpus unless there is one.

    Raises:
        RagError: the index cannot be used, or the corpus cannot be read.
    """
    try:
        rag.Index.open(index_path).close()
    except rag.IndexNotFound:
        print(f"no index at {index_path} yet: building it from {corpus}", file=sys.stderr)
        with rag.Index.create(index_path) as index:
            report = index.sync(corpus, progress=sys.stderr.isatty())
        print(report, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
