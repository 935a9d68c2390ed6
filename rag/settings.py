"""What can be set, in one frozen record: defaults < ``RAG_*`` environment < flags."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from rag.errors import SettingsError

VERSION = "0.1.0"


def install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra, to be run in the checkout."""
    return f"pip install '.[{extra}]'"


COLUMN_FIELDS = ("id", "text", "title", "outlet", "author", "published", "modified", "language", "url")
"""What a column of a table can hold."""


def _cores() -> int:
    """Return how many cores this process may use, at most eight: more would read faster than one can encode."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """What reading files may cost.

    Attributes:
        max_bytes: a larger file is reported, not read; a reader's process has a hundred times that as memory.
        max_seconds: a file that takes more processor time is reported; not enforced where `workers` is 0.
        workers: how many processes read at most, beside the one that encodes; 0 reads in that one.
        columns: which column of tables holds which field (`COLUMN_FIELDS`), where their names do not say it.
    """

    max_bytes: int = 20_000_000
    max_seconds: int = 120
    workers: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default. `model` None means the bundled model.

    `chunk_tokens` is the aim for a passage in the encoder's own tokens (about 110 words of Romanian); the encoder's
    limit is never passed, whatever is set here.
    """

    index: Path = Path("index")
    store: str | None = None  # the server that finds candidates, milvus://HOST:PORT[/NAME]; by default this machine
    model: str | None = None
    device: str | None = None
    reranker: str | None = None
    reader: bool = True  # whether answers are read by the reader's model
    batch_size: int = 64
    chunk_tokens: int = 160
    chunk_overlap: int = 0  # sentences repeated from the passage before
    candidates: int = 96  # that translated words bring; vectors and words bring 64 each (benchmarks/candidates.py)
    max_file_bytes: int = 20_000_000
    max_file_seconds: int = 120  # of processor time to read one, where other processes read
    workers: int = _cores()  # processes that read files; 0 reads in this one
    columns: str = ""  # of tables, where their names do not say what they hold: "text=besedilo,published=datum"
    versions: int = 100  # earlier texts kept of each article that changed, the latest ones; 0 keeps none
    llm: str | None = None  # the language model that writes answers in words, as its endpoint names it; none by default
    llm_url: str | None = None  # of the endpoint, up to and without /chat/completions: http://127.0.0.1:11434/v1
    llm_key: str | None = field(default=None, repr=False)
    llm_first_seconds: int = 30  # until its first words, at most
    llm_seconds: int = 55  # until its last words, at most; less than a request to the server may take

    @property
    def read_limits(self) -> ReadLimits:
        """What reading files may cost."""
        return ReadLimits(
            max_bytes=self.max_file_bytes,
            max_seconds=self.max_file_seconds,
            workers=self.workers,
            columns=_columns(self.columns),
        )

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
        """Read the environment, then let flags that are not None win.

        Raises:
            SettingsError: a variable or flag has no usable value; the message names it.
        """
        variables = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for item in fields(cls):
            name = f"RAG_{item.name.upper()}"
            raw: object = flags.get(item.name)
            where = f"--{item.name.replace('_', '-')}"
            if raw is None:
                raw, where = variables.get(name) or None, name
            if raw is not None:
                values[item.name] = _parse(item.name, item.default, raw, where)
        settings = replace(cls(), **values)  # type: ignore[arg-type]
        for name, least in (
            ("batch_size", 1),
            ("chunk_tokens", 16),
            ("chunk_overlap", 0),
            ("candidates", 1),
            ("max_file_bytes", 1),
            ("max_file_seconds", 1),
            ("workers", 0),
            ("versions", 0),
            ("llm_first_seconds", 1),
            ("llm_seconds", 1),
        ):
            if (value := getattr(settings, name)) < least:
                raise SettingsError("setting_too_small", name=name, value=value, least=least)
        _columns(settings.columns)
        if settings.llm is not None:
            _check_endpoint(settings.llm_url)
        return settings


def _check_endpoint(url: str | None) -> None:
    """Check the address of a language model's endpoint.

    Raises:
        SettingsError: there is none, or it is no address.
    """
    example = "http://127.0.0.1:11434/v1"
    if url is None:
        raise SettingsError("llm_address_missing", example=example)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError("llm_address_invalid", url=url, example=example)


def _columns(written: str) -> dict[str, str]:
    """Return the column of each field that "text=besedilo,published=datum" names.

    Raises:
        SettingsError: a part is no such pair, or names no field.
    """
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        name, sign, column = (value.strip() for value in part.partition("="))
        if not sign or not column or name not in COLUMN_FIELDS:
            raise SettingsError("columns_invalid", part=part, known=", ".join(COLUMN_FIELDS))
        found[name] = column
    return found


_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _parse(name: str, default: object, raw: object, where: str) -> object:
    if isinstance(default, bool):
        value = _BOOLEANS.get(str(raw).lower())
        if value is None:
            raise SettingsError("setting_not_boolean", where=where, value=str(raw), name=name)
        return value
    if isinstance(default, int):
        try:
            return int(str(raw))
        except ValueError:
            raise SettingsError("setting_not_integer", where=where, value=str(raw), name=name) from None
    return Path(str(raw)) if isinstance(default, Path) else str(raw)
