"""The address and port that the page is served at."""

from __future__ import annotations

import re

import pytest

from rag import SettingsError
from rag.server import listen
from rag.server.options import Terms


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("0.0.0.0", 0, "0.0.0.0 can be reached from other machines, and there is no password. "
         "Serve only this machine: --host 127.0.0.1. Ask for a password: --auth. Or agree: --open"),
        ("::", 0, ":: can be reached from other machines"),
        ("example.invalid", 0, "example.invalid can be reached from other machines"),
        ("127.0.0.1", 70000, "There is no port 70000; ports go from 0 to 65535. Choose one: --port 7860"),
    ],
)  # fmt: skip
def test_an_address_that_should_not_be_served_on_is_refused(host: str, port: int, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        listen(Terms(host=host, port=port))


def test_a_port_is_taken_once_and_zero_finds_a_free_one() -> None:
    with listen(Terms(port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 is already in use. Choose another: --port"):
            listen(Terms(port=port))
    listen(Terms(host="0.0.0.0", port=0, public=True)).close()
