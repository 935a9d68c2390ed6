"""E-mails: which part is the article, what is attached and forwarded, and several messages in a file."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from benchmarks.cases.case import Case
from benchmarks.cases.word import make_word, p, r

_PLAIN = "Če sporočila ne vidite pravilno, ga odprite v brskalniku:\nhttps://gazeta.example/n/12\n"
_STORY = (
    "V Kočevju so v ponedeljek odprli novo žago, v kateri bo delo dobilo 74 ljudi.",
    "Občina je v komunalno opremo vložila 2,6 milijona evrov in bo do leta 2028 zgradila še obvoznico.",
)
_PAGE = (
    "<html><body><div style='display:none'>Skrit predogled</div><table><tr><td><h1>Jutranji pregled</h1>"
    + "".join(f"<p>{text}</p>" for text in _STORY)
    + "</td></tr></table></body></html>"
)


def _message(subject: str = "Jutranji pregled", body: str | None = None, sender: str = "Uredništvo") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = f"{sender} <urednistvo@gazeta.example>"
    message["To"] = "bralec@example.org"
    message["Date"] = "Tue, 13 Jan 2026 06:30:00 +0100"
    message["Message-ID"] = f"<{len(subject)}@example.org>"
    if body is not None:
        message.set_content(body)
    return message


def _with(page: str, plain: str) -> bytes:
    message = _message(body=plain)
    message.add_alternative(page, subtype="html")
    return bytes(message)


def _attached() -> bytes:
    message = _message("Sporočilo za javnost", "V priponki vam pošiljamo sporočilo o pomoči sadjarjem.")
    data = make_word(p(r("Ministrstvo bo sadjarjem izplačalo 9,8 milijona evrov pomoči.")))
    message.add_attachment(data, maintype="application", subtype="octet-stream", filename="sporočilo.docx")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"\xff\xfe\x00\x01", maintype="application", subtype="octet-stream", filename="kaj.bin")
    return bytes(message)


def _forwarded(inner: EmailMessage) -> EmailMessage:
    message = _message("Fwd: Stavka", "Posredujem v vednost vsem sodelavcem.", "Kolegica")
    message.add_attachment(inner)
    return message


def _box(*messages: EmailMessage) -> bytes:
    return b"".join(
        b"From urednistvo@gazeta.example Mon Jan 12 08:01:00 2026\n"
        + bytes(message).replace(b"\r\n", b"\n").replace(b"\nFrom te", b"\n>From te")
        + b"\n"
        for message in messages
    )


def _raw(headers: str, body: bytes) -> bytes:
    head = "Subject: Most\nFrom: Ana Novak <a@x.example>\nDate: Sat, 17 Jan 2026 08:00:00 +0100\nMIME-Version: 1.0\n"
    return (head + headers + "\n\n").encode() + body


_CITY = "Občina čaka na šolo; županja pravi, da bo gradnja stekla še letos, denar pa bo prispevala država."
_FLOWED = (
    "Primarul a declarat că lucrările vor începe în luna \naprilie și vor costa 23 de milioane.\n\nAl doilea alineat."
)
_INLINE = """V vednost vsem.

-----Izvirno sporočilo-----
Od: Ana Novak [mailto:ana@x.example]
Poslano: ponedeljek, 05. januar 2026 10:00
Za: Uredništvo
Zadeva: Most so odprli

Župan je odprl most, ki je stal 14 milijonov evrov.

---------- Forwarded message ---------
From: *Ion Pop* <ion@x.example>
Date: Sun, Jan 4, 2026 at 10:00 AM
Subject: Podul nou
To: <ana@x.example>

Primarul a deschis podul.
"""
_APPLE = """Begin forwarded message:

From: Jane Doe <j@x.example>
Subject: Strike at the port
Date: January 5, 2026 at 10:00:00 AM GMT+1
To: Desk <d@x.example>

The strike begins on Monday.
"""
_NO_FORWARD = """Program:
Od: 10. januarja 2026 naprej
Kje: Ljubljana
Zadeva: razstava fotografij
Vstop: prost

Razstavo odprejo v soboto.
"""
CASES = [
    Case(
        name="forwarded-in-text", file="inline.eml", ids=["", "Most so odprli", "Podul nou"],
        has=["V vednost vsem.", "14 milijonov evrov", "a deschis podul"], lacks=["Poslano", "Forwarded", "Za: Uredništvo", "Subject"],
        data=bytes(_message("Fwd: Most", _INLINE)),
    ),
    Case(
        name="only-forwarded-in-text", file="apple.eml", ids=["Strike at the port"], has=["begins on Monday"], lacks=["forwarded"],
        data=bytes(_message("Fwd: Strike", _APPLE)),
        given={"title": "Strike at the port", "author": "Jane Doe", "published": datetime.fromisoformat("2026-01-05T10:00:00+01:00")},
    ),
    Case(
        name="list-of-facts", file="facts.eml", data=bytes(_message("Razstava", _NO_FORWARD)),
        has=["Kje: Ljubljana", "Zadeva: razstava fotografij", "odprejo v soboto"],
    ),
    Case(
        name="stub", file="stub.eml", data=_with(_PAGE, _PLAIN), has=_STORY, lacks=["Skrit predogled", "v brskalniku"],
        given={"title": "Jutranji pregled", "author": "Uredništvo"}, open_=_STORY,
    ),
    Case(name="empty-plain", file="empty.eml", data=_with(_PAGE, "\n"), has=_STORY),
    Case(
        name="plain-is-whole", file="whole.eml", has=["Konec."], lacks=["<p>", "HTML"],
        data=_with(f"<p>HTML {' '.join(_STORY)}</p>", f"{' '.join(_STORY)}\n\nKonec.\n"),
    ),
    Case(
        name="attachment", file="attached.eml", data=_attached(), has=["9,8 milijona evrov", "V priponki"],
        ids=["", "sporočilo.docx"], failed=["kaj.bin"],
    ),
    Case(
        name="forwarded", file="forwarded.eml", ids=["", "Stavka na železnici"], has=["napoveduje stavko"],
        data=bytes(_forwarded(_message("Stavka na železnici", "Sindikat napoveduje stavko za ponedeljek, 26. januar."))),
    ),
    Case(
        name="only-attachment", file="only.eml", ids=["Noter"], has=["Vest je v posredovanem sporočilu."],
        data=bytes(_forwarded(_message("Noter", "Vest je v posredovanem sporočilu."))).replace(
            b"Posredujem v vednost vsem sodelavcem.", b""
        ),
    ),
    Case(
        name="mailbox", file="box.mbox", ids=["7@example.org", "9@example.org"], open_=["obnovili do junija"],
        data=_box(
            _message("Vodovod", "Vodovod v Tolminu bodo obnovili do junija, dela bo izvedlo podjetje iz Idrije."),
            _message("Knjižnica", "Knjižnica je lani zabeležila 128 tisoč obiskov.\n\nFrom tega jih je bilo 9 spletnih."),
        ),
        has=["From tega jih je bilo"], lacks=[">From", "Subject:"], given={"title": "Vodovod"},
    ),
    Case(name="one-with-envelope", file="one.eml", data=_box(_message("En sam", "Samo ena vest je v tej datoteki.")), has=["Samo ena"]),
    Case(
        name="cp1250", file="cp.eml", has=[_CITY],
        data=_raw("Content-Type: text/plain; charset=windows-1250\nContent-Transfer-Encoding: 8bit", _CITY.encode("cp1250")),
    ),
    Case(
        name="habit-charset", file="habit.eml", has=[_CITY],
        data=_raw("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit", _CITY.encode("cp1250")),
    ),
    Case(
        name="flowed", file="flowed.eml", has=["în luna aprilie și vor", "\n\nAl doilea"],
        data=_raw("Content-Type: text/plain; charset=utf-8; format=flowed\nContent-Transfer-Encoding: 8bit", _FLOWED.encode()),
    ),
    Case(
        name="two-text-parts", file="parts.eml", has=["Prvi del sporočila.", "Drugi del sporočila."],
        data=_raw(
            "Content-Type: multipart/mixed; boundary=B",
            b"--B\nContent-Type: text/plain\n\nPrvi del sporo\xc4\x8dila.\n--B\nContent-Type: text/plain\n\n"
            b"Drugi del sporo\xc4\x8dila.\n--B--\n",
        ),
    ),
    Case(name="byte-order-mark", file="bom.eml", data=b"\xef\xbb\xbf" + _raw("Content-Type: text/plain", b"Vest."), has=["Vest."], given={"title": "Most"}),
    Case(
        name="letters-in-headers", file="letters.eml", has=[_CITY], given={"title": "Žaga v Kočevju", "author": "Ana Žagar"},
        data=f"From: Ana Žagar <a@x.example>\nSubject: Žaga v Kočevju\nDate: Sat, 17 Jan 2026 08:00:00 +0100\n\n{_CITY}\n".encode("cp1250"),
    ),
    Case(
        name="digest", file="digest.eml", ids=["Prva", "Druga"], has=["Prva vest.", "Druga vest."],
        data=_raw(
            "Content-Type: multipart/digest; boundary=D",
            b"--D\n\nFrom: a@x.example\nSubject: Prva\n\nPrva vest.\n--D\n\nFrom: b@x.example\nSubject: Druga\n\nDruga vest.\n--D--\n",
        ),
    ),
    Case(
        name="encrypted", file="secret.eml", refused="encrypted",
        data=_raw("Content-Type: multipart/encrypted; boundary=B", b"--B\nContent-Type: application/octet-stream\n\nx\n--B--\n"),
    ),
]  # fmt: skip
