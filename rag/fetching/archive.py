"""Pages that were fetched, each in a web archive of its own (`fetched/` in the index folder).

They are what citations are checked against and what an index is rebuilt from, and any tool for web archives opens them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.fetching.fetcher import Response
from rag.readers.source_file import SourceFile

FOLDER = "fetched"
_LISTED = "Izvor-Address"  # the address as the list has it; WARC-Target-URI is where redirects led to


def place_of(folder: Path, address: str) -> Path:
    """Return where the page of an address is kept."""
    return folder / f"{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.warc.gz"


def keep_page(folder: Path, address: str, response: Response) -> None:
    """Keep a page, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = place_of(folder, address)
    partial = path.with_suffix(".partial")
    partial.write_bytes(page_archive(address, response))
    partial.replace(path)


def page_archive(address: str, response: Response) -> bytes:
    """Return a page as a web archive of its own."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    headers = [(name, value) for name, value in response.headers if name.lower() != "transfer-encoding"]
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    record = writer.create_warc_record(
        response.address,
        "response",
        payload=io.BytesIO(response.body),
        http_headers=StatusAndHeaders(f"{response.status} OK", headers, protocol="HTTP/1.1"),
        warc_headers_dict={_LISTED: address},
    )
    writer.write_record(record)
    record.raw_stream.close()
    return stream.getvalue()


def kept_page(folder: Path, address: str) -> Response | None:
    """Return the page of an address as it was fetched last, or None."""
    return _read(place_of(folder, address))[1]


def kept_files(folder: Path, addresses: list[str] | None = None) -> list[SourceFile]:
    """Return the files of kept pages, of some addresses or of all, with the addresses as ids."""
    if addresses is None:
        found = {_read(path)[0]: path for path in sorted(folder.glob("*.warc.gz"))}
    else:
        found = {address: place_of(folder, address) for address in addresses}
    return [file for address, path in found.items() if address for file in _file(path, address)]


def forget_pages(folder: Path, addresses: list[str]) -> None:
    """Remove what is kept of addresses."""
    for address in addresses:
        place_of(folder, address).unlink(missing_ok=True)


def forget_others(folder: Path, addresses: Iterable[str]) -> None:
    """Remove what is kept of all other addresses, and what was not written whole."""
    kept = {place_of(folder, address).name for address in addresses}
    for path in folder.glob("*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _file(path: Path, address: str) -> Iterator[SourceFile]:
    if path.exists():
        status = path.stat()
        yield SourceFile(path=path, id=address, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _read(path: Path) -> tuple[str, Response | None]:
    from warcio.archiveiterator import ArchiveIterator

    try:
        with path.open("rb") as stream:
            record = next(iter(ArchiveIterator(stream)))
            response = Response(
                address=record.rec_headers.get_header("WARC-Target-URI"),
                status=200,
                headers=tuple(record.http_headers.headers),
                body=record.raw_stream.read(),
            )
            return record.rec_headers.get_header(_LISTED) or "", response
    except MemoryError:
        raise
    except Exception:  # none, or damaged: it is fetched again
        return "", None
