"""Kinds of file that people have beside pages and documents: feeds, presentations, books, packed files, refused ones."""

from __future__ import annotations

import bz2
import io
import json
import lzma
import plistlib
import tarfile
from datetime import datetime, timedelta, timezone

from benchmarks.cases.case import Case, zipped

_TEXT = "Tribunalul din Suceava a hotărât marți că firma trebuie să plătească 1,2 milioane de lei angajaților."
_OTHER = "Avocatul firmei a anunțat că va face apel și că suma a fost calculată greșit de experți."
_LONG = f"{_TEXT}\n\n{_OTHER}\n"
_PAGE = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>Firma</title></head><body><article><h1>Firma</h1><p>{_TEXT}</p><p>{_OTHER}</p></article></body></html>"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def _tar(mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("a.txt")
        member.size = len(_LONG.encode())
        archive.addfile(member, io.BytesIO(_LONG.encode()))
    return stream.getvalue()


def make_slides() -> bytes:
    """Return a presentation of two slides, the second with a table, a group, notes and a number."""
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    p = "http://schemas.openxmlformats.org/presentationml/2006/main"
    r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = f'xmlns:a="{a}" xmlns:p="{p}" xmlns:r="{r}"'
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'

    def say(text: str) -> str:
        return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"

    def shape(text: str, kind: str = "body") -> str:
        return (
            f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{kind}"/></p:nvPr></p:nvSpPr><p:txBody>{say(text)}</p:txBody></p:sp>'
        )

    def tree(inner: str) -> str:
        return f"{_HEAD}<p:sld {names}><p:cSld><p:spTree>{inner}</p:spTree></p:cSld></p:sld>"

    table = f"<a:tbl><a:tr><a:tc><a:txBody>{say('Leto')}</a:txBody></a:tc><a:tc><a:txBody>{say('2024')}</a:txBody></a:tc></a:tr></a:tbl>"
    second = f"<p:grpSp>{shape('Skupina pove 412.')}</p:grpSp>{table}{shape('17', 'sldNum')}"
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f'{_HEAD}<p:presentation {names}><p:sldIdLst><p:sldId id="256" r:id="rId2"/><p:sldId id="257" r:id="rId1"/></p:sldIdLst></p:presentation>',
        "ppt/_rels/presentation.xml.rels": f'{links}<Relationship Id="rId1" Type="{r}/slide" Target="slides/slide1.xml"/><Relationship Id="rId2" Type="{r}/slide" Target="slides/slide2.xml"/></Relationships>',
        "ppt/slides/slide1.xml": tree(second),
        "ppt/slides/slide2.xml": tree(shape("Naslov predstavitve", "title") + shape(_TEXT)),
        "ppt/slides/_rels/slide1.xml.rels": f'{links}<Relationship Id="n" Type="{r}/notesSlide" Target="../notesSlides/n1.xml"/></Relationships>',
        "ppt/notesSlides/n1.xml": tree(shape("Opomba govorca.")),
    })  # fmt: skip


_RSS = f"""{_HEAD}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Monitorul</title>
<language>ro-RO</language><item><title>Firma &amp; apelul</title><link>https://m.example/1</link><pubDate>Tue, 20 Jan 2026 08:00:00 +0200</pubDate>
<description>Rezumat scurt.</description><content:encoded><![CDATA[<p>{_TEXT}</p><p>{_OTHER}</p>]]></content:encoded></item>
<item><title>Al doilea</title><guid>g2</guid><description>&lt;p&gt;{_OTHER}&lt;/p&gt;</description></item></channel></rss>"""
_ATOM = f"""{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><title>Monitorul</title><entry><id>tag:1</id><title>T</title>
<updated>2026-01-20T08:00:00Z</updated><author><name>Ana Pop</name></author><content type="html">&lt;p&gt;{_TEXT}&lt;/p&gt;</content></entry></feed>"""
_FB2 = f"""{_HEAD}<FictionBook><description><title-info><author><first-name>Ana</first-name><last-name>Pop</last-name></author>
<book-title>Cartea</book-title></title-info></description><body><section><title><p>Capitol</p></title><p>{_TEXT}</p><p>{_OTHER}</p></section></body>
<binary id="i">QUJD</binary></FictionBook>"""
_MAILED = f"""{_HEAD}<rss version="2.0"><channel><title>Delo</title><item><title>T</title><guid>g</guid><author>ana@delo.example (Ana Zupan)
</author><description>{_TEXT}</description></item></channel></rss>"""
_WORDPRESS = f"""{_HEAD}<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Delo</title><item><title>T</title><guid>p7</guid><content:encoded><![CDATA[<p>{_TEXT}</p>]]></content:encoded><wp:post_type>post
</wp:post_type></item><item><title>slika</title><guid>p8</guid><wp:post_type>attachment</wp:post_type></item></channel></rss>"""
_NEWSML = f"""{_HEAD}<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" xml:lang="ro"><itemMeta><versionCreated>2026-01-20T08:00:00+02:00</versionCreated>
<provider><name>Agerpres</name></provider></itemMeta><contentMeta><headline>Firma</headline></contentMeta><contentSet><inlineXML><html><body>
<p>{_TEXT}</p><p>{_OTHER}</p></body></html></inlineXML></contentSet></newsItem>"""
_NITF = f"""{_HEAD}<nitf><head><docdata><date.issue norm="20260120T080000Z"/></docdata></head><body><body.head><hedline><hl1>Firma plătește</hl1></hedline>
<byline>De Ana Pop</byline></body.head><body.content><p>{_TEXT}</p><p>{_OTHER}</p></body.content></body></nitf>"""
_SAVED = {"WebMainResource": {"WebResourceData": _PAGE.encode(), "WebResourceTextEncodingName": "UTF-8",
                              "WebResourceURL": "https://m.example/firma", "WebResourceMIMEType": "text/html"}}  # fmt: skip
CASES = [
    Case(
        name="rss", file="feed.xml", data=_RSS.encode(), ids=["https://m.example/1", "g2"], has=[_TEXT, _OTHER], lacks=["Rezumat", "<p>"],
        given={"title": "Firma & apelul", "outlet": "Monitorul", "language": "ro", "source": "https://m.example/1", "modified": None,
               "published": datetime(2026, 1, 20, 8, tzinfo=timezone(timedelta(hours=2)))},
    ),
    Case(name="atom", file="feed.atom", data=_ATOM.encode(), ids=["tag:1"], has=[_TEXT], given={"author": "Ana Pop", "outlet": "Monitorul"}),
    Case(name="empty-feed", file="f.rss", data=b"<rss version='2.0'><channel/></rss>", refused="without entries"),
    Case(name="bomb-feed", file="f.rss", data=b"<!DOCTYPE r [<!ENTITY a 'x'>]><rss version='2.0'><channel>&a;</channel></rss>", refused="hostile"),
    Case(
        name="pptx", file="a.pptx", data=make_slides(), has=[_TEXT, "Skupina pove 412.", "Leto\t2024", "Opomba govorca."], lacks=["17"],
        given={"pages": (0, 122)},
    ),
    Case(name="fictionbook", file="a.fb2", data=_FB2.encode(), has=[f"Capitol\n{_TEXT}\n{_OTHER}"], lacks=["QUJD"], given={"title": "Cartea", "author": "Ana Pop"}),
    Case(name="nitf", file="a.xml", data=_NITF.encode(), has=[f"{_TEXT}\n{_OTHER}"], given={"title": "Firma plătește", "author": "Ana Pop"}),
    Case(name="newsml", file="n.xml", data=_NEWSML.encode(), has=[f"{_TEXT}\n{_OTHER}"], given={"title": "Firma", "outlet": "Agerpres", "language": "ro"}),
    Case(name="author-by-address", file="m.rss", data=_MAILED.encode(), ids=["g"], given={"author": "Ana Zupan"}),
    Case(name="wordpress-export", file="w.xml", data=_WORDPRESS.encode(), ids=["p7"], has=[_TEXT], given={"outlet": "Delo"}),
    Case(
        name="json-feed", file="feed.json", ids=["1"], has=[_TEXT], given={"outlet": "Delo", "title": "T"},
        data=json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Delo", "items": [{"id": "1", "title": "T", "content_text": _TEXT}]}).encode(),
    ),
    Case(name="other-xml", file="wiki.xml", data=b"<mediawiki><page><text>x</text></page></mediawiki>", refused="no reader"),
    Case(name="safari", file="a.webarchive", data=plistlib.dumps(_SAVED, fmt=plistlib.FMT_BINARY), has=[_TEXT], given={"source": "https://m.example/firma"}),
    Case(name="safari-xml", file="b.webarchive", data=plistlib.dumps(_SAVED, fmt=plistlib.FMT_XML), has=[_TEXT], given={"source": "https://m.example/firma"}),
    *(
        Case(name=f"saved-{at}", file="saved.html", data=f"<!DOCTYPE html> <html><!--{note}-->{_PAGE[21:]}".encode(), has=[_TEXT],
             given={"source": "https://m.example/firma"})
        for at, note in enumerate((" saved from url=(0023)https://m.example/firma ", "\n Page saved with SingleFile \n url: https://m.example/firma \n"))
    ),
    Case(name="maff", file="a.maff", ids=["1/index.html"], has=[_TEXT], data=zipped({
        "1/index.html": _PAGE, "1/index.rdf": "<RDF/>", "1/index_files/ad.html": _PAGE, "1/index_files/a.css": "p{}", "__MACOSX/1/a.txt": "x",
    })),
    Case(name="bz2", file="a.txt.bz2", data=bz2.compress(_LONG.encode()), has=[_TEXT]),
    Case(name="xz", file="a.txt.xz", data=lzma.compress(_LONG.encode()), has=[_TEXT]),
    Case(name="tar.bz2", file="a.tar.bz2", data=_tar("w:bz2"), ids=["a.txt"], has=[_TEXT]),
    Case(name="tar.xz", file="a.txz", data=_tar("w:xz"), ids=["a.txt"], has=[_TEXT]),
    Case(name="cut-xz", file="a.txt.xz", data=lzma.compress(_LONG.encode())[:-20], refused="cut short"),
    Case(name="7z", file="a.7z", data=b"7z\xbc\xaf\x27\x1c" + bytes(60), refused="is a 7z archive, which cannot be read. Unpack it"),
    Case(name="rar", file="a.rar", data=b"Rar!\x1a\x07\x00" + bytes(60), refused="is a RAR archive, which cannot be read. Unpack it"),
    Case(name="doc", file="a.doc", data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refused="Save it as .docx"),
    Case(name="msg", file="a.msg", data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), refused="Save it as .eml"),
    Case(name="encrypted-office", file="a.docx", data=b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le") + bytes(600), refused="is an encrypted office document"),
    Case(name="empty-zip", file="a.zip", data=zipped({}), refused="archive without files"),
    Case(name="html-as-doc", file="b.doc", data=_PAGE.encode(), has=[_TEXT]),
    Case(name="picture-without-ending", file="pic", data=b"\x89PNG\r\n" + bytes(40), refused="a picture"),
]  # fmt: skip
