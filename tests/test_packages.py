"""Formats and commands that need an extra name it when it is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag import Index, ReadError, SettingsError
from rag.readers import read_content
from rag.readers.compression import decode_codings
from rag.readers.content import Content


def content(name: str, data: bytes) -> Content:
    return Content(id=name, name=name, source=name, suffix=Path(name).suffix, data=data, max_bytes=1_000_000)


@pytest.mark.parametrize(
    ("package", "extra", "name", "data"),
    [
        ("warcio", "warc", "a.warc", b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"),
        ("zstandard", "warc", "a.warc.zst", b"\x28\xb5\x2f\xfd\x00"),
        ("pyarrow", "parquet", "a.parquet", b"PAR1 and no more"),
    ],
)
def test_a_format_names_the_extra_that_it_needs(
    monkeypatch: pytest.MonkeyPatch, package: str, extra: str, name: str, data: bytes
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    with pytest.raises(ReadError) as error:
        list(read_content(content(name, data)))
    assert str(error.value) == f"'{name}' needs the package {package}. Run: pip install '.[{extra}]'"


@pytest.mark.parametrize(("coding", "package"), [("br", "brotli"), ("zstd", "zstandard")])
def test_a_content_coding_names_the_extra_that_it_needs(
    monkeypatch: pytest.MonkeyPatch, coding: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ReadError, match=rf"needs the package {package}\. Run: pip install '\.\[warc\]'"):
        decode_codings(b"x", coding, 10, "a.html")


def test_fetching_names_the_extra_that_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "protego", None)
    (tmp_path / "list.txt").write_text("https://example.org/a\n", "utf-8")
    with Index.create(tmp_path / "index") as index, pytest.raises(SettingsError) as error:
        index.sync_urls(tmp_path / "list.txt")
    assert str(error.value) == (
        "Fetching pages needs packages that are not installed (protego). Run: pip install '.[fetch]'"
    )
