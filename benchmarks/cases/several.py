"""Several articles in one file: exports of Nexis and Factiva, and texts with separators."""

from __future__ import annotations

from datetime import date

from benchmarks.cases.case import Case
from benchmarks.cases.word import make_word, p, r

_ONE = (
    "The council of Harwick approved a new bridge across the river on Monday. It will cost 14.2 million pounds.",
    "Work begins in March, the mayor said, and the old bridge stays open until the new one is ready for traffic.",
)
_TWO = (
    "A fire destroyed two warehouses at the port of Selby on Tuesday night, and nobody was hurt, the brigade said.",
    "The owner put the damage at three million pounds; the police are looking for a white van seen near the gate.",
)
_CLASSIC = "".join(
    f"""
                               {number} of 2 DOCUMENTS


                             {outlet}

                            {day}

                                 Late Edition

{title}

BYLINE: {author}

SECTION: NEWS; Pg. {number}

LENGTH: 345 words

{body[0]}

{body[1]}

LOAD-DATE: {day}

LANGUAGE: ENGLISH

PUBLICATION-TYPE: Newspaper

                Copyright 2016 The Publisher
                   All Rights Reserved

"""
    for number, outlet, day, title, author, body in (
        (1, "The Harwick Gazette", "January 12, 2016 Tuesday", "New bridge approved", "Jane Doe", _ONE),
        (2, "Selby Evening News", "January 13, 2016 Wednesday", "Warehouses burn at port", "John Roe", _TWO),
    )
)
_UNI = "".join(
    f"""{title}
{outlet}
{day}
Copyright 2021 The Publisher All Rights Reserved
Section: NEWS; Pg. 5
Length: 450 words
Byline: {author}
Body
{body[0]}
{body[1]}
Classification
Language: ENGLISH
Subject: BRIDGES (90%); CITIES (78%)
Load-Date: January 14, 2021
End of Document
"""
    for outlet, day, title, author, body in (
        ("The Harwick Gazette", "January 12, 2021 Tuesday", "New bridge approved", "Jane Doe", _ONE),
        ("Selby Evening News", "January 13, 2021 Wednesday", "Warehouses burn at port", "John Roe", _TWO),
    )
)
_FACTIVA = "".join(
    f"""{title}
By {author}
345 words
{day}
08:30
{outlet}
{code}
English
Copyright 2021. The Publisher.
{body[0]}
{body[1]}
Document {code}000020210112eh1c0001x

"""
    for outlet, code, day, title, author, body in (
        ("The Harwick Gazette", "HARWG", "12 January 2021", "New bridge approved", "Jane Doe", _ONE),
        ("Selby Evening News", "SELBY", "13 January 2021", "Warehouses burn at port", "John Roe", _TWO),
    )
)
_CODED = "".join(
    f"""HD
{title}
BY
By {author}
WC
345 words
PD
{day}
SN
{outlet}
SC
{code}
LA
English
CY
Copyright 2021. The Publisher.
LP
{body[0]}
TD
{body[1]}
AN
Document {code}000020210112eh1c0001x

"""
    for outlet, code, day, title, author, body in (
        ("The Harwick Gazette", "HARWG", "12 January 2021", "New bridge approved", "Jane Doe", _ONE),
        ("Selby Evening News", "SELBY", "13 January 2021", "Warehouses burn at port", "John Roe", _TWO),
    )
)
_STORIES = (
    ("The Harwick Gazette", "HARWG", "12 January 2021", "New bridge approved", "Jane Doe", _ONE),
    ("Selby Evening News", "SELBY", "13 January 2021", "Warehouses burn at port", "John Roe", _TWO),
)
_CODES = "".join(
    "<div class='article enArticle'><table>"
    + "".join(
        f"<tr><td class='index'><b>{mark}</b></td><td>{value}</td></tr>"
        for mark, value in (
            *(
                ("SE", "News"),
                ("HD", f"<span>{title}</span>"),
                ("BY", f"By {author}"),
                ("WC", "345 words"),
                ("PD", day),
            ),
            *(
                ("SN", outlet),
                ("SC", code),
                ("LA", "English"),
                ("CY", "Copyright 2021 The Publisher."),
                ("LP", f"<p>{body[0]}</p>"),
            ),
            *(("TD", f"<p>{body[1]}</p>"), ("AN", f"Document {code}000020210112eh1c0001x")),
        )
    )
    + "</table></div>"
    for outlet, code, day, title, author, body in _STORIES
)
_DIVISIONS = "".join(
    f"<div class='article enArticle'><div id='hd'>{title}</div><div>By {author}</div><div>345 words</div><div>{day}</div>"
    f"<div>{outlet}</div><div>{code}</div><div>English</div><div>Copyright 2021 The Publisher.</div><p>{body[0]}</p><p>{body[1]}</p>"
    f"<p>Document {code}000020210112eh1c0001x</p></div>"
    for outlet, code, day, title, author, body in _STORIES
)
_CLASSES = "".join(
    f"<div class='c0'><p class='c1'><span>{number} of 2 DOCUMENTS</span></p></div><div><p>{outlet}</p></div><div><p><span>{day[3:]}"
    f" </span>2021</p></div><div><p>{title}</p></div><div><p><span>BYLINE: </span>{author}</p></div><div><p>LENGTH: 345 words</p></div>"
    f"<div><p>{body[0]}</p><p>{body[1]}</p></div><div><p>LANGUAGE: ENGLISH</p></div><div><p>Copyright 2021 The Publisher</p></div>"
    for number, (outlet, _, day, title, author, body) in enumerate(_STORIES, start=1)
).replace("January 2021 </span>2021", "January</span> 12, 2021 Tuesday")
_SECTIONS = "".join(
    f"News; Domestic\n{title}\n{author}\n345 words\n{day}\n{outlet}\n{code}\nLate Edition - Final\nA1\nEnglish\n"
    f"Copyright 2021. The Publisher.\n\n{body[0]}\n\n{body[1]}\n\nDocument {code}000020210112eh1c0001x\n\n"
    for outlet, code, day, title, author, body in _STORIES
)
_GERMAN = "".join(
    f"{title}\nVon {author}\n345 Wörter\n{day}\n{outlet}\n{code}\nDeutsch\nCopyright 2021. Verlag.\n\n{body[0]}\n\n{body[1]}\n\n"
    f"Dokument {code}000020210112eh1c0001x\n\n"
    for outlet, code, day, title, author, body in _STORIES
)
_FRENCH = "".join(
    f"   {number} de 2 DOCUMENTS\n\n     {outlet}\n\n   {day}\n\n{title}\n\nAUTEUR: {author}\n\nLONGUEUR: 345 mots\n\n{body[0]}\n\n"
    f"{body[1]}\n\nLANGUE: ENGLISH\n\n    Copyright 2021 The Publisher\n        tous droits réservés\n"
    for number, (outlet, _, day, title, author, body) in enumerate(_STORIES, start=1)
)
_GRAPHIC = "".join(
    f"{title}\n{outlet}\n{day}\nCopyright 2021 Verlag\nRubrik: POLITIK\nAutor: {author}\nBody\n{body[0]}\n{body[1]}\nGraphic\n\n"
    f"Photograph, The gate\nClassification\nLanguage: ENGLISH\nEnd of Document\n"
    for outlet, _, day, title, author, body in _STORIES
)
_LABELS = ("-" * 20 + "\n").join(
    f"Title: {title}\nSource: {outlet}\nDate: {day}\nAuthor: {author}\n\n{body[0]}\n{body[1]}\nCopyright 2021\n"
    for outlet, _, day, title, author, body in _STORIES
)
_NUMBERS = "".join(
    f"Article {number}\n\n{title}\n{author}\n{day}\n\n{body[0]}\n{body[1]}\n\n"
    for number, (_, _, day, title, author, body) in enumerate(_STORIES, start=1)
)
_LINED = f"New bridge approved\n12 January 2021\n\n{_ONE[0]}\n{_ONE[1]}\n\n{{0}}\nWarehouses burn at port\n\n{_TWO[0]}\n{_TWO[1]}\n"
_FIRST = {"title": "New bridge approved", "outlet": "The Harwick Gazette", "author": "Jane Doe"}


def _case(name: str, text: str, day: date, ending: str = "txt", **more: object) -> Case:
    return Case(
        name=name, file=f"{name}.{ending}", data=text.encode(), ids=["1", "2"], has=[*_ONE, *_TWO],
        open_=[*_ONE, *_TWO], masked=["Copyright"], given={**_FIRST, "published": day}, **more,  # type: ignore[arg-type]
    )  # fmt: skip


CASES = [
    _case("nexis-classic", _CLASSIC, date(2016, 1, 12)),
    _case("nexis-uni", _UNI, date(2021, 1, 12)),
    _case("factiva", _FACTIVA, date(2021, 1, 12)),
    _case("factiva-section", _SECTIONS, date(2021, 1, 12)),
    _case("factiva-german", _GERMAN, date(2021, 1, 12)),
    _case("factiva-html-codes", f"<html><body>{_CODES}</body></html>", date(2021, 1, 12), "html"),
    _case("factiva-html", f"<html><body>{_DIVISIONS}</body></html>", date(2021, 1, 12), "html"),
    _case("nexis-html", f"<html><body>{_CLASSES}</body></html>", date(2021, 1, 12), "html"),
    _case("nexis-french", _FRENCH, date(2021, 1, 12)),
    _case("nexis-caption", _GRAPHIC, date(2021, 1, 12)),
    Case(
        name="labels", file="labels.txt", data=_LABELS.encode(), ids=["1", "2"], open_=[*_ONE, *_TWO],
        given={**_FIRST, "published": date(2021, 1, 12)},
    ),
    Case(
        name="numbered", file="numbered.txt", data=_NUMBERS.encode(), ids=["1", "2"], open_=[*_ONE, *_TWO],
        given={"title": "New bridge approved", "author": "Jane Doe", "outlet": None, "published": date(2021, 1, 12)},
    ),
    _case("factiva-codes", _CODED, date(2021, 1, 12)),
    Case(
        name="nexis-docx", file="nexis.docx", ids=["1", "2"], has=[*_ONE, *_TWO], given={**_FIRST, "published": date(2021, 1, 12)},
        data=make_word("".join(p(r(line)) for line in _UNI.splitlines())), masked=["Load-Date"],
    ),
    *(
        Case(
            name=f"line-of-{sign[0]}", file="lines.txt", data=_LINED.format(sign).encode(), ids=["1", "2"], open_=[*_ONE, *_TWO],
            given={"title": "New bridge approved", "published": date(2021, 1, 12)},
        )
        for sign in ("=" * 20, "*" * 12, "-" * 40, "\f" + "_" * 10, "─" * 30, "§" * 12)
    ),
    *(
        Case(
            name=f"elements-{file}", file=file, ids=["1", "2"], open_=[*_ONE, *_TWO], masked=["<doc id", "</doc>"],
            data=(
                f'<doc id="12" url="https://x.example/a?id=12" title="New bridge &amp; approved">\n{_ONE[0]}\n\n{_ONE[1]}\n</doc>\n'
                f'<doc id="13" title="Warehouses burn" date="2021-01-13">\n{_TWO[0]}\n\n{_TWO[1]}\n</doc>\n'
            ).encode(),
            given={"title": "New bridge & approved", "source": "https://x.example/a?id=12", "published": None},
        )
        for file in ("corpus.txt", "wiki_00", "corpus.xml")
    ),
    Case(
        name="open-element", file="open.txt", data=f'<doc id="1">\n{_ONE[0]}\n\n{_ONE[1]}\n'.encode(), has=_ONE,
    ),
    Case(
        name="rules-within-one", file="one.md", data=f"# New bridge approved\n\n{_ONE[0]}\n\n---\n\n{_ONE[1]}\n".encode(),
        has=_ONE, given={"title": "New bridge approved"},
    ),
    Case(
        name="underlined-title", file="two.md", data=f"New bridge approved\n===================\n\n{_ONE[0]}\n\n{_ONE[1]}\n".encode(),
        has=_ONE,
    ),
    Case(
        name="unsure", file="unsure.txt", has=[*_ONE, *_TWO], given={"outlet": None, "published": None, "title": ""},
        data=(
            f"New bridge approved\nJane Doe\n12 January 2021\n\n{_ONE[0]}\n{_ONE[1]}\n\n***\n\n"
            f"Warehouses burn at port\nJohn Roe\n13 January 2021\n\n{_TWO[0]}\n{_TWO[1]}\n\n***\n\nmore tomorrow\n"
        ).encode(),
    ),
]  # fmt: skip
