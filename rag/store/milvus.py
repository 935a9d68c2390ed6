"""The collections of one index on a Milvus server: what `pymilvus` is asked for, and what its errors mean.

Three collections: passages (vector, terms, and what filters ask), contextual vectors, which come later and in another
order, and one row that says which index and which of its commits the others hold. Vectors are compared one by one
(``FLAT``): graphs and lists lose answers on vectors of text. Terms are a sparse vector of our own words, so that
analysis and translation stay ours: the term frequency part of BM25 in the passage, weight times inverse document
frequency in the question.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.errors import IndexMismatch, IndexUnusable, SettingsError
from rag.records import Filters
from rag.settings import install_command
from rag.store.milvus_address import MilvusAddress
from rag.store.search.bm25 import term_hash
from rag.store.search.segments import ordinal
from rag.store.tables.rows import Floats, Longs

if TYPE_CHECKING:
    from pymilvus import MilvusClient

MOST_ROWS = 16_384
"""Rows that Milvus returns for one search at most."""

LEAST_VERSION = (2, 5)
"""The first version whose sparse inner products are exact without being asked."""

LAYOUT = 1
"""Version of the collections; those of another are filled again."""

TIMEOUT_SECONDS = 20.0  # of a request that reads; a third of what an answer may take
_WRITING_SECONDS = 120.0  # of a request that writes: a server may be merging what it has
_DIMENSIONS = 2**32 - 2  # of a sparse vector; the highest number is reserved by Milvus
_CHANNEL = {"grpc.use_local_subchannel_pool": 1, "grpc.max_reconnect_backoff_ms": 1000}
"""A server that is back is reached at once: gRPC would wait for up to two minutes after some failures, in new
connections too."""

_Field = tuple[Any, dict[str, Any], str]  # of a collection: type, options, kind of index


@dataclass(frozen=True, slots=True, kw_only=True)
class MilvusState:
    """What the collections hold.

    Attributes:
        index: the random name of the index.
        model: the fingerprints of its models.
        generation: of the commit that is held whole; 0 before there is one.
        token: of the same commit.
        after: the highest passage of later commits that is held, too, where filling was interrupted.
        mean: words of a passage, on the average, by which the term frequencies were made.
        layout: version of the collections.
    """

    index: str
    model: str
    mean: float
    generation: int = 0
    token: str = ""
    after: int = 0
    layout: int = LAYOUT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MilvusRow:
    """A passage as it is sent. `terms` is None for a row of contextual vectors."""

    passage: int
    document: int
    language: str | None
    outlet: str | None
    published: int
    vector: Floats
    terms: Mapping[int, float] | None = None


def term_dimension(term: str) -> int:
    """Return the dimension of a term in sparse vectors. Terms that share one only raise an upper bound."""
    return hash_dimension(term_hash(term))


def hash_dimension(number: int) -> int:
    """Return the dimension of the term with a 64-bit hash, from 1; 0 is of passages without words."""
    return number % _DIMENSIONS + 1


def filter_expression(filters: Filters | None, documents: Sequence[int] | None) -> str:
    """Return filters as Milvus takes them; names are compared as 64-bit hashes, so that none has to be quoted.

    Args:
        filters: conditions.
        documents: the numbers of `filters.documents`, None where these are not restricted.
    """
    if not filters:
        return ""
    parts = []
    for field, names in (("language", filters.languages), ("outlet", filters.outlets)):
        if names:
            parts.append(f"{field} in {sorted(map(_code, names))}")
    if documents is not None:
        parts.append(f"document in {sorted(documents) or [0]}")
    if filters.published_from is not None:
        parts.append(f"published >= {ordinal(filters.published_from)}")
    if filters.published_to is not None:
        parts.append(f"published <= {ordinal(filters.published_to)} and published > 0")
    return " and ".join(parts)


class MilvusCollections:
    """The collections at one address; connected when first needed. Safe from many threads."""

    def __init__(self, address: MilvusAddress, timeout: float = TIMEOUT_SECONDS) -> None:
        self.address = address
        self._timeout = timeout
        self._turn = threading.Lock()
        self._connected: MilvusClient | None = None

    def read_state(self) -> MilvusState | None:
        """Return what the collections hold; None where there are none, or making them was interrupted.

        A state without its collections holds nothing.

        Raises:
            IndexMismatch: collections of these names are there that this program did not make.
        """
        with self._asking() as (client, timeout):
            if not client.has_collection(self._state, timeout=timeout):
                if client.has_collection(self._passages, timeout=timeout):
                    raise IndexMismatch("milvus_foreign", where=self.address.shown, name=self._passages)
                return None
            rows = client.query(self._state, filter="key == 1", output_fields=["value"], timeout=timeout)
            there = client.has_collection(self._passages, timeout=timeout)
        if not rows:
            return None
        try:
            state = MilvusState(**json.loads(rows[0]["value"]))
            return state if there else replace(state, generation=0, token="", after=0)
        except (KeyError, ValueError, TypeError) as error:
            raise IndexMismatch("milvus_foreign", where=self.address.shown, name=self._state) from error

    def write_state(self, state: MilvusState) -> None:
        """Say what the collections hold."""
        row = {"key": 1, "value": json.dumps(asdict(state)), "nothing": [0.0, 0.0]}
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            client.upsert(self._state, [row], timeout=timeout)

    def create(self, state: MilvusState, dimension: int, contextual_dimension: int) -> None:
        """Make empty collections in place of those of this index that are there.

        The state is written first, and holds nothing: whatever interrupts the rest, it is begun anew.
        """
        from pymilvus import DataType

        number: _Field = (DataType.INT64, {}, "")
        key: _Field = (DataType.INT64, {"is_primary": True}, "")
        common = {"passage": key, "document": number, "language": number, "outlet": number, "published": number}
        terms: _Field = (DataType.SPARSE_FLOAT_VECTOR, {}, "SPARSE_INVERTED_INDEX")
        value: _Field = (DataType.VARCHAR, {"max_length": 4096}, "")
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            if not client.has_collection(self._state, timeout=timeout):
                # Milvus has no collection without a vector.
                self._make(self._state, {"key": key, "value": value, "nothing": _flat(2)})
        self.write_state(state)
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            for name in (self._passages, self._context):
                if client.has_collection(name, timeout=timeout):
                    client.drop_collection(name, timeout=timeout)
        self._make(self._passages, {**common, "vector": _flat(dimension), "terms": terms})
        if contextual_dimension:
            self._make(self._context, {**common, "vector": _flat(contextual_dimension)})

    def _make(self, name: str, fields: Mapping[str, _Field]) -> None:
        from pymilvus import MilvusClient

        schema, indexes = MilvusClient.create_schema(enable_dynamic_field=False), MilvusClient.prepare_index_params()
        for field, (kind, options, index) in fields.items():
            schema.add_field(field, kind, **options)
            if index:
                indexes.add_index(field, index_type=index, metric_type="IP")
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            client.create_collection(
                name, schema=schema, index_params=indexes, consistency_level="Strong", timeout=timeout
            )

    def put_passages(self, rows: Sequence[MilvusRow]) -> None:
        """Store passages, in place of those with the same ids."""
        self._put(self._passages, rows)

    def put_context(self, rows: Sequence[MilvusRow]) -> None:
        """Store contextual vectors of passages."""
        self._put(self._context, rows)

    def remove(self, passages: Sequence[int], *, context: bool) -> None:
        """Remove passages; those that are not there do nothing."""
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            for name in [self._passages, *([self._context] if context else [])]:
                client.delete(name, ids=list(passages), timeout=timeout)

    def flush(self) -> None:
        """Let the server index what it was sent; until then it compares row by row."""
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            for name in (self._passages, self._context):
                if client.has_collection(name, timeout=timeout):
                    client.flush(name, timeout=timeout)

    def count(self) -> int:
        """Return the number of passages that the server holds."""
        with self._asking() as (client, timeout):
            rows = client.query(self._passages, filter="", output_fields=["count(*)"], timeout=timeout)
        return int(rows[0]["count(*)"])

    def search_vectors(self, query: Floats, limit: int, expression: str) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the nearest passages, best first."""
        return self._search(self._passages, "vector", query.tolist(), limit, expression)

    def search_context(self, query: Floats, limit: int, expression: str) -> tuple[Longs, Floats]:
        """Return the same of contextual vectors."""
        return self._search(self._context, "vector", query.tolist(), limit, expression)

    def search_terms(self, query: Mapping[int, float], limit: int, expression: str) -> tuple[Longs, Floats]:
        """Return the ids and inner products of the passages that share most with a sparse vector, best first."""
        return self._search(self._passages, "terms", dict(query), limit, expression)

    def close(self) -> None:
        """End the connection."""
        with self._turn:
            client, self._connected = self._connected, None
        if client is not None:
            client.close()

    @property
    def _passages(self) -> str:
        return f"{self.address.name}_passages"

    @property
    def _context(self) -> str:
        return f"{self.address.name}_context"

    @property
    def _state(self) -> str:
        return f"{self.address.name}_state"

    def _put(self, collection: str, rows: Sequence[MilvusRow]) -> None:
        with self._asking(_WRITING_SECONDS) as (client, timeout):
            client.upsert(collection, [_sent(row) for row in rows], timeout=timeout)

    def _search(self, collection: str, field: str, query: Any, limit: int, expression: str) -> tuple[Longs, Floats]:
        with self._asking() as (client, timeout):
            (hits,) = client.search(
                collection,
                [query],
                anns_field=field,
                limit=limit,
                filter=expression,
                output_fields=["passage"],
                search_params={"metric_type": "IP"},
                timeout=timeout,
            )
            found = [(int(hit["passage"]), float(hit["distance"])) for hit in hits]
        return np.array([id_ for id_, _ in found], np.int64), np.array([score for _, score in found], np.float32)

    @contextmanager
    def _asking(self, timeout: float | None = None) -> Iterator[tuple[MilvusClient, float]]:
        """Hold the connection and the seconds that a request may take; errors inside come out as ours."""
        import grpc
        from pymilvus.exceptions import MilvusException

        seconds = timeout or self._timeout
        began = time.monotonic()
        try:
            yield self._client(), seconds
        except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError) as error:
            self._let_go()
            waited = time.monotonic() - began >= 0.9 * min(seconds, self._timeout)
            raise _translated(error, self.address.shown, seconds if waited else None) from error

    def _client(self) -> MilvusClient:
        with self._turn:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> MilvusClient:
        from pymilvus import MilvusClient

        client = MilvusClient(
            uri=self.address.uri,
            token=self.address.token,
            timeout=self._timeout,
            dedicated=True,
            grpc_options=_CHANNEL,
        )
        try:
            version = str(client.get_server_version(timeout=self._timeout))
            numbers = re.search(r"(\d{1,4})\.(\d{1,4})", version)
            if numbers is None or tuple(map(int, numbers.groups())) < LEAST_VERSION:
                least = ".".join(map(str, LEAST_VERSION))
                raise IndexMismatch("milvus_version", where=self.address.shown, version=version, least=least)
            for name in (self._passages, self._context, self._state):
                if client.has_collection(name, timeout=self._timeout):
                    client.load_collection(name, timeout=self._timeout)  # a server that was restarted may not have
        except BaseException:
            client.close()
            raise
        return client

    def _let_go(self) -> None:
        """Connect anew next time: the server may have gone, or come back as another."""
        with self._turn:
            self._connected = None


def require_pymilvus() -> None:
    """Check that the extra is installed, and keep its tracebacks out of our log: its errors come out as ours.

    Raises:
        SettingsError: it is not.
    """
    try:
        import pymilvus  # noqa: F401
    except ImportError:
        raise SettingsError("milvus_unavailable", command=install_command("milvus")) from None
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)


def _translated(error: Any, where: str, waited: float | None) -> IndexUnusable:
    """Return what an error of pymilvus or of gRPC means to a user; `waited` are seconds, None where it came at once."""
    code = error.code() if callable(getattr(error, "code", None)) else getattr(error, "code", None)
    name = str(getattr(code, "name", ""))
    detail = " ".join(str(getattr(error, "message", "") or error).split())[:200]
    if code == 2 or any(sign in name + detail for sign in ("UNAVAILABLE", "DEADLINE_EXCEEDED")):
        if waited is not None:
            return IndexUnusable("milvus_slow", where=where, seconds=int(waited))
        return IndexUnusable("milvus_down", where=where)
    if code == 100 or "collection not found" in detail.lower():
        return IndexUnusable("milvus_empty", where=where)
    return IndexUnusable("milvus_failed", where=where, detail=detail)


def _flat(dimension: int) -> _Field:
    from pymilvus import DataType

    return DataType.FLOAT_VECTOR, {"dim": dimension}, "FLAT"


def _code(name: str | None) -> int:
    """Return a name as a signed 64-bit number, 0 for none."""
    if name is None:
        return 0
    number = term_hash(name)
    return number - (1 << 64) if number >> 63 else number


def _sent(row: MilvusRow) -> dict[str, Any]:
    values = {
        "passage": row.passage,
        "document": row.document,
        "language": _code(row.language),
        "outlet": _code(row.outlet),
        "published": row.published,
        "vector": np.asarray(row.vector, np.float32),
    }
    if row.terms is not None:
        values["terms"] = dict(row.terms) or {0: 1e-6}  # Milvus takes no empty vector
    return values
