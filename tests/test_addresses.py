"""Addresses that may be fetched: public ones, checked before anything is connected to."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest
from fetch_samples import Site, fetch, refusal, site
from reader_samples import page

from rag.fetching import network
from rag.fetching.addresses import is_public, read_target

__all__ = ["site"]


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [
        ("127.0.0.1", "127.0.0.1"), ("localhost", None), ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"), ("[::ffff:7f00:1]", "::ffff:127.0.0.1"), ("0.0.0.0", "0.0.0.0"),
    ],
)  # fmt: skip
def test_this_machine_is_refused_in_every_form_before_it_is_connected_to(
    site: Site, host: str, leads_to: str | None
) -> None:
    message = refusal(f"http://{host}:{site.port}/", allow_private=False)
    assert (
        "which is not a public address. To fetch from such addresses, run: rag index --urls FILE --allow-private-addresses"
        in message
    )
    if leads_to is not None:
        assert f"leads to {leads_to}, " in message.replace("::ffff:7f00:1", "::ffff:127.0.0.1")
    assert site.connections == 0


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fc00::1]",
     "[64:ff9b::a01:203]", "[2002:a01:203::1]", "224.0.0.1", "[ff0e::1]", "240.0.0.1", "255.255.255.255", "[::]",
     "192.0.0.192", "192.0.0.9", "168.63.129.16", "100.100.100.200", "169.254.170.2", "166.9.0.1", "192.88.99.1",
     "[fec0::1]", "[fd00:ec2::254]", "[::10.0.0.1]", "[64:ff9b:1::a01:203]", "[100::1]", "[2001:0:a01:203::1]",
     "[2001:db8::1]", "[3fff::1]", "[5f00::1]", "[4000::1]", "[2002:808:808::1]"],
)  # fmt: skip
def test_private_networks_are_refused_before_anything_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def connect(*_: object, **__: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", connect)
    assert "which is not a public address" in refusal(f"http://{address}/latest/meta-data/", allow_private=False)
    assert not is_public(ipaddress.ip_address(address.strip("[]")))


def test_public_addresses_are_public() -> None:
    for address in (
        "8.8.8.8",
        "1.1.1.1",
        "192.0.1.1",
        "168.63.129.17",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ):
        assert is_public(ipaddress.ip_address(address))


def test_a_name_that_leads_to_a_public_and_a_private_address_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, site.port)) for ip in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert "rebind.example leads to 127.0.0.1" in refusal(f"http://rebind.example:{site.port}/", allow_private=False)
    assert site.connections == 0


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/a", page())
    asked: list[object] = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> object:
        asked.append(host)
        return real("127.0.0.1" if host == "gazeta.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    response = fetch(f"http://gazeta.example:{site.port}/a")
    assert response is not None
    assert response.page(100_000) == page()
    assert asked.count("gazeta.example") == 1  # what is connected to is an address, not the name again
    assert {headers["host"] for _, headers in site.asked} == {f"gazeta.example:{site.port}"}


def test_a_redirect_to_a_private_address_is_refused_before_it_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Site()
    try:
        site.put("/a", b"", 302, Location=f"http://[::ffff:127.0.0.1]:{other.port}/secret")
        monkeypatch.setattr(network, "is_public", lambda address: str(address) == "127.0.0.1")
        message = refusal(f"{site.address}/a", allow_private=False)
        assert message.startswith("::ffff:127.0.0.1 leads to")
        assert "which is not a public address" in message
        assert (site.pages_asked(), other.connections) == (["/a"], 0)
    finally:
        other.close()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://gazeta.si/a", "is not a web address (http:// or https://). Correct it in the list"),
        ("file:///etc/passwd", "is not a web address (http:// or https://). Correct it in the list"),
        ("http:///a", "is not a web address (its host cannot be read). Correct it in the list"),
        ("http://[::1/a", "is not a web address (its host cannot be read). Correct it in the list"),
        ("http://gazeta.si:99999/", "is not a web address (its host cannot be read). Correct it in the list"),
        ("http://user:word@gazeta.si/", "holds a user name or password. Leave them out"),
    ],
)
def test_what_is_no_address(address: str, why: str) -> None:
    assert refusal(address) == f"'{address}' {why}"


def test_an_address_travels_in_ascii() -> None:
    target = read_target("https://žurnal.si/članek?q=š&x=%20")
    assert (target.host, target.path, target.origin) == (
        "xn--urnal-tib.si",
        "/%C4%8Dlanek?q=%C5%A1&x=%20",
        "https://xn--urnal-tib.si",
    )
