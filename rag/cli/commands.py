"""The command line: it reads flags, calls the public functions, and prints: data on stdout, the rest on stderr."""

from __future__ import annotations

import argparse
import getpass
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from rag import Index, IndexLocked, IndexNotFound, RagError, Refinement, Settings, SettingsError, SyncReport
from rag.cli.flags import Command, make_parser, read_query
from rag.cli.printing import answer_as_text, as_json, as_plain, hit_as_text, name_as_line, print_answer, working
from rag.cli.reading_report import print_reading

_OK, _ERROR, _USAGE, _ABSTAINED = 0, 1, 2, 3

_ADDRESS_SPACE_BYTES = 4_000_000_000
"""Below 2 GB, of which most is never touched, not all libraries could be loaded; threads take some more."""

_LAST_BATCH_SECONDS = 10.0  # that the end of watching waits for passages being refined


class _Choice(TypedDict):
    include: list[str]
    exclude: list[str]
    progress: bool
    prepared: Path | None
    ray: str | None
    refined: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    0: it worked. 1: an error, in one line on stderr. 2: wrong usage. 3: `ask` found no answer.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    try:
        parser = make_parser(_COMMANDS)
        flags = parser.parse_args(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    if not hasattr(flags, "command"):
        parser.print_help()
        return _OK
    command: Command = flags.command
    try:
        _check_address_space()
        return command(flags)
    except RagError as error:
        print(f"rag: {error}", file=sys.stderr)
        if getattr(flags, "json", False):
            print(as_json({"error": error.to_dict()}))
        return _ERROR
    except OSError as error:  # of a path that was given: too long, a loop of links, no permission on the way to it
        if not error.filename:
            raise
        told = RagError("path_unusable", name=name_as_line(os.fsdecode(error.filename)), detail=str(error.strerror))
        print(f"rag: {told}", file=sys.stderr)
        return _ERROR
    except KeyboardInterrupt as stop:
        print(f"rag: {_stopped(flags, stop)}", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return _ERROR


def _check_address_space() -> None:
    """Refuse to begin where the libraries could not be loaded: some of them hang when memory runs out.

    Raises:
        SettingsError: the limit (``ulimit -v``) is too low.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < _ADDRESS_SPACE_BYTES:
        raise SettingsError("address_space_small", limit=limit, least=_ADDRESS_SPACE_BYTES)


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
        raise SettingsError("flags_conflict", flag="--watch", others="--dry-run, --rebuild")
    if flags.urls is not None and (flags.watch or flags.rebuild or flags.include or flags.exclude):
        raise SettingsError("flags_conflict", flag="--urls", others="--watch, --rebuild, --include, --exclude")
    if flags.prepared is not None and flags.urls is not None:
        raise SettingsError("flags_conflict", flag="--prepared", others="--urls")
    if flags.ray is not None and flags.prepared is None:
        raise SettingsError("flag_needs_other", flag="--ray", needed="--prepared DIR")
    if flags.allow_private_addresses and flags.urls is None:
        raise SettingsError("flag_needs_other", flag="--allow-private-addresses", needed="--urls FILE")
    settings = Settings.load(
        index=flags.index,
        store=flags.store,
        model=flags.model,
        batch_size=flags.batch_size,
        workers=flags.workers,
        columns=flags.columns,
    )
    if flags.explain is not None:
        return print_reading(Index.explain_file(flags.explain, settings=settings), as_json=flags.json)
    if flags.dry_run and flags.urls is not None:
        return _plan(flags, settings)
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
            if not flags.json:
                _report(flags, report)
            refinement = _refined(flags, index)
        if flags.json:
            _report(flags, report, refinement)
        return _OK
    _report(flags, report)
    if flags.rebuild and not flags.json:
        with Index.open(settings=settings) as index:
            _refined(flags, index)
    return _OK


def _refined(flags: argparse.Namespace, index: Index) -> Refinement | None:
    """Refine what is stored unless told not to, or another process does it; say how far the index is."""
    try:
        refinement = index.refine(progress=not flags.json) if flags.refine else index.refinement()
    except IndexLocked:
        refinement = index.refinement()
    if refinement is not None and not flags.json:
        _say_refinement(flags, refinement)
    return refinement


def _say_refinement(flags: argparse.Namespace, refinement: Refinement) -> None:
    hint = "" if not refinement.waiting else "; the rest is found by the table until then. Run: rag refine"
    print(f"{_settings(flags).index}: {refinement}{hint}", flush=True)


def _refine(flags: argparse.Namespace) -> int:
    with Index.open(settings=_not_asking(_settings(flags))) as index:
        refinement = index.refine(progress=not flags.json)
    if flags.json:
        print(as_json(refinement))
    elif refinement is None:
        print("this index has no contextual model: there is nothing to refine")
    else:
        _say_refinement(flags, refinement)
    return _OK


def _watch(flags: argparse.Namespace, index: Index) -> int:
    refining = index.refine_in_background() if flags.refine else None
    if refining is not None:
        refining.start()
    try:
        for report in index.watch(flags.folder, **_choice(flags)):
            _report(flags, report)
            if refining is not None:
                refining.wake()
    except KeyboardInterrupt as stop:
        if getattr(stop, "__notes__", None):  # in the middle of a sync
            raise
        print("rag: stopped watching; the index is equal to the folder as last seen", file=sys.stderr)
    finally:
        if refining is not None:
            refining.stop(_LAST_BATCH_SECONDS)
    return _OK


def _report(flags: argparse.Namespace, report: SyncReport, refinement: Refinement | None = None) -> None:
    for failure in report.failed:
        print(f"rag: not read: {name_as_line(failure.source)}: {name_as_line(failure.message())}", file=sys.stderr)
    told = "dry run, nothing written: " if flags.dry_run else ""
    place = _settings(flags).index
    values = {**as_plain(report), **({"refinement": refinement} if refinement is not None else {})}
    text = as_json(values) if flags.json else f"{place}: {told}{report} ({report.seconds:.1f} s)"
    print(text, flush=True)


def _dry_run(flags: argparse.Namespace, settings: Settings) -> SyncReport:
    with _unwritten(settings, rebuild=flags.rebuild) as index:
        return index.sync(flags.folder, dry_run=True, **_choice(flags))


def _plan(flags: argparse.Namespace, settings: Settings) -> int:
    """Say of each address what would be done with it."""
    with _unwritten(settings) as index:
        plan = index.plan_urls(flags.urls, allow_private=flags.allow_private_addresses)
    if flags.json:
        print(as_json(plan))
        return _OK
    for name, addresses in (("fetch", plan.new), ("ask again", plan.again), ("remove", plan.removed)):
        for address in addresses:
            print(f"{name}: {name_as_line(address)}")
    for failure in plan.refused:
        print(f"refused: {name_as_line(failure.source)}: {name_as_line(failure.message())}")
    print(f"{settings.index}: dry run, nothing fetched or written: {plan}")
    return _OK


@contextmanager
def _unwritten(settings: Settings, *, rebuild: bool = False) -> Iterator[Index]:
    """Open the index, or an empty one for the time being where there is none or it would be made anew."""
    found = None
    if not rebuild:
        with suppress(IndexNotFound):
            found = Index.open(settings=settings)
    if found is None:
        with tempfile.TemporaryDirectory() as empty, Index.create(empty, settings=settings) as index:
            yield index
        return
    with found as index:
        yield index


def _choice(flags: argparse.Namespace) -> _Choice:
    return {
        "include": flags.include,
        "exclude": flags.exclude,
        "progress": not flags.json,
        "prepared": flags.prepared,
        "ray": flags.ray,
        "refined": flags.refine,
    }


def _retrieve(flags: argparse.Namespace) -> int:
    from rag.schema import RetrievalOut  # pydantic is loaded only where it is needed

    with Index.open(settings=_settings(flags)) as index:
        hits = index.retrieve_query(read_query(flags))
    if flags.json:
        print(RetrievalOut.of(hits).model_dump_json(indent=2))
    else:
        print("\n\n".join(hit_as_text(hit) for hit in hits) or "nothing found")
    return _OK


def _ask(flags: argparse.Namespace) -> int:
    from rag.schema import AnswerOut

    settings = _settings(flags)
    with Index.open(settings=settings if flags.reader else replace(settings, reader=False)) as index:
        with working("reading the models and the index"):
            answer = index.answer_query(read_query(flags))
        if flags.llm:
            with working("waiting for the language model"):
                answer = index.write(answer)
        if flags.json:
            print(AnswerOut.model_validate(answer).model_dump_json(indent=2))
        elif sys.stdout.isatty():
            print_answer(answer)
        else:
            print(answer_as_text(answer))
    return _ABSTAINED if answer.abstained else _OK


def _info(flags: argparse.Namespace) -> int:
    with Index.open(settings=_not_asking(_settings(flags))) as index:
        information = index.info()
        failures = index.failures()
    if flags.json:
        print(as_json({"failures": failures} if flags.failures else {**information, "failures": failures}))
    elif flags.failures:
        print(
            "\n".join(f"{name_as_line(f.source)}: {name_as_line(f.message())}" for f in failures)
            or "every file was read"
        )
    else:
        hint = " (which and why: rag info --failures)" if failures else ""
        for name, value in [*information.items(), ("not read", f"{len(failures)}{hint}")]:
            print(f"{name:<20} {value}")
    return _OK


def _purge(flags: argparse.Namespace) -> int:
    with Index.open(settings=_settings(flags)) as index:
        index.purge()
    print(as_json({"purged": True}) if flags.json else "nothing of removed articles is left in the index's files")
    return _OK


def _verify(flags: argparse.Namespace) -> int:
    with Index.open(settings=_not_asking(_settings(flags))) as index:
        problems = index.verify()
    if flags.json:
        print(as_json({"problems": problems}))
    else:
        print("\n".join(problems) or "no problems: every span, vector and term agrees with its document")
    return _ERROR if problems else _OK


def _eval(flags: argparse.Namespace) -> int:
    from rag.evaluation import MODES, evaluate, format_report, report_as_dict

    modes = (flags.mode,) if flags.mode else MODES
    report = evaluate(flags.dataset, modes=modes, model=flags.model, limit=flags.limit)
    print(as_json(report_as_dict(report)) if flags.json else format_report(report))
    return _OK


def _serve(flags: argparse.Namespace) -> int:
    from rag.server import serve
    from rag.server.options import read_flags

    serve(flags.index or Settings.load().index, read_flags(flags), store=flags.store)
    return _OK


def _mcp(flags: argparse.Namespace) -> int:
    from rag.server.mcp import create_mcp_server
    from rag.service import Service

    if sys.stdin.isatty():
        print(
            "rag: this serves the Model Context Protocol on standard input and output; an assistant starts it. "
            "Name `rag mcp --index DIR` as the command in the assistant's settings. Ctrl-C ends it.",
            file=sys.stderr,
        )
    with Index.open(settings=_settings(flags)) as index:
        create_mcp_server(Service(index)).run("stdio")
    return _OK


def _password(flags: argparse.Namespace) -> int:
    from rag.server.auth import make_account, make_token

    if flags.token:
        token, account = make_token(flags.user)
        print(f"rag: the token, shown only now: {token}", file=sys.stderr)
    else:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        account = make_account(flags.user, password)
    print(as_json({"account": account}) if flags.json else account)
    return _OK


def _settings(flags: argparse.Namespace) -> Settings:
    return Settings.load(index=flags.index, store=flags.store)


def _not_asking(settings: Settings) -> Settings:
    """Leave out what only questions need, and what would take seconds to load."""
    return replace(settings, reranker=None)


_COMMANDS: Mapping[str, Command] = {
    "index": _index,
    "refine": _refine,
    "ask": _ask,
    "retrieve": _retrieve,
    "serve": _serve,
    "mcp": _mcp,
    "password": _password,
    "eval": _eval,
    "info": _info,
    "purge": _purge,
    "verify": _verify,
}
