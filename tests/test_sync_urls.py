"""`rag index --urls`: a list of addresses, what is kept of each, and the index made equal to them."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from fetch_samples import Site, site
from reader_samples import PARAGRAPHS, page
from test_readers_pdf import SECOND, make_pdf

from rag import CorpusError, Index, Settings, cli
from rag.fetching.addresses import read_list
from rag.fetching.archive import keep_page, kept_files, kept_page
from rag.fetching.fetcher import Response

__all__ = ["site"]

TEXT = "\n".join(PARAGRAPHS)


def test_lists(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeff# mine\n\n https://a.si/x#part \nhttps://a.si/x\nhttps://b.si/\n", "utf-8")
    assert read_list(path) == ["https://a.si/x", "https://b.si/"]
    path.write_bytes(b"# nothing\n")
    with pytest.raises(
        CorpusError, match=r"holds no addresses; the index was not changed\. Write one address on each line"
    ):
        read_list(path)
    path.write_bytes(b"https://a.si/\xff")
    with pytest.raises(CorpusError, match=r"is not UTF-8 text \(byte 13\)\. Save it as UTF-8"):
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
        assert "answers 404 (Not Found)" in report.failed[0].message()
        assert "is a picture, not text" in report.failed[1].message()
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
        f"rag: not read: {site.address}/a: 127.0.0.1 leads to 127.0.0.1, which is not a public"
        " address. To fetch from such addresses, run: rag index --urls FILE --allow-private-addresses\n"
    )
    assert site.connections == 0
    assert cli.main(["index", "--urls", str(urls), "--allow-private-addresses", *index]) == 0
    assert "1 added" in capsys.readouterr().out
    for wrong in (["--urls", "x", "--rebuild"], ["--urls", "x", "--watch"], ["--urls", "x", "--include", "*.txt"]):
        assert cli.main(["index", *wrong, *index]) == 1
        assert capsys.readouterr().err == (
            "rag: --urls cannot be used with --watch, --rebuild, --include, --exclude. Leave one of them out\n"
        )
    assert cli.main(["index", "corpus", "--allow-private-addresses", *index]) == 1
    assert (
        capsys.readouterr().err
        == "rag: --allow-private-addresses is used only with --urls FILE. Add it, or leave --allow-private-addresses out\n"
    )
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
    private = "which is not a public address. To fetch from such addresses, run: rag index --urls FILE --allow-private-addresses"
    told = [
        "fetch: https://gazeta.example/nova",
        f"remove: {site.address}/b",
        f"refused: {site.address}/a: 127.0.0.1 leads to 127.0.0.1, {private}",
        f"refused: http://10.1/x: 10.1 leads to 10.0.0.1, {private}",
        f"refused: http://a.localhost/: a.localhost leads to 127.0.0.1, {private}",
        "refused: ftp://b: 'ftp://b' is not a web address (http:// or https://). Correct it in the list",
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
