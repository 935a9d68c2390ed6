"""Ways in which the chapters of an EPUB hold words, declare their encoding, and are encrypted."""

from __future__ import annotations

import random
from datetime import date

from benchmarks.cases.case import Case, zipped

_DC = "http://purl.org/dc/elements/1.1/"
_XMLENC = "http://www.w3.org/2001/04/xmlenc#"


def make_book(*chapters: str | bytes, encrypted: str = "") -> bytes:
    """Return an EPUB with chapters; `encrypted` is the address of what its list of encrypted parts names."""
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in numbers)
    items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    order = '<itemref idref="nav"/>' + "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    meta = (
        "<dc:title>Reportaže</dc:title><dc:creator>Ana Zupan</dc:creator><dc:creator>Bojan Kos</dc:creator>"
        "<dc:date>2025-11-03</dc:date><dc:language>sl</dc:language>"
    )
    locked = (
        f'<encryption><EncryptedData xmlns="{_XMLENC}"><CipherData><CipherReference URI="{encrypted}"/></CipherData>'
        "</EncryptedData></encryption>"
    )
    return zipped({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="O/p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        **({"META-INF/encryption.xml": locked} if encrypted else {}),
        "O/p.opf": f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0" xmlns:dc="{_DC}"><metadata>{meta}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>',
        "O/nav.xhtml": "<html><body><nav>Kazalo poglavij</nav></body></html>",
        **{f"O/c{n}.xhtml": chapter for n, chapter in enumerate(chapters)},
    })  # fmt: skip


def _page(body: str, encoding: str = "utf-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
    return f"{head}{body}</body></html>".encode(encoding)


_GIVEN = {"title": "Reportaže", "author": "Ana Zupan, Bojan Kos", "published": date(2025, 11, 3), "language": "sl"}
_STORIES = [
    f"Občina {n} je dobila nov gasilski dom, vreden {n}00 tisoč evrov, slovesnost je vodil župan {n}."
    for n in range(1, 5)
]
CASES = [
    Case(
        name="beside-blocks", file="a.epub", given=_GIVEN, lacks=["Kazalo"],
        data=make_book(_page(
            "<h1>Na meji</h1><div>Prvi stoji v razdelku.<p>Drugi je v odstavku.</p>Tretji je spet zunaj.</div><ul><li>Voznik vozi "
            "paradižnik<ul><li>v hladilniku</li></ul></li></ul><blockquote>Šef pravi.<p>Dodal je še.</p></blockquote>"
            "<table><tr><td><p>Leto</p></td><td>Prehodov 2,4 milijona</td></tr></table>"
        )),
        has=["Prvi stoji v razdelku.\nDrugi je v odstavku.\nTretji je spet zunaj.\nVoznik vozi paradižnik\nv hladilniku\nŠef pravi.\n"
             "Dodal je še.\nLeto\tPrehodov 2,4 milijona"],
    ),
    Case(
        name="short-bodies", file="b.epub", has=_STORIES, open_=_STORIES,
        data=make_book(*(_page(f"<h1>Članek {n}</h1><p>Avtor: Novinar {n}</p><p>{s}</p>") for n, s in enumerate(_STORIES, 1))),
    ),
    Case(
        name="notes", file="c.epub", has=["1.200 hiš¹ in", "Po podatkih zaščite.", "Podrti most, foto: Jan Hren", "ena\ndve"], lacks=["hiš1"],
        data=make_book(_page(
            '<p>Reka je poplavila 1.200 hiš<a epub:type="noteref" href="#n" xmlns:epub="http://www.idpf.org/2007/ops">1</a> in '
            "mostova.</p><aside><p>1 Po podatkih zaščite.</p></aside><figure><figcaption>Podrti most, foto: Jan Hren</figcaption>"
            "</figure><pre>ena\ndve</pre>"
        )),
    ),
    Case(
        name="hidden", file="d.epub", has=["Vidno.", "10⁶ in 5,4"], lacks=["Skrito", "7,9", "106"],
        data=make_book(_page("<p>Vidno. <span hidden=''>Skrito</span></p><p style='display:none'>Skrito</p><p>10<sup>6</sup> in <del>7,9</del>5,4</p>")),
    ),
    *(
        Case(name=encoding, file="e.epub", has=["vrtec v Štepanji vasi, čakajo žogo"], data=make_book(_page("<p>vrtec v Štepanji vasi, čakajo žogo</p>", encoding)))
        for encoding in ("utf-8", "utf-16", "utf-16-le", "windows-1250", "iso-8859-2")
    ),
    Case(name="encrypted", file="f.epub", data=make_book(_page("<p>Šum</p>"), encrypted="O/c0.xhtml"), refused="is an encrypted EPUB"),
    Case(name="noise", file="g.epub", data=make_book(random.Random(7).randbytes(4000)), refused="is an encrypted EPUB"),
    Case(name="fonts-encrypted", file="h.epub", data=make_book(_page("<p>Besedilo ni šifrirano.</p>"), encrypted="O/f.otf"), has=["Besedilo ni"]),
]  # fmt: skip
