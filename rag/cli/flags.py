"""The flags of the command line, and the query that they make."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import get_args

import rag
from rag import Filters, Query, QueryError
from rag.records import Mode
from rag.server.options import add_flags

Command = Callable[[argparse.Namespace], int]
"""Runs with the flags given and returns the exit status."""

_EXAMPLES = {
    "index": ("rag index articles", "rag index articles --watch", "rag index --urls addresses.txt"),
    "refine": ("rag refine",),
    "ask": (
        "rag ask Where did the presidents meet in January?",
        'rag ask "Cine a semnat acordul?" --language ro --json',
        "RAG_LLM=gemma3 RAG_LLM_URL=http://127.0.0.1:11434/v1 rag ask --llm Who signed the agreement?",
    ),
    "retrieve": ('rag retrieve "varnostna jamstva" -k 3 --published-from 2026-01-01',),
    "serve": (
        "rag serve",
        "rag serve --index news=index --index archive=old/index",
        "rag serve --corpus articles --auth accounts --host 0.0.0.0",
    ),
    "mcp": ("rag mcp --index index   (started by an assistant, not by hand)",),
    "password": ("rag password ana >> accounts", "rag password script --token >> accounts"),
    "eval": ("rag eval dataset --mode hybrid",),
    "info": ("rag info", "rag info --failures"),
    "purge": ("rag purge",),
    "verify": ("rag verify",),
}


def make_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """Return the parser of the command line; `command` of what it parses is the one that was named.

    Args:
        commands: what to run, by name.
    """
    parser = argparse.ArgumentParser(
        prog="rag",
        description="Answer questions over a folder of articles, with exact citations.",
        epilog="Start with: rag index FOLDER, then: rag ask QUESTION. Examples of a command: rag COMMAND --help",
    )
    parser.add_argument("--version", action="version", version=f"izvor {rag.__version__}")
    named = parser.add_subparsers(metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--index", metavar="DIR", help="the index folder (RAG_INDEX, else ./index)")
    stored = argparse.ArgumentParser(add_help=False)
    stored.add_argument(
        "--store",
        metavar="ADDRESS",
        help="find candidates on a server, milvus://HOST:PORT (RAG_STORE, else this machine)",
    )
    common.add_argument("--json", action="store_true", help="print JSON")
    several = argparse.ArgumentParser(add_help=False)
    several.add_argument(
        "--index",
        action="append",
        metavar="[NAME=]DIR",
        help="the index folder (RAG_INDEX, else ./index); may be repeated",
    )

    def add(name: str, text: str, common: argparse.ArgumentParser = common) -> argparse.ArgumentParser:
        examples = "\n".join(f"  {example}" for example in _EXAMPLES[name])
        command = named.add_parser(
            name,
            parents=[common] if name in ("password", "eval") else [common, stored],
            help=text,
            description=text,
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(command=commands[name])
        return command

    index = add("index", "make the index equal to a folder of articles")
    what = index.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, metavar="FOLDER", nargs="?")
    what.add_argument("--urls", type=Path, metavar="FILE", help="fetch the pages of a list, an address a line")
    what.add_argument(
        "--explain", type=Path, metavar="FILE", help="print what would be read of one file, write nothing"
    )
    index.add_argument(
        "--columns", metavar="FIELD=NAME,...", help="which columns of tables hold what: text=besedilo,published=datum"
    )
    index.add_argument(
        "--allow-private-addresses", action="store_true", help="with --urls: also from this machine and its network"
    )
    index.add_argument(
        "--model",
        help="a sentence-transformers model by name or path, or `table` for the bundled table alone"
        " (RAG_MODEL, else the bundled models)",
    )
    index.add_argument("--batch-size", type=int, metavar="N")
    index.add_argument(
        "--workers", metavar="N", help="processes that read files (RAG_WORKERS, else one a core); 0: none"
    )
    index.add_argument("--rebuild", action="store_true", help="build it anew; the old one serves until that is done")
    index.add_argument(
        "--no-refine",
        dest="refine",
        action="store_false",
        help="leave it at the table; `rag refine` goes on from there",
    )
    index.add_argument(
        "--prepared", type=Path, metavar="DIR", help="prepare each file as a Parquet file there first, then load these"
    )
    index.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="with --prepared: on a Ray cluster that sees both folders; local: here",
    )
    index.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
    index.add_argument("--watch", action="store_true", help="go on until Ctrl-C: index what changes")
    for name, text in (("include", "only files that match"), ("exclude", "no files that match")):
        index.add_argument(f"--{name}", action="append", default=[], metavar="GLOB", help=f"{text}; may be repeated")
    add("refine", "give passages that lack them their vectors in context, newest first")
    for name, text in (
        ("ask", "answer a question with quotes and citations"),
        ("retrieve", "list the passages that answer a question"),
    ):
        command = add(name, text)
        command.add_argument(
            "question", metavar="QUESTION", nargs="+", help="the question; quotes around it are optional"
        )
        command.add_argument("-k", type=int, default=5, help="how many passages (5)")
        command.add_argument("--language", action="append", metavar="CODE", help="only this language; may be repeated")
        command.add_argument("--outlet", action="append", metavar="NAME", help="only this outlet; may be repeated")
        command.add_argument("--document", action="append", metavar="ID", help="only this document; may be repeated")
        command.add_argument("--published-from", metavar="DATE", help="not before, as 2026-01-31")
        command.add_argument("--published-to", metavar="DATE", help="not after")
        command.add_argument(
            "--no-collapse", dest="collapse", action="store_false", help="list passages that repeat a better one too"
        )
        if name == "ask":
            command.add_argument(
                "--no-reader", dest="reader", action="store_false", help="choose the answer without the reader"
            )
            command.add_argument(
                "--llm", action="store_true", help="put it in words too, by the language model RAG_LLM at RAG_LLM_URL"
            )
        if name == "retrieve":
            command.add_argument("--mode", choices=get_args(Mode), default="hybrid")
        else:
            command.set_defaults(mode="hybrid")
    add_flags(add("serve", "serve the web page and the HTTP interface", several))
    add("mcp", "serve an assistant on standard input and output (Model Context Protocol)")
    password = add("password", "make a line for --auth of `rag serve`")
    password.add_argument("user", metavar="USER")
    password.add_argument("--token", action="store_true", help="a token for a program, in place of a password")
    evaluation = add("eval", "measure retrieval on a dataset in BEIR form")
    evaluation.add_argument("dataset", type=Path, metavar="DATASET")
    evaluation.add_argument("--mode", choices=("dense", "lexical", "hybrid"), help="only this one")
    evaluation.add_argument("--limit", type=int, metavar="N", help="only the first N questions")
    evaluation.add_argument("--model", help="a sentence-transformers model by name or path")
    information = add("info", "say what the index holds")
    information.add_argument("--failures", action="store_true", help="list the files that could not be read, and why")
    add("purge", "overwrite what removed articles left in the index's files")
    add("verify", "check every span, vector and term against its document")
    return parser


def read_query(flags: argparse.Namespace) -> Query:
    """Return what the flags of `ask` and `retrieve` ask.

    Raises:
        QueryError: a date is none, or as for `Query`.
    """
    filters = Filters(
        languages=frozenset(flags.language or ()),
        outlets=frozenset(flags.outlet or ()),
        documents=frozenset(flags.document or ()),
        published_from=_day(flags.published_from),
        published_to=_day(flags.published_to),
    )
    return Query(
        question=" ".join(flags.question), k=flags.k, filters=filters, mode=flags.mode, collapse=flags.collapse
    )


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise QueryError("date_invalid", value=value) from None
