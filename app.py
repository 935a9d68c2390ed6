"""The entry of the web page: ``python app.py`` serves it on http://127.0.0.1:7860.

The first run copies the articles of ``seeds/`` into ``corpus/``, which the page may change, and indexes them.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
from pathlib import Path

import rag
from rag.server import serve
from rag.server.options import add_flags, read_flags

HERE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Parse the flags, create the corpus and the index if they are missing, and serve. Return the exit status."""
    parser = argparse.ArgumentParser(description="Serve the page of Izvor.")
    parser.add_argument("--index", type=Path, default=HERE / "index", help="the index (default: index/)")
    add_flags(parser, corpus=HERE / "corpus")
    flags = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        serve(flags.index, read_flags(flags), prepare=lambda: prepare(flags.index, flags.corpus))
    except rag.RagError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def prepare(index_path: Path, corpus: Path) -> None:
    """Create the working copy of ``seeds/`` if it is the corpus and missing, and the index if there is none.

    Raises:
        RagError: the index cannot be used, or the corpus cannot be read.
    """
    if corpus == HERE / "corpus":
        copy_seeds(HERE / "seeds", corpus)
    try:
        rag.Index.open(index_path).close()
    except rag.IndexNotFound:
        print(f"no index at {index_path} yet: building it from {corpus}", file=sys.stderr)
        with rag.Index.create(index_path) as index:
            report = index.sync(corpus, progress=sys.stderr.isatty())
        print(report, file=sys.stderr)


def copy_seeds(seeds: Path, corpus: Path) -> None:
    """Copy a folder to `corpus` unless that exists; interrupted, it leaves no `corpus`.

    Raises:
        CorpusError: the folder cannot be copied.
    """
    if corpus.exists():
        return
    partial = corpus.with_name(f".{corpus.name}-{os.getpid()}")
    try:
        shutil.copytree(seeds, partial)
        partial.rename(corpus)
    except OSError as error:
        raise rag.CorpusError("corpus_not_copied", seeds=str(seeds), corpus=str(corpus), detail=str(error)) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
