"""The list of addresses, and which of them a program may ask: none that leads to a private place, unless allowed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from rag.errors import CorpusError, ReadError
from rag.readers.source_file import is_address, printable

_LONGEST_LIST = 10_000_000  # bytes
_LONGEST = 2_000  # characters of an address
_KEPT = "%/:=&?~+!$,;'@()*[]|"  # what may stand in a path or query as it is
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL = ipaddress.IPv6Network("2000::/3")  # all that has been given out: what lies outside is local or unassigned
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        # IANA's registries of special-purpose addresses, as of 2025: those of no public host, among them some that
        # `ipaddress` counts as global (services of the local network) or that an older Python does not know.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        # Metadata of cloud machines at addresses that look public: Azure's, and IBM's network of private endpoints.
        "168.63.129.16/32", "161.26.0.0/16", "166.8.0.0/14",
    )
)  # fmt: skip

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes: the parts of an address, in the ASCII form that travels."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt speaks for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        standard = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if self.port == standard else f":{self.port}")


def read_list(path: Path) -> list[str]:
    """Return the addresses of a list, one a line, each once; blank lines and those that begin with ``#`` say nothing.

    Raises:
        CorpusError: the list cannot be read, or holds none.
    """
    name = printable(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(_LONGEST_LIST + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise CorpusError("list_unreadable", name=name, detail=str(error.strerror)) from None
    except UnicodeDecodeError as error:
        raise CorpusError("list_not_utf8", name=name, offset=error.start) from None
    if len(data) > _LONGEST_LIST:
        raise CorpusError("list_too_large", name=name, limit=_LONGEST_LIST)
    stripped = (line.strip() for line in lines)
    found = list(dict.fromkeys(urldefrag(line).url for line in stripped if line and not line.startswith("#")))
    if not found:
        raise CorpusError("list_empty", name=name)
    return found


def read_target(address: str) -> Target:
    """Take an address apart.

    Raises:
        ReadError: it is no http(s) address, holds a password, or is too long.
    """
    name = printable(address[:200])
    if not is_address(address) or len(address) > _LONGEST:
        raise ReadError("address_invalid", name=name)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        host, port = "", None
    if not host or any(character.isspace() or character in "/\\@" for character in host):
        raise ReadError("address_host_invalid", name=name)
    if "@" in parts.netloc:
        raise ReadError("address_with_password", name=name)
    path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port or {"http": 80, "https": 443}[parts.scheme], path=path)


def is_public(address: Address) -> bool:
    """Return whether an IP address is one of the public internet, also where IPv6 wraps an IPv4 address.

    Tunnels (6to4, Teredo) are none: what they lead to is decided elsewhere.

    Example:
        >>> [is_public(ipaddress.ip_address(a)) for a in ("8.8.8.8", "10.0.0.1", "::ffff:10.0.0.1", "169.254.169.254")]
        [True, False, False, False]
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL:
            return False
    return not any(address in network for network in _SPECIAL)
