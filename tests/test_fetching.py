"""Fetching a page: robots, redirects, conditional requests, and every way to fail, from a site on this machine."""

from __future__ import annotations

import gzip
import socket
import time

import pytest
from fetch_samples import Site, fetch, refusal, site
from reader_samples import page

__all__ = ["site"]


def test_a_page_is_asked_for_honestly_and_followed_to_where_it_is(site: Site) -> None:
    site.put("/a", b"", 301, Location="/b")
    site.put("/b", gzip.compress(page()), Content_Encoding="gzip")
    response = fetch(f"{site.address}/a")
    assert response is not None
    assert (response.address, response.page(100_000)) == (f"{site.address}/b", page())
    assert [path for path, _ in site.asked] == ["/robots.txt", "/a", "/b"]
    assert site.asked[1][1]["user-agent"].startswith(
        "izvor/0.1.0 (indexes the pages on a user's list; obeys robots.txt"
    )


def test_an_unchanged_page_is_not_read_again(site: Site) -> None:
    site.put("/a", page(), ETag='"1"')
    known = fetch(f"{site.address}/a")
    assert fetch(f"{site.address}/a", known) is None
    assert site.asked[-1][1]["if-none-match"] == '"1"'
    site.put("/a", page(), ETag='"2"')
    assert fetch(f"{site.address}/a", known) is None  # another tag, the same page
    site.put("/a", page("<title>New</title>"), ETag='"3"')
    assert fetch(f"{site.address}/a", known) is not None


def test_robots_are_obeyed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.put("/open", page())
    site.put("/shut/a", page())
    site.put("/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: izvor\nDisallow: /shut/*\nCrawl-delay: 61")
    assert refusal(f"{site.address}/shut/a") == (
        f"The robots.txt of {site.address} does not allow this page to be fetched. Leave it out of the list"
    )
    assert refusal(f"{site.address}/open").endswith(
        "asks for 61 s between pages, more than 60 s. Fetch the pages yourself"
    )
    assert site.pages_asked() == []
    site.put("/robots.txt", b"User-agent: izvor\nCrawl-delay: 7")
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert fetch(f"{site.address}/open") is not None
    assert [round(seconds) for seconds in slept] == [7]


@pytest.mark.parametrize(
    ("status", "why"),
    [(503, "cannot be read (the server answers 503 (Service Unavailable))"), (302, "is redirected more than 5 times")],
)
def test_without_a_robots_txt_to_go_by_nothing_is_fetched(site: Site, status: int, why: str) -> None:
    site.put("/a", page())
    site.put("/robots.txt", b"", status, Location="/robots.txt")
    assert refusal(f"{site.address}/a") == (
        f"The robots.txt of {site.address} {why}, so its pages are not fetched. Try later"
    )
    assert site.pages_asked() == []


def test_each_failure_is_one_line(site: Site) -> None:
    at = site.address
    site.put("/gone", b"", 410)
    site.put("/empty", b"")
    site.put("/large", b"x" * 100_001)
    site.put("/bomb", gzip.compress(bytes(5_000_000)), Content_Encoding="gzip")
    site.put("/cut", gzip.compress(page())[:-8], Content_Encoding="gzip")
    site.put("/round", b"", 302, Location="/round")
    site.put("/odd", b"", 302, Location="gopher://x/")
    site.put("/chunks", b"not chunks\r\n", Transfer_Encoding="chunked")
    lines = {path: refusal(f"{at}{path}").removeprefix(f"'{at}{path}'") for path in site.answers}
    broken = lines.pop("/chunks")
    assert broken.startswith(" cannot be reached (")
    assert broken.endswith("). Try later, or correct it in the list")
    assert lines == {
        "/gone": ": the server answers 410 (Gone). Correct the address in the list, or try later",
        "/empty": ": the page is empty. Leave it out of the list, or try later",
        "/large": " has more than 100,000 bytes. Raise RAG_MAX_FILE_BYTES, or leave it out of the list",
        "/bomb": " has more than 100,000 bytes. Raise RAG_MAX_FILE_BYTES, or leave it out of the list",
        "/cut": " is compressed, and damaged or cut short. Fetch it again",
        "/round": " is redirected more than 5 times. Correct it in the list",
        "/odd": "'gopher://x/' is not a web address (http:// or https://). Correct it in the list",
    }


def test_a_host_that_is_not_there_or_never_answers() -> None:
    assert refusal("http://no-such-host.invalid/") == (
        "no-such-host.invalid cannot be found (no such name). Correct the address, or try later"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        message = refusal(f"http://127.0.0.1:{port}/", seconds=0.3)
        assert message == f"'http://127.0.0.1:{port}/' takes too long (more than 10 s for a step, or 0.3 s). Try later"
    assert "cannot be reached (" in refusal(f"http://127.0.0.1:{port}/")
