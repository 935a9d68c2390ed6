"""Web archives: a page is an article, a damaged record loses no other. The files are written by warcio's own writer."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_samples import PARAGRAPHS, error, fuzz, page, parts, zipped
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from rag.errors import ReadError
from rag.readers import warc
from rag.readers.compression import TooLarge, decode_codings

A, B, C = "https://gazeta.si/a?x=1", "https://gazeta.si/b", "https://gazeta.si/c"
HTML = "text/html; charset=utf-8"
TEXT = "\n".join(PARAGRAPHS)


class Archive:
    """A WARC file in the making."""

    def __init__(self, *, packed: bool = False) -> None:
        self._stream = io.BytesIO()
        self._writer = WARCWriter(self._stream, gzip=packed)

    def add(
        self,
        address: str,
        body: bytes,
        stated: str = HTML,
        *,
        status: str = "200 OK",
        kind: str = "response",
        more: tuple[tuple[str, str], ...] = (),
        record: dict[str, str] | None = None,
    ) -> Archive:
        headers = StatusAndHeaders(status, [("Content-Type", stated), *more], protocol="HTTP/1.1")
        about = {"WARC-Date": "2026-01-28T10:00:00Z", **(record or {})}
        if kind == "response":
            made = self._writer.create_warc_record(
                address, kind, payload=io.BytesIO(body), http_headers=headers, warc_headers_dict=about
            )
        else:
            made = self._writer.create_warc_record(
                address, kind, payload=io.BytesIO(body), warc_content_type=stated, warc_headers_dict=about
            )
        self._writer.write_record(made)
        made.raw_stream.close()
        return self

    def revisit(self, address: str) -> Archive:
        headers = StatusAndHeaders("200 OK", [("Content-Type", HTML)], protocol="HTTP/1.1")
        made = self._writer.create_revisit_record(
            address, "sha1:AAAA", address, "2026-01-28T10:00:00Z", http_headers=headers
        )
        self._writer.write_record(made)
        return self

    @property
    def data(self) -> bytes:
        return self._stream.getvalue()


def three(*, packed: bool = False) -> bytes:
    archive = Archive(packed=packed)
    for address in (A, B, C):
        archive.add(address, page())
    return archive.data


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_is_an_article_and_nothing_else_is(tmp_path: Path, packed: bool) -> None:
    archive = Archive(packed=packed).add(A, page()).revisit(A)
    archive.add(B, b"<html><body>Gone</body></html>", status="404 Not Found")
    archive.add(B, b"", status="301 Moved", more=(("Location", A),))
    archive.add(C, b"\x89PNG", "image/png").add(C, b"{}", "text/html").add(C, b"body {}", "text/css")
    archive.add("https://gazeta.si/robots.txt", b"User-agent: *", "text/plain")
    archive.add("https://gazeta.si/d", page(), "application/octet-stream")
    documents, failures = parts(tmp_path / "w.warc.gz", archive.data)
    assert failures == []
    assert [(d.id, d.source, d.text) for d in documents] == [
        (f"w.warc.gz#{A}", A, TEXT),
        ("w.warc.gz#https://gazeta.si/d", "https://gazeta.si/d", TEXT),
    ]


def test_gzipped_as_a_whole_and_under_another_name(tmp_path: Path) -> None:
    documents, failures = parts(tmp_path / "w.bin", gzip.compress(three()))
    assert ([d.id for d in documents], failures) == ([f"w.bin#{A}", f"w.bin#{B}", f"w.bin#{C}"], [])


def test_the_charset_of_the_http_header_wins_over_the_page(tmp_path: Path) -> None:
    body = page().decode().replace("utf-8", "iso-8859-1").encode("windows-1250")
    documents, _ = parts(tmp_path / "w.warc", Archive().add(A, body, "text/html; Charset='windows-1250'").data)
    assert documents[0].text == TEXT


def test_of_several_captures_the_newest_is_read(tmp_path: Path) -> None:
    old = b"<html><body><p>Old text of the article, as it was.</p></body></html>"
    archive = Archive().add(A, page(), record={"WARC-Date": "2026-01-29T10:00:00Z"}).add(A, old)
    documents, failures = parts(tmp_path / "w.warc", archive.data)
    assert ([d.text for d in documents], failures) == ([TEXT], [])


def test_extracted_texts_and_resources(tmp_path: Path) -> None:
    archive = Archive().add(A, PARAGRAPHS[0].encode(), "text/plain", kind="conversion")
    archive.add("file:///b.html", page(), "text/html", kind="resource")
    documents, _ = parts(tmp_path / "w.warc.wet", archive.data)
    assert [(d.id, d.text) for d in documents] == [
        (f"w.warc.wet#{A}", PARAGRAPHS[0]),
        ("w.warc.wet#file:///b.html", TEXT),
    ]


def _chunked(body: bytes) -> bytes:
    halves = (body[:100], body[100:])
    return b"".join(b"%x\r\n%s\r\n" % (len(half), half) for half in halves) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("identity", bytes)],
)
def test_bodies_as_they_travelled(tmp_path: Path, coding: str, pack) -> None:  # type: ignore[no-untyped-def]
    more = (("Content-Encoding", coding), ("Transfer-Encoding", "chunked"))
    documents, failures = parts(tmp_path / "w.warc", Archive().add(A, _chunked(pack(page())), more=more).data)
    assert ([d.text for d in documents], failures) == ([TEXT], [])


def test_a_damaged_record_loses_no_other(tmp_path: Path) -> None:
    data = three()
    second = data.index(B.encode())
    at = data.index(b"Content-Length", second)
    broken = data[:at] + b"Content-Longth" + data[at + 14 :]
    documents, failures = parts(tmp_path / "w.warc", broken)
    begins = data.rindex(b"WARC/1.0", 0, second)
    assert [d.id for d in documents] == [f"w.warc#{A}", f"w.warc#{C}"]
    assert [(f.source, f.message().replace(f"{tmp_path}/", "")) for f in failures] == [
        ("w.warc", f"'w.warc' has a damaged record, or one cut short, at byte {begins:,}. Fetch it again")
    ]
    documents, failures = parts(tmp_path / "w.warc", data[:-300])
    assert ([d.id for d in documents], len(failures)) == ([f"w.warc#{A}", f"w.warc#{B}"], 1)


def test_a_damaged_or_cut_member_of_gzip_loses_no_other(tmp_path: Path) -> None:
    data = bytearray(three(packed=True))
    second = data.index(b"\x1f\x8b\x08", 20)
    third = data.index(b"\x1f\x8b\x08", second + 20)
    data[second + 60 : second + 70] = bytes(10)
    documents, failures = parts(tmp_path / "w.warc.gz", bytes(data))
    assert ([d.id for d in documents], [f.source for f in failures]) == (
        [f"w.warc.gz#{A}", f"w.warc.gz#{C}"],
        ["w.warc.gz"],
    )
    assert f"at byte {second:,}." in failures[0].message()
    documents, failures = parts(tmp_path / "w.warc.gz", three(packed=True)[: third + 50])
    assert ([d.id for d in documents], len(failures)) == ([f"w.warc.gz#{A}", f"w.warc.gz#{B}"], 1)


def test_a_body_that_is_not_what_was_recorded(tmp_path: Path) -> None:
    data = three().replace(PARAGRAPHS[0].encode(), PARAGRAPHS[0].replace("torek", "petek").encode(), 1)
    documents, failures = parts(tmp_path / "w.warc", data)
    assert [d.id for d in documents] == [f"w.warc#{B}", f"w.warc#{C}"]
    assert [(f.source, f.message().replace(f"{tmp_path}/", "")) for f in failures] == [
        (
            f"w.warc#{A}",
            f"'w.warc#{A}' is damaged: its digest is not the recorded one. Fetch the page again",
        )
    ]


def test_each_failure_names_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive().add(A, page(), record={"WARC-Truncated": "length"})
    archive.add(B, b"<html><body></body></html>")
    archive.add(C, gzip.compress(page())[:-9], more=(("Content-Encoding", "gzip"),))
    archive.add(f"{C}2", page(), more=(("Content-Encoding", "compress"),))
    archive.add(f"{C}3", gzip.compress(b"<html>" + bytes(3_000_000)), more=(("Content-Encoding", "gzip"),))
    documents, failures = parts(tmp_path / "w.warc", archive.data, max_bytes=2_000_000)
    assert documents == []
    assert [(f.source, f.message().replace(f"{tmp_path}/", "")) for f in failures] == [
        (f"w.warc#{A}", f"'w.warc#{A}' was cut short when it was fetched (length). Fetch the page again"),
        (f"w.warc#{C}", f"'w.warc#{C}' is compressed, and damaged or cut short. Fetch it again"),
        (
            f"w.warc#{C}2",
            f"'w.warc#{C}2' has the content coding 'compress', which cannot be decoded. Fetch it again without it",
        ),
        (
            f"w.warc#{C}3",
            f"'w.warc#{C}3' has more than 2,000,000 bytes. Split it into articles, or raise RAG_MAX_FILE_BYTES",
        ),
        (
            f"w.warc#{B}",
            f"'w.warc#{B}' holds no article text (a frame, a script or an error page). Fetch it again",
        ),
    ]
    monkeypatch.setattr(warc, "MOST_MEMBERS", 2)
    assert error(tmp_path / "w.warc", three()) == "'w.warc' holds more than 2 pages. Split it"
    bomb = gzip.compress(b"WARC/1.0\r\n" + bytes(3_000_000))
    assert "unpacks to more than the limit of 2,000,000 bytes. Unpack it, or split it" in error(
        tmp_path / "w.warc.gz", bomb, max_bytes=200_000
    )


def test_codings_are_bounded_and_checked() -> None:
    assert decode_codings(brotli.compress(gzip.compress(b"x")), "gzip, br", 50, "a") == b"x"
    assert decode_codings(zlib.compress(b"x" * 50)[2:-4], "deflate", 50, "a") == b"x" * 50
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(b"x" * 100_000)
    assert decode_codings(packed + packed, "zstd", 200_000, "a") == b"x" * 200_000
    with pytest.raises(TooLarge):
        decode_codings(packed + packed, "zstd", 199_999, "a")
    for wrong in (packed[:-1], packed[:3], packed[:9] + b"\xff" + packed[10:], packed + b"rest"):
        with pytest.raises(ReadError, match=r"^'a' is compressed, and damaged or cut short\. Fetch it again$"):
            decode_codings(wrong, "zstd", 200_000, "a")
    for pack, coding in ((gzip.compress, "gzip"), (zlib.compress, "deflate"), (brotli.compress, "br")):
        packed = pack(b"x" * 100_000)
        assert decode_codings(packed, coding, 100_000, "a") == b"x" * 100_000
        with pytest.raises(TooLarge):
            decode_codings(packed, coding, 99_999, "a")
        with pytest.raises(ReadError, match=r"^'a' is compressed, and damaged or cut short\. Fetch it again$"):
            decode_codings(packed[:-1], coding, 100_000, "a")
        with pytest.raises(ReadError, match=r"^'a' is compressed, and damaged or cut short\. Fetch it again$"):
            decode_codings(b"\x1f\x8b\x07" + packed, coding, 100_000, "a")


def records() -> list[bytes]:
    """Return the records of `three`, each by itself."""
    return [b"WARC/1." + part for part in three().split(b"WARC/1.")[1:]]


@pytest.mark.parametrize("level", [1, 19])
@pytest.mark.parametrize("dictionary", ["none", "raw", "packed"])
def test_zstandard_with_a_frame_for_each_record(tmp_path: Path, level: int, dictionary: str) -> None:
    given, head = None, b""
    if dictionary != "none":
        given = zstandard.train_dictionary(2000, [bytes([n]) * 9 + part for n in range(200) for part in records()])
        held = given.as_bytes() if dictionary == "raw" else zstandard.compress(given.as_bytes())
        head = b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little") + held
    packer = zstandard.ZstdCompressor(level, dict_data=given, write_checksum=True)
    frames = [packer.compress(part) for part in records()]
    skipped = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    documents, failures = parts(tmp_path / "w.warc.zst", head + frames[0] + skipped + frames[1] + frames[2])
    assert ([d.id.partition("#")[2] for d in documents], failures) == ([A, B, C], [])
    assert all(d.text == TEXT for d in documents)
    damaged = frames[1][:20] + bytes([frames[1][20] ^ 255]) + frames[1][21:]
    documents, failures = parts(tmp_path / "w.warc.zst", head + frames[0] + damaged + frames[2])
    at = len(head + frames[0])
    assert [d.id.partition("#")[2] for d in documents] == [A, C]
    assert [f.message().replace(f"{tmp_path}/", "") for f in failures] == [
        f"'w.warc.zst' has a damaged record, or one cut short, at byte {at:,}. Fetch it again"
    ]
    documents, failures = parts(tmp_path / "w.warc.zst", head + b"".join(frames)[:-1])
    assert ([d.id.partition("#")[2] for d in documents], len(failures)) == ([A, B], 1)


def test_zstandard_is_bounded_and_other_archives_of_it_are_refused(tmp_path: Path) -> None:
    bomb = zstandard.compress(b"WARC/1.0\r\n" + bytes(3_000_000))
    assert "unpacks to more than the limit of 2,000,000 bytes. Unpack it, or split it" in error(
        tmp_path / "w.warc.zst", bomb, max_bytes=200_000
    )
    refused = "is a Zstandard archive, which cannot be read. Unpack it"
    assert error(tmp_path / "a.tar.zst", zstandard.compress(b"x" * 600)) == f"'a.tar.zst' {refused}"
    assert error(tmp_path / "a.zst", b"\x28\xb5\x2f\xfd") == f"'a.zst' {refused}"
    assert "does not begin like one" in error(tmp_path / "a.zst", b"x" * 600)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 3500), st.binary(min_size=1, max_size=6)), max_size=5),
    st.integers(20, 5000),
)
def test_any_damage_gives_pages_or_lines(
    tmp_path: Path, packed: bool, damage: list[tuple[int, bytes]], cut: int
) -> None:
    data = bytearray(three(packed=packed)[:cut])
    for at, value in damage:
        data[at + 8 : at + 8 + len(value)] = value
    fuzz(tmp_path / "w.warc", bytes(data))


def test_a_packed_web_archive_gives_each_page_once(tmp_path: Path) -> None:
    pages = b'{"format": "json-pages-1.0"}\n{"url": "https://gazeta.si/a", "text": "Besedilo strani, ki je tudi v arhivu."}\n'
    members = {"archive/data.warc.gz": three(packed=True), "pages/pages.jsonl": pages, "datapackage.json": b"{}"}
    documents, failures = parts(tmp_path / "a.wacz", zipped(members))
    alone, _ = parts(tmp_path / "a.warc.gz", three(packed=True))
    assert [d.id.partition("#")[2] for d in documents] == [d.id.partition("#")[2] for d in alone]
    assert failures == []
    both = {**members, "archive/more.warc": three()}
    documents, _ = parts(tmp_path / "b.wacz", zipped(both))
    assert [d.text for d in documents] == [d.text for d in alone]
