"""Messages between this process and those that read: a length, then a pickle of records and nothing else.

A reader's process works on hostile files; what it sends is unpickled with only the classes that it has to send.
"""

from __future__ import annotations

import io
import pickle
import struct
from typing import IO, Any

_LENGTH = struct.Struct("<Q")
_KNOWN = {
    ("rag.records", "Document"), ("rag.records", "Failure"), ("rag.readers.outcome", "Outcome"),
    ("datetime", "date"), ("datetime", "datetime"), ("datetime", "timezone"), ("datetime", "timedelta"),
}  # fmt: skip


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a message")
        return super().find_class(module, name)


class MessageTooLarge(Exception):
    """A message has more bytes than the other side takes."""


def send(stream: IO[bytes], message: object, most: int | None = None) -> None:
    """Write a message of at most so many bytes and flush it.

    Raises:
        MessageTooLarge: it has more; nothing was written.
        OSError: nobody reads.
    """
    data = pickle.dumps(message, protocol=5)
    if most is not None and len(data) > most:
        raise MessageTooLarge
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes], most: int | None = None) -> Any:
    """Read a message of at most so many bytes.

    Raises:
        EOFError: the other side is gone.
        MessageTooLarge: it announces more; nothing of it was read.
        pickle.UnpicklingError: the message holds something else than records.
    """
    head = stream.read(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
    if most is not None and length > most:
        raise MessageTooLarge
    data = stream.read(length) if length else b""
    if not data or len(data) < length:
        raise EOFError
    return _Unpickler(io.BytesIO(data)).load()
