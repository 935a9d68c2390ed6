"""What fetching a list would ask for, as far as can be told without the network."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ReadError
from rag.fetching.addresses import read_list, read_target
from rag.fetching.archive import place_of
from rag.fetching.network import check_numeric
from rag.records import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPlan:
    """The addresses of a list: never fetched, fetched before, in the index but not on the list, and refused."""

    new: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[Failure, ...] = ()

    def __str__(self) -> str:
        counts = f"{len(self.new)} to fetch, {len(self.again)} to ask whether they changed"
        told = f"{counts}, {len(self.removed)} to remove, {len(self.refused)} refused"
        return f"{told}; host names and robots.txt are looked up only when fetching"


def plan_list(path: Path, folder: Path, indexed: Collection[str], *, allow_private: bool) -> FetchPlan:
    """Say what `fetch_list` would do, without resolving a name or connecting to anything.

    Args:
        path: the list.
        folder: where fetched pages are kept.
        indexed: the addresses that the index has pages of.
        allow_private: whether addresses may lead to this machine and its network.

    Raises:
        CorpusError: the list cannot be read, or holds no address.
    """
    addresses = read_list(path)
    wanted: list[str] = []
    refused: list[Failure] = []
    for address in addresses:
        try:
            check_numeric(read_target(address).host, allow_private=allow_private)
            wanted.append(address)
        except ReadError as error:
            refused.append(Failure.from_error(address, error))
    kept = {address for address in wanted if place_of(folder, address).exists()}
    return FetchPlan(
        new=tuple(address for address in wanted if address not in kept),
        again=tuple(address for address in wanted if address in kept),
        removed=tuple(sorted(set(indexed) - set(addresses))),
        refused=tuple(refused),
    )
