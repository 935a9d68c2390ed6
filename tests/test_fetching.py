"""Pages by their addresses, from a server of our own; and what is refused before anything is connected to."""

from __future__ import annotations

import gzip
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from reader_samples import PARAGRAPHS, page
from test_readers_pdf import SECOND, make_pdf

from rag import CorpusError, Index, Settings, cli
from rag.errors import ReadError
from rag.indexing.fetching import connecting
from rag.indexing.fetching.addresses import is_public, read_list, read_target
from rag.indexing.fetching.fetcher import Fetcher, Response
from rag.indexing.fetching.kept import keep_page, kept_files, kept_page

TEXT = "\n".join(PARAGRAPHS)
HTML = {"Content-Type": "text/html"}


class Site:
    """A server on this machine: what it answers to each path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                site.connections += 1
                super().setup()

            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = site.answers.get(self.path, (404, {}, b"no such page"))
                tag = headers.get("ETag")
                if tag and self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Transfer-Encoding" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def put(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        self.answers[path] = (
            status,
            {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}},
            body,
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def pages_asked(self) -> list[str]:
        return [path for path, _ in self.asked if path != "/robots.txt"]


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    yield server
    server.close()


def fetch(address: str, known: Response | None = None, **options: float) -> Response | None:
    with Fetcher(max_bytes=100_000, allow_private=True, pause=0, **options) as fetcher:
        return fetcher.fetch(address, known)


def refusal(address: str, *, allow_private: bool = True, **options: float) -> str:
    fetcher = Fetcher(max_bytes=100_000, allow_private=allow_private, pause=0, **options)
    with fetcher, pytest.raises(ReadError) as raised:
        fetcher.fetch(address)
    message = str(raised.value)
    assert "\n" not in message
    return message


# -- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [
        ("127.0.0.1", "127.0.0.1"), ("localhost", None), ("2130706433", "127.0.0.1"), ("0x7f000001", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"), ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"), ("[::ffff:7f00:1]", "::ffff:127.0.0.1"), ("0.0.0.0", "0.0.0.0"),
    ],
)  # fmt: skip
def test_this_machine_is_refused_in_every_form_before_it_is_connected_to(
    site: Site, host: str, leads_to: str | None
) -> None:
    message = refusal(f"http://{host}:{site.port}/", allow_private=False)
    assert (
        "which is not a public address. To fetch from such: rag index --urls FILE --allow-private-addresses" in message
    )
    if leads_to is not None:
        assert f"leads to {leads_to}, " in message.replace("::ffff:7f00:1", "::ffff:127.0.0.1")
    assert site.connections == 0


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fc00::1]",
     "[64:ff9b::a01:203]", "[2002:a01:203::1]", "224.0.0.1", "[ff0e::1]", "240.0.0.1", "255.255.255.255", "[::]"],
)  # fmt: skip
def test_private_networks_are_refused_before_anything_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def connect(*_: object, **__: object) -> None:
        raise AssertionError("connected")

    monkeypatch.setattr(socket, "create_connection", connect)
    assert "which is not a public address" in refusal(f"http://{address}/latest/meta-data/", allow_private=False)
    assert not is_public(ipaddress.ip_address(address.strip("[]")))


def test_public_addresses_are_public() -> None:
    for address in ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"):
        assert is_public(ipaddress.ip_address(address))


def test_a_name_that_leads_to_a_public_and_a_private_address_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, site.port)) for ip in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    assert "rebind.example leads to 127.0.0.1" in refusal(f"http://rebind.example:{site.port}/", allow_private=False)
    assert site.connections == 0


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("/a", page())
    asked: list[object] = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> object:
        asked.append(host)
        return real("127.0.0.1" if host == "gazeta.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    response = fetch(f"http://gazeta.example:{site.port}/a")
    assert response is not None
    assert response.page(100_000) == page()
    assert asked.count("gazeta.example") == 1  # what is connected to is an address, not the name again
    assert {headers["host"] for _, headers in site.asked} == {f"gazeta.example:{site.port}"}


def test_a_redirect_to_a_private_address_is_refused_before_it_is_connected_to(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Site()
    try:
        site.put("/a", b"", 302, Location=f"http://[::ffff:127.0.0.1]:{other.port}/secret")
        monkeypatch.setattr(connecting, "is_public", lambda address: str(address) == "127.0.0.1")
        message = refusal(f"{site.address}/a", allow_private=False)
        assert message.startswith(f"'{site.address}/a': ::ffff:127.0.0.1 leads to")
        assert "which is not a public address" in message
        assert (site.pages_asked(), other.connections) == (["/a"], 0)
    finally:
        other.close()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://gazeta.si/a", "is no web address (http:// or https://). Correct it in the list"),
        ("file:///etc/passwd", "is no web address (http:// or https://). Correct it in the list"),
        ("http:///a", "is no web address (its host cannot be read). Correct it in the list"),
        ("http://[::1/a", "is no web address (its host cannot be read). Correct it in the list"),
        ("http://gazeta.si:99999/", "is no web address (its host cannot be read). Correct it in the list"),
        ("http://user:word@gazeta.si/", "holds a user name or password. Leave them out"),
    ],
)
def test_what_is_no_address(address: str, why: str) -> None:
    assert refusal(address) == f"'{address}' {why}"


def test_an_address_travels_in_ascii() -> None:
    target = read_target("https://žurnal.si/članek?q=š&x=%20")
    assert (target.host, target.path, target.origin) == (
        "xn--urnal-tib.si",
        "/%C4%8Dlanek?q=%C5%A1&x=%20",
        "https://xn--urnal-tib.si",
    )


# -- what is fetched ----------------------------------------------------------------------------------------------------


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
        f"'{site.address}/shut/a': the robots.txt of {site.address} does not allow it. Leave it out of the list"
    )
    assert refusal(f"{site.address}/open").endswith(
        "asks for 61 s between pages, more than 60. Fetch the pages yourself"
    )
    assert site.pages_asked() == []
    site.put("/robots.txt", b"User-agent: izvor\nCrawl-delay: 7")
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert fetch(f"{site.address}/open") is not None
    assert [round(seconds) for seconds in slept] == [7]


@pytest.mark.parametrize(
    ("status", "why"),
    [(503, "cannot be read (the server answers 503 (Service Unavailable))"), (302, "is redirected too often")],
)
def test_without_a_robots_txt_to_go_by_nothing_is_fetched(site: Site, status: int, why: str) -> None:
    site.put("/a", page())
    site.put("/robots.txt", b"", status, Location="/robots.txt")
    assert refusal(f"{site.address}/a") == (
        f"'{site.address}/a': the robots.txt of {site.address} {why}, so its pages are not fetched. Try later"
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
        "/gone": ": the server answers 410 (Gone). Correct it, or try later",
        "/empty": ": the page is empty. Leave it out, or try later",
        "/large": " has more than 100,000 bytes. Raise RAG_MAX_FILE_BYTES",
        "/bomb": " has more than 100,000 bytes. Raise RAG_MAX_FILE_BYTES",
        "/cut": " is compressed and cut short. Fetch it again",
        "/round": ": it is redirected more than 5 times. Correct it in the list",
        "/odd": ": 'gopher://x/' is no web address (http:// or https://). Correct it in the list",
    }


def test_a_host_that_is_not_there_or_never_answers() -> None:
    assert refusal("http://no-such-host.invalid/") == (
        "'http://no-such-host.invalid/': no-such-host.invalid cannot be found (no such name). Correct the address, or try later"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        message = refusal(f"http://127.0.0.1:{port}/", seconds=0.3)
        assert message == f"'http://127.0.0.1:{port}/' takes too long (more than 10 s for a step, or 0 s). Try later"
    assert "cannot be reached (" in refusal(f"http://127.0.0.1:{port}/")


# -- what is kept, and how it goes with a folder --------------------------------------------------------------------------


def test_lists(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeff# mine\n\n https://a.si/x#part \nhttps://a.si/x\nhttps://b.si/\n", "utf-8")
    assert read_list(path) == ["https://a.si/x", "https://b.si/"]
    path.write_bytes(b"# nothing\n")
    with pytest.raises(CorpusError, match=r"holds no addresses; the index was not changed\. Write one a line"):
        read_list(path)
    path.write_bytes(b"https://a.si/\xff")
    with pytest.raises(CorpusError, match=r"is no UTF-8 text \(byte 13\)\. Save it as UTF-8"):
        read_list(path)
    path.write_bytes(b"#" * 10_000_001)
    with pytest.raises(CorpusError, match=r"has more than 10,000,000 bytes\. Split it"):
        read_list(path)
    with pytest.raises(CorpusError, match=r"cannot be read: No such file.*Give a text file of addresses"):
        read_list(tmp_path / "none")


def test_a_kept_page_is_what_was_fetched_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    response = Response(address="https://a.si/b", status=200, headers=(("ETag", "x"), ("Content-Encoding", "gzip")),
                        body=gzip.compress(page()))  # fmt: skip
    keep_page(tmp_path, "https://a.si/a", response)
    assert kept_page(tmp_path, "https://a.si/a") == response
    (file,) = kept_files(tmp_path)
    assert file.id == "https://a.si/a"
    file.path.write_bytes(b"\x1f\x8bdamaged")
    assert kept_page(tmp_path, "https://a.si/a") is None
    assert kept_files(tmp_path) == []


def test_addresses_and_a_folder_leave_each_other_alone(site: Site, tmp_path: Path) -> None:
    folder, urls = tmp_path / "corpus", tmp_path / "urls.txt"
    folder.mkdir()
    (folder / "a.txt").write_text("The cabinet of Iceland met on Monday about the volcano near Grindavik.", "utf-8")
    site.put("/a", page("<link rel='canonical' href='https://gazeta.si/a'>"), ETag='"1"')
    site.put("/doc", make_pdf([[], SECOND]), Content_Type="application/pdf")
    a, doc, gone, picture = (f"{site.address}/{name}" for name in ("a", "doc", "gone", "p.png"))
    site.put("/p.png", b"\x89PNG", Content_Type="image/png")
    urls.write_text("\n".join([a, doc, gone, picture]), "utf-8")
    settings = Settings(index=tmp_path / "index", workers=0)
    with Index.create(settings=settings) as index:
        index.sync(folder)
        report = index.sync_urls(urls, allow_private=True, pause=0)
        assert (report.added, report.removed) == ((a, doc), ())
        assert [failure.source for failure in report.failed] == [gone, picture]
        assert "answers 404 (Not Found)" in report.failed[0].reason
        assert "there is no reader for '.png'" in report.failed[1].reason
        assert {failure.source for failure in index.failures()} == {gone, picture}
        assert (index.document(a).text, index.document(a).source) == (TEXT, "https://gazeta.si/a")
        hit = index.retrieve("Did the opposition reject the bill and demand a session?", k=1)[0]
        assert (hit.document.id, hit.citation.page, index.quote(hit.citation)) == (doc, 2, hit.passage.text)

        assert (index.sync(folder).unchanged, index.sync(folder).removed) == (("a.txt",), ())
        assert {info.id for info in index.documents()} == {"a.txt", a, doc}
        again = index.sync_urls(urls, allow_private=True, pause=0)
        assert (again.unchanged, again.added, again.changed, again.removed) == ((a, doc), (), (), ())
        assert site.asked[-4][1]["if-none-match"] == '"1"'

        site.put("/a", page().replace(b"torek", b"petek"), ETag='"2"')
        site.put("/doc", b"", 500)
        urls.write_text("\n".join([a, doc]), "utf-8")
        changed = index.sync_urls(urls, allow_private=True, pause=0)
        assert (changed.changed, changed.unchanged, changed.removed) == ((a,), (doc,), ())  # what fails now stays
        assert [failure.source for failure in changed.failed] == [doc]
        urls.write_text(a, "utf-8")
        assert index.sync_urls(urls, allow_private=True, pause=0).removed == (doc,)
        assert (
            len(list((tmp_path / "index" / "fetched").iterdir())) == 2
        )  # the picture's page is not on the list either
    asked = len(site.asked)
    report = Index.rebuild(folder, settings=settings)
    assert sorted(report.added) == sorted(["a.txt", a])
    assert len(site.asked) == asked
    with Index.open(tmp_path / "index") as index:
        assert "petek napovedal" in index.document(a).text
        assert index.verify() == []


def test_the_command(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.put("/a", page())
    urls = tmp_path / "urls.txt"
    urls.write_text(f"{site.address}/a", "utf-8")
    index = ["--index", str(tmp_path / "index"), "--workers", "0"]
    assert cli.main(["index", "--urls", str(urls), *index]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{tmp_path}/index: 0 added, 0 changed, 0 removed, 0 unchanged, 1 failed")
    assert err == (
        f"rag: not read: {site.address}/a: '{site.address}/a': 127.0.0.1 leads to 127.0.0.1, which is not a public"
        " address. To fetch from such: rag index --urls FILE --allow-private-addresses\n"
    )
    assert site.connections == 0
    assert cli.main(["index", "--urls", str(urls), "--allow-private-addresses", *index]) == 0
    assert "1 added" in capsys.readouterr().out
    for wrong in (["--urls", "x", "--rebuild"], ["--urls", "x", "--watch"], ["--urls", "x", "--include", "*.txt"]):
        assert cli.main(["index", *wrong, *index]) == 1
        assert capsys.readouterr().err == (
            "rag: --urls goes with none of --watch, --rebuild, --include and --exclude\n"
        )
    assert cli.main(["index", "corpus", "--allow-private-addresses", *index]) == 1
    assert capsys.readouterr().err == "rag: --allow-private-addresses goes with --urls FILE only\n"
    assert cli.main(["index", "corpus", "--urls", "x", *index]) == 2
    assert cli.main(["index", *index]) == 2


def test_a_dry_run_says_what_would_be_asked_for_and_asks_nobody(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/a", "/b"):
        site.put(path, page())
    urls, index = tmp_path / "urls.txt", ["--index", str(tmp_path / "index"), "--workers", "0"]
    urls.write_text(f"{site.address}/a\n{site.address}/b", "utf-8")
    assert cli.main(["index", "--urls", str(urls), "--allow-private-addresses", *index]) == 0
    before = {path: path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file()}
    asked = len(site.asked)
    capsys.readouterr()

    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> object:
        assert more.get("flags") == socket.AI_NUMERICHOST, "a name was looked up"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    urls.write_text(
        f"{site.address}/a\nhttps://gazeta.example/nova\nhttp://10.1/x\nhttp://a.localhost/\nftp://b", "utf-8"
    )
    private = "which is not a public address. To fetch from such: rag index --urls FILE --allow-private-addresses"
    told = [
        "fetch: https://gazeta.example/nova",
        f"remove: {site.address}/b",
        f"refused: {site.address}/a: 127.0.0.1 leads to 127.0.0.1, {private}",
        f"refused: http://10.1/x: 10.1 leads to 10.0.0.1, {private}",
        f"refused: http://a.localhost/: a.localhost leads to 127.0.0.1, {private}",
        "refused: ftp://b: 'ftp://b' is no web address (http:// or https://). Correct it in the list",
        f"{tmp_path / 'index'}: dry run, nothing fetched or written: 1 to fetch, 0 to ask whether they changed,"
        " 1 to remove, 4 refused; host names and robots.txt are looked up only when fetching",
    ]
    assert cli.main(["index", "--urls", str(urls), "--dry-run", *index]) == 0
    assert capsys.readouterr().out.splitlines() == told
    assert cli.main(["index", "--urls", str(urls), "--dry-run", "--allow-private-addresses", "--json", *index]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["again"], len(plan["new"]), len(plan["refused"])) == ([f"{site.address}/a"], 3, 1)
    nowhere = ["--index", str(tmp_path / "none"), "--workers", "0"]
    assert cli.main(["index", "--urls", str(urls), "--dry-run", *nowhere]) == 0
    assert "1 to fetch, 0 to ask" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()
    assert len(site.asked) == asked
    after = {path: path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file()}
    assert after == before
