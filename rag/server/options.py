"""On what terms the page is served: to whom, how much of it, and what is written down. One set of flags for all."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from rag import SettingsError

if TYPE_CHECKING:
    from rag.server.auth import Accounts

OTHERS_PER_MINUTE = 120
"""Questions of one client a minute, where other machines can ask: a person's fastest reading, ten times over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to serve.

    Attributes:
        host: the address to listen on.
        port: the port; 0 is any free one.
        public: agree that other machines reach it without a password.
        accounts: who may come in; None lets everybody in.
        rate: questions per client and minute, and ten times as many other requests; None is no limit.
        corpus: the folder of articles that the page may change; None offers no changes.
        allow_changes: offer them even to others, on other machines or with a password.
        fetch: let whoever may change the corpus add pages by their address, which uses the network.
        reader: let the reader's model choose the answers.
        log: write one line of JSON for each request to stderr.
        log_questions: put the text of questions in it.
        body_bytes: the largest request, uploads aside.
        upload_bytes: the largest file that is taken.
        body_seconds: how long a client may be silent while it sends a request.
        answer_seconds: how long an answer may take to begin.
        trusted_proxies: addresses or networks whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    public: bool = False
    accounts: Accounts | None = None
    rate: float | None = None
    corpus: Path | None = None
    allow_changes: bool = False
    fetch: bool = False
    reader: bool = True
    log: bool = False
    log_questions: bool = False
    body_bytes: int = 1_000_000
    upload_bytes: int = 20_000_000
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    trusted_proxies: tuple[str, ...] = ()

    @property
    def only_here(self) -> bool:
        """Tell whether no other machine can reach the address."""
        return is_loopback(self.host)

    @property
    def can_change(self) -> bool:
        """Tell whether the page offers to add and remove articles."""
        for_one = self.only_here and not self.public and self.accounts is None  # accounts: there are others, by a proxy
        return self.corpus is not None and (self.allow_changes or for_one)


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def add_flags(parser: argparse.ArgumentParser, *, corpus: Path | None = None) -> None:
    """Add the flags of serving; `corpus` is the folder taken where none is given."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: only this machine)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on; 0 picks a free one (default: 7860)")
    parser.add_argument("--open", action="store_true", help="agree to a --host that other machines can reach")
    parser.add_argument(
        "--auth",
        metavar="USER:HASH|FILE",
        help="ask for a password: one line of `rag password`, or a file of such lines",
    )
    parser.add_argument(
        "--rate",
        type=float,
        metavar="N",
        help=f"questions per client and minute ({OTHERS_PER_MINUTE} beyond this machine)",
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=corpus,
        metavar="FOLDER",
        help="the articles, which the page may add to and remove",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="believe what a proxy at this address or network says of its clients (X-Forwarded-For, -Proto)",
    )
    parser.add_argument("--allow-changes", action="store_true", help="offer that to others too")
    parser.add_argument("--fetch", action="store_true", help="let the page add web pages by address (uses the network)")
    parser.add_argument("--no-reader", dest="reader", action="store_false", help="choose answers without the reader")
    parser.add_argument("--log", action="store_true", help="write one line of JSON for each request to stderr")
    parser.add_argument("--log-questions", action="store_true", help="the same, with the text of questions")


def read_flags(flags: argparse.Namespace) -> Terms:
    """Return the terms that the flags set.

    Raises:
        SettingsError: a flag has no usable value.
    """
    rate: float | None = flags.rate
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise SettingsError("rate_invalid", rate=rate)
    if rate is None and not is_loopback(flags.host):
        rate = OTHERS_PER_MINUTE
    accounts = None
    if flags.auth is not None:
        from rag.server.auth import Accounts  # what hashes is loaded only where it is needed

        accounts = Accounts.read(flags.auth)
    for proxy in flags.trusted_proxy:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise SettingsError("proxy_invalid", detail=str(error)) from None
    return Terms(
        host=flags.host,
        port=flags.port,
        public=flags.open,
        accounts=accounts,
        rate=rate,
        corpus=flags.corpus,
        allow_changes=flags.allow_changes,
        fetch=flags.fetch,
        reader=flags.reader,
        log=flags.log or flags.log_questions,
        log_questions=flags.log_questions,
        trusted_proxies=tuple(flags.trusted_proxy),
    )
