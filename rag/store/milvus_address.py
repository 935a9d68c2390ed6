"""The address of a Milvus server, and of one index on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from rag.errors import SettingsError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,100}")
_EXAMPLE = "milvus://127.0.0.1:19530"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilvusAddress:
    """Where the collections of an index are: `shown` is what messages name, without a password."""

    uri: str
    token: str
    name: str
    shown: str

    @classmethod
    def parse(cls, text: str) -> MilvusAddress:
        """Read ``milvus://[USER:PASSWORD@]HOST[:PORT][/NAME]``, or ``milvus+tls://`` for an encrypted connection.

        Raises:
            SettingsError: it is none.
        """
        shown = re.sub(r"//[^/]*@", "//", text)  # without a password
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port or 19530
        except ValueError:
            raise SettingsError("store_address_invalid", url=shown, example=_EXAMPLE) from None
        name = parts.path.strip("/") or "izvor"
        if parts.scheme not in ("milvus", "milvus+tls") or not host or not _NAME.fullmatch(name):
            raise SettingsError("store_address_invalid", url=shown, example=_EXAMPLE)
        where = f"[{host}]" if ":" in host else host
        credentials = [unquote(part) for part in (parts.username, parts.password) if part is not None]
        return cls(
            uri=f"{'https' if parts.scheme.endswith('tls') else 'http'}://{where}:{port}",
            token=":".join(credentials),
            name=name,
            shown=f"{parts.scheme}://{where}:{port}/{name}",
        )
