"""Small files of every format, made here, and how tests read them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet
import pytest

from rag.errors import ReadError
from rag.readers import read_documents, read_parts
from rag.readers.outcome import read_file
from rag.records import Document, Failure

PARAGRAPHS = (
    "Predsednik vlade je v torek napovedal, da bo vlada prihodnji teden sprejela nov zakon o varnosti.",
    "Opozicija je predlog zavrnila in zahtevala izredno sejo parlamenta, ki bo predvidoma v petek popoldne.",
    "Zakon bo po besedah ministra začel veljati prvega januarja, če ga bo potrdila večina poslancev.",
)


def make_parquet(table: Mapping[str, list[object]]) -> bytes:
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(table)), stream)
    return stream.getvalue()


def read(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    (document,) = read_documents(path, document_id=path.name)
    return document


def parts(path: Path, data: bytes, **limits: int) -> tuple[list[Document], list[Failure]]:
    path.write_bytes(data)
    found = list(read_parts(path, document_id=path.name, **limits))
    return [p for p in found if isinstance(p, Document)], [p for p in found if isinstance(p, Failure)]


def error(path: Path, data: bytes, **limits: int) -> str:
    path.write_bytes(data)
    with pytest.raises(ReadError) as raised:
        list(read_parts(path, document_id=path.name, **limits))
    message = str(raised.value)
    assert "\n" not in message
    return message.replace(f"{path.parent}/", "")


def outcome(path: Path, data: bytes) -> Failure:
    """Return the failure of a file, as an index keeps it."""
    path.write_bytes(data)
    failure = read_file(path, path.name, 20_000_000).failure
    assert failure is not None
    return failure


def fuzz(path: Path, data: bytes) -> None:
    """Read bytes that mean nothing: documents, failures or a ReadError of one line may come, nothing else."""
    path.write_bytes(data)
    try:
        for part in read_parts(path, document_id=path.name):
            assert isinstance(part, Document | Failure)
            if isinstance(part, Document):
                assert part.text.strip()
                part.text.encode("utf-8")
    except ReadError as failure:
        assert "\n" not in str(failure)


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def page(head: str = "", body: str = "") -> bytes:
    paragraphs = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    menu = "<nav><ul><li><a href='/a'>Domov</a></li><li><a href='/b'>Šport</a></li></ul></nav>"
    markup = f"<!DOCTYPE html><html lang='sl'><head><meta charset='utf-8'>{head}</head><body>{menu}{body}"
    return f"{markup}<article>{paragraphs}</article><footer>© Gazeta</footer></body></html>".encode()
