"""The command line: it reads flags, calls the public functions, and prints: data on stdout, the rest on stderr."""

from __future__ import annotations

import argparse
import getpass
import json
import logging
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Sequence, Set
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

import rag
from rag import (
    Answer,
    Filters,
    Hit,
    Index,
    IndexNotFound,
    QueryError,
    RagError,
    Settings,
    SettingsError,
    SyncReport,
)

_OK, _ERROR, _USAGE = 0, 1, 2


class _Choice(TypedDict):
    include: list[str]
    exclude: list[str]
    progress: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when it worked, 1 after an error (one line on stderr), 2 for wrong usage."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        flags = _parser().parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    command: Callable[[argparse.Namespace], int] = flags.command
    try:
        return command(flags)
    except RagError as error:
        print(f"rag: {' '.join(str(error).split())}", file=sys.stderr)
        return _ERROR
    except KeyboardInterrupt as stop:
        print(f"rag: {_stopped(flags, stop)}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return _ERROR


def _stopped(flags: argparse.Namespace, stop: KeyboardInterrupt) -> str:
    """Say what is kept; `sync` noted how far it came."""
    notes = getattr(stop, "__notes__", ["what was finished is kept"])
    if getattr(flags, "dry_run", False):
        return "stopped; nothing was written"
    if getattr(flags, "rebuild", False):
        return "stopped; the index is as it was before, and nothing of the new one is kept"
    return f"stopped; {notes[-1]}, the same command goes on from here"


def _index(flags: argparse.Namespace) -> int:
    if flags.watch and (flags.dry_run or flags.rebuild):
        raise SettingsError("--watch goes with neither --dry-run nor --rebuild; run that first, then --watch")
    if flags.urls is not None and (flags.watch or flags.dry_run or flags.rebuild or flags.include or flags.exclude):
        raise SettingsError("--urls goes with none of --watch, --dry-run, --rebuild, --include and --exclude")
    if flags.allow_private_addresses and flags.urls is None:
        raise SettingsError("--allow-private-addresses goes with --urls FILE only")
    settings = Settings.load(index=flags.index, model=flags.model, batch_size=flags.batch_size, workers=flags.workers)
    if flags.dry_run:
        report = _dry_run(flags, settings)
    elif flags.rebuild:
        report = Index.rebuild(flags.folder, settings=settings, **_choice(flags))
    else:
        try:
            index = Index.open(settings=settings)
        except IndexNotFound:
            index = Index.create(settings=settings)
        with index:
            if flags.watch:
                return _watch(flags, index)
            if flags.urls is not None:
                private = flags.allow_private_addresses
                report = index.sync_urls(flags.urls, allow_private=private, progress=not flags.json)
            else:
                report = index.sync(flags.folder, **_choice(flags))
    _report(flags, report)
    return _OK


def _watch(flags: argparse.Namespace, index: Index) -> int:
    try:
        for report in index.watch(flags.folder, **_choice(flags)):
            _report(flags, report)
    except KeyboardInterrupt as stop:
        if getattr(stop, "__notes__", None):  # in the middle of a sync
            raise
        print("rag: stopped watching; the index is equal to the folder as last seen", file=sys.stderr)
    return _OK


def _report(flags: argparse.Namespace, report: SyncReport) -> None:
    for failure in report.failed:
        print(f"rag: not read: {_name(failure.source)}: {_name(failure.reason)}", file=sys.stderr)
    told = "dry run, nothing written: " if flags.dry_run else ""
    place = Settings.load(index=flags.index).index
    text = _json(report) if flags.json else f"{place}: {told}{report} ({report.seconds:.1f} s)"
    print(text, flush=True)


def _dry_run(flags: argparse.Namespace, settings: Settings) -> SyncReport:
    try:
        if flags.rebuild:
            raise IndexNotFound
        with Index.open(settings=settings) as index:
            return index.sync(flags.folder, dry_run=True, **_choice(flags))
    except IndexNotFound:  # all of the folder would be added
        with tempfile.TemporaryDirectory() as empty, Index.create(empty, settings=settings) as index:
            return index.sync(flags.folder, dry_run=True, **_choice(flags))


def _choice(flags: argparse.Namespace) -> _Choice:
    return {"include": flags.include, "exclude": flags.exclude, "progress": not flags.json}


def _retrieve(flags: argparse.Namespace) -> int:
    with Index.open(flags.index) as index:
        hits = index.retrieve(
            flags.question, flags.k, filters=_filters(flags), mode=flags.mode, collapse=flags.collapse
        )
        print(_json(hits) if flags.json else "\n\n".join(_hit(hit) for hit in hits) or "nothing found")
    return _OK


def _ask(flags: argparse.Namespace) -> int:
    with Index.open(flags.index) as index:
        answer = index.answer(flags.question, flags.k, filters=_filters(flags), collapse=flags.collapse)
        print(_answer_as_json(answer) if flags.json else _answer(answer))
    return _OK


def _info(flags: argparse.Namespace) -> int:
    with Index.open(settings=_not_asking(Settings.load(index=flags.index))) as index:
        information = index.info()
        failures = index.failures()
    if flags.json:
        print(_json({"failures": failures} if flags.failures else {**information, "failures": failures}))
    elif flags.failures:
        print("\n".join(f"{_name(f.source)}: {_name(f.reason)}" for f in failures) or "every file was read")
    else:
        hint = " (which and why: rag info --failures)" if failures else ""
        for name, value in [*information.items(), ("not read", f"{len(failures)}{hint}")]:
            print(f"{name:<20} {value}")
    return _OK


def _purge(flags: argparse.Namespace) -> int:
    with Index.open(flags.index) as index:
        index.purge()
    print(_json({"purged": True}) if flags.json else "nothing of removed articles is left in the index's files")
    return _OK


def _verify(flags: argparse.Namespace) -> int:
    with Index.open(settings=_not_asking(Settings.load(index=flags.index))) as index:
        problems = index.verify()
    if flags.json:
        print(_json({"problems": problems}))
    else:
        print("\n".join(problems) or "no problems: every span, vector and term agrees with its document")
    return _ERROR if problems else _OK


def _eval(flags: argparse.Namespace) -> int:
    from rag.evaluation import MODES, evaluate, format_report, report_as_dict

    modes = (flags.mode,) if flags.mode else MODES
    report = evaluate(flags.dataset, modes=modes, model=flags.model, limit=flags.limit)
    print(_json(report_as_dict(report)) if flags.json else format_report(report))
    return _OK


def _serve(flags: argparse.Namespace) -> int:
    from rag.web import serve
    from rag.web.terms import read_flags

    serve(Settings.load(index=flags.index).index, read_flags(flags))
    return _OK


def _mcp(flags: argparse.Namespace) -> int:
    from rag.service import Service
    from rag.web.assistants import create_mcp_server

    with Index.open(flags.index) as index:
        create_mcp_server(Service(index)).run("stdio")
    return _OK


def _password(flags: argparse.Namespace) -> int:
    from rag.web.accounts import make_account, make_token

    if flags.token:
        token, account = make_token(flags.user)
        print(f"rag: the token, shown only now: {token}", file=sys.stderr)
    else:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        account = make_account(flags.user, password)
    print(_json({"account": account}) if flags.json else account)
    return _OK


def _not_asking(settings: Settings) -> Settings:
    """Leave out what only questions need, and what would take seconds to load."""
    return replace(settings, reranker=None)


def _filters(flags: argparse.Namespace) -> Filters:
    return Filters(
        languages=frozenset(flags.language or ()),
        outlets=frozenset(flags.outlet or ()),
        documents=frozenset(flags.document or ()),
        published_from=_day(flags.published_from),
        published_to=_day(flags.published_to),
    )


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise QueryError(f"{value!r} is not a date; write it as 2026-01-31") from None


def _answer_as_json(answer: Answer) -> str:
    from rag.web.exports import to_json  # one schema for the command line, the HTTP interface and assistants

    return to_json(answer)


def _answer(answer: Answer) -> str:
    dates = [
        f"understood: “{answer.question[period.start : period.end]}” as {period.first} to {period.last}"
        for period in answer.periods
    ]
    if answer.abstained:
        nearest = "\n".join(f"  - {hit.citation}" for hit in answer.hits[:3])
        told = f"Nearest passages, which do not answer:\n{nearest}" if nearest else ""
        return "\n".join(part for part in ("The corpus does not say.", *dates, told) if part)
    quotes = [f"[{quote.number}] {_line(quote.text)}" for quote in answer.quotes]
    sources = [f"[{quote.number}] {quote.citation}" for quote in answer.quotes]
    agreed = [str(answer.agreement)] if answer.agreement else []
    return "\n".join([*quotes, "", f"confidence {answer.confidence:.2f}", *dates, *agreed, *sources])


def _hit(hit: Hit) -> str:
    lines = [f"{hit.rank}. {hit.score:.3f} {hit.citation}", hit.passage.text.strip()]
    if hit.duplicates and hit.agreement:
        lines += [f"the same text elsewhere ({hit.agreement}):", *(f"  - {copy}" for copy in hit.duplicates)]
    return "\n".join(lines)


def _line(text: str) -> str:
    """Return a text as one line; what a terminal would obey rather than show is escaped."""
    return "".join(c if unicodedata.category(c) != "Cc" else _escaped(c) for c in " ".join(text.split()))


def _name(text: str) -> str:
    """Return a name as one line in which nothing is invisible and nothing turns the line's direction."""
    return "".join(c if c.isprintable() else _escaped(c) for c in " ".join(text.split()))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    """Turn records into what JSON has; a document is named by its metadata, its text stays out."""
    if isinstance(value, rag.Document):
        names = ("id", "title", "source", "outlet", "author", "published", "modified", "language", "sha256")
        return {name: _plain(getattr(value, name)) for name in names}
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (Sequence, Set)) and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _parser() -> argparse.ArgumentParser:
    from rag.web.terms import add_flags

    parser = argparse.ArgumentParser(prog="rag", description="Ask a pile of articles; every quote has its place.")
    parser.add_argument("--version", action="version", version=f"izvor {rag.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--index", metavar="DIR", help="the index folder (RAG_INDEX, else ./index)")
    common.add_argument("--json", action="store_true", help="print JSON")

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=text, description=text)
        command.set_defaults(command=run)
        return command

    index = add("index", _index, "make the index equal to a folder of articles")
    what = index.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", type=Path, metavar="FOLDER", nargs="?")
    what.add_argument("--urls", type=Path, metavar="FILE", help="fetch the pages of a list, an address a line")
    index.add_argument(
        "--allow-private-addresses", action="store_true", help="with --urls: also from this machine and its network"
    )
    index.add_argument(
        "--model", help="a sentence-transformers model by name or path (RAG_MODEL, else the bundled one)"
    )
    index.add_argument("--batch-size", type=int, metavar="N")
    index.add_argument(
        "--workers", metavar="N", help="processes that read files (RAG_WORKERS, else one a core); 0: none"
    )
    index.add_argument("--rebuild", action="store_true", help="build it anew; the old one serves until that is done")
    index.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
    index.add_argument("--watch", action="store_true", help="go on until Ctrl-C: index what changes")
    for name, text in (("include", "only files that match"), ("exclude", "no files that match")):
        index.add_argument(f"--{name}", action="append", default=[], metavar="GLOB", help=f"{text}; may be repeated")
    for name, run, text in (
        ("ask", _ask, "answer a question with quotes and citations"),
        ("retrieve", _retrieve, "list the passages that answer a question"),
    ):
        command = add(name, run, text)
        command.add_argument("question", metavar="QUESTION")
        command.add_argument("-k", type=int, default=5, help="how many passages (5)")
        command.add_argument("--language", action="append", metavar="CODE", help="only this language; may be repeated")
        command.add_argument("--outlet", action="append", metavar="NAME", help="only this outlet; may be repeated")
        command.add_argument("--document", action="append", metavar="ID", help="only this document; may be repeated")
        command.add_argument("--published-from", metavar="DATE", help="not before, as 2026-01-31")
        command.add_argument("--published-to", metavar="DATE", help="not after")
        command.add_argument(
            "--no-collapse", dest="collapse", action="store_false", help="list passages that repeat a better one too"
        )
        if name == "retrieve":
            command.add_argument("--mode", choices=("hybrid", "dense", "lexical"), default="hybrid")
    add_flags(add("serve", _serve, "serve the web page and the HTTP interface"))
    add("mcp", _mcp, "serve an assistant on standard input and output (Model Context Protocol)")
    password = add("password", _password, "make a line for --auth of `rag serve`")
    password.add_argument("user", metavar="USER")
    password.add_argument("--token", action="store_true", help="a token for a program, in place of a password")
    evaluation = add("eval", _eval, "measure retrieval on a dataset in BEIR form")
    evaluation.add_argument("dataset", type=Path, metavar="DATASET")
    evaluation.add_argument("--mode", choices=("dense", "lexical", "hybrid"), help="only this one")
    evaluation.add_argument("--limit", type=int, metavar="N", help="only the first N questions")
    evaluation.add_argument("--model", help="a sentence-transformers model by name or path")
    information = add("info", _info, "say what the index holds")
    information.add_argument("--failures", action="store_true", help="list the files that could not be read, and why")
    add("purge", _purge, "overwrite what removed articles left in the index's files")
    add("verify", _verify, "check every span, vector and term against its document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
