"""Tables and JSON as people have them: broken rows, other separators, columns in other languages, exports of tools."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import openpyxl

from benchmarks.cases.case import Case

_TEXT = "Na cesti pri Gori je v sredo zdrsnil plaz, ki je zasul 48 metrov vozišča. Cesta bo zaprta deset dni."
_OTHER = "Župan pravi, da se bodo dela začela maja in končala pred zimo, stala pa bodo 3,7 milijona evrov."


def _csv(name: str, text: str, **expected: Any) -> Case:
    data = text.encode(expected.pop("encoding", "utf-8"))
    return Case(name=name, file=expected.pop("file", f"{name}.csv"), data=data, **{"ids": ["1"], **expected})


def _json(name: str, value: Any, **expected: Any) -> Case:
    data = json.dumps(value, ensure_ascii=False, indent=expected.pop("indent", None)).encode()
    return Case(
        name=name, file=expected.pop("file", f"{name}.jsonl"), data=data, **{"ids": ["1"], "has": [_TEXT], **expected}
    )


def _sheet(rows: list[list[Any]], *, hidden: str = "", **more: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for number, (name, filled) in enumerate({"List1": rows, **more}.items()):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = name
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in filled:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_EPOCH = 1_769_500_800  # 27 January 2026, 8:00 UTC
_MOMENT = datetime(2026, 1, 27, 8, tzinfo=UTC)
_FIRST = {"title": "Plaz", "text": _TEXT}
CSV = [
    _csv("sep", f"sep=;\nid;naslov;body;date\n1;Plaz;\"{_TEXT}\";3. 2. 2026\n", encoding="cp1250",
         given={"title": "Plaz", "published": date(2026, 2, 3)}, has=[_TEXT]),
    _csv("leading-blank", f'\n\nid,title,text\n1,Plaz,"{_TEXT}"\n', given={"title": "Plaz"}, has=[_TEXT]),
    _csv("commas-in-semicolons", f'id;title, subtitle, kicker;text\n1;Plaz;"{_TEXT}"\n', given={"title": "Plaz"}),
    _csv("quoted-header", f'"id","title, main","text","date; published"\n1,Plaz,"{_TEXT}",2026-02-03\n',
         given={"title": "Plaz", "published": date(2026, 2, 3)}),
    _csv("newline-in-header", f'"id","title\n(sl)","text"\n1,Plaz,"{_TEXT}"\n', given={"title": "Plaz"}),
    _csv("carriage-returns", f'id,title,text\r1,Plaz,"{_TEXT}"\r2,Drugi,{_OTHER.replace(",", "")}\r', ids=["1", "2"]),
    _csv("backslash", 'id,title,text\n1,"Plaz \\"pri\\" Dolu","Rekel je: \\"Zasul je 53 metrov\\", nato pa odšel."\n',
         has=['Rekel je: "Zasul je 53 metrov", nato pa odšel.'], given={"title": 'Plaz "pri" Dolu'}),
    _csv("text-with-commas", "id,title,text\n1,Plaz,Na cesti je zdrsnil plaz, ki je zasul 50 metrov, pravijo.\n",
         has=["plaz, ki je zasul 50 metrov, pravijo."]),
    _csv("too-many-columns", f'id,text,title\n1,Plaz, ki je zasul cesto,Plaz\n2,"{_TEXT}",Drugi\n', ids=["2"], has=[_TEXT],
         failed=["line 2"]),
    _csv("unclosed", f'id,title,text\n1,A,"Plaz je zasul cesto.\n2,B,"{_TEXT}"\n3,C,Cesta je zaprta.\n', ids=["2", "3"],
         has=[_TEXT, "Cesta je zaprta."], failed=["line 2"]),
    _csv("two-text-columns", f'id,title,text,text\n1,Plaz,Teaser,"{_TEXT}"\n', has=[_TEXT], lacks=["Teaser"]),
    _csv("summary-and-text", f'id,title,summary,text_length,full_text\n1,P,Povzetek,120,"{_TEXT}"\n', has=[_TEXT], lacks=["Povzetek"]),
    _csv("only-summary", f'id,title,summary\n1,Plaz,"{_TEXT}"\n', has=[_TEXT]),
    _csv("slovene", f'id,naslov,besedilo,datum,vir,avtor,jezik\n1,Plaz,"{_TEXT}",2026-02-03,Notranjec,Ana Zupan,slovenščina\n',
         given={"title": "Plaz", "outlet": "Notranjec", "author": "Ana Zupan", "published": date(2026, 2, 3), "language": "sl"}),
    _csv("romanian", "id,titlu,conținut,dată,sursă,autor\n1,Alunecare,Un drum a fost acoperit.,2026-02-03,Vrancea Azi,Ion Pop\n",
         given={"title": "Alunecare", "outlet": "Vrancea Azi", "author": "Ion Pop", "published": date(2026, 2, 3)}),
    _csv("croatian", "id,naslov,sadržaj,datum_objave,izvor,autor\n1,Klizište,Cesta je zatvorena.,3.2.2026.,Novosti,Ivo Kos\n",
         given={"title": "Klizište", "outlet": "Novosti", "author": "Ivo Kos", "published": date(2026, 2, 3)}),
    _csv("german", "id;Titel;Inhalt;Veröffentlicht;Quelle;Verfasser\n1;Rutsch;Die Straße ist gesperrt.;3.2.2026;Bote;Eva Kern\n",
         given={"title": "Rutsch", "outlet": "Bote", "author": "Eva Kern", "published": date(2026, 2, 3)}),
    _csv("french", "id,Titre,Contenu,Date de publication,Source,Auteur,Langue\n1,Route,La route est fermée.,2026-02-03,Le Val,Luc Roy,FR\n",
         given={"title": "Route", "outlet": "Le Val", "author": "Luc Roy", "published": date(2026, 2, 3), "language": "fr"}),
    _csv("spanish", "id,Título,Contenido,Fecha,Medio,Autor\n1,Ruta,La carretera está cerrada.,2026-02-03,El Valle,Eva Gil\n",
         given={"title": "Ruta", "outlet": "El Valle", "author": "Eva Gil", "published": date(2026, 2, 3)}),
    _csv("italian", "id,Titolo,Testo,Data,Fonte,Autore\n1,Strada,La strada è chiusa.,2026-02-03,La Valle,Ugo Bo\n",
         given={"title": "Strada", "outlet": "La Valle", "author": "Ugo Bo", "published": date(2026, 2, 3)}),
    _csv("markup", 'id,title,body\n1,Plaz &amp; cesta,"<p>Prvi odstavek o plazu.</p><p>Drugi <b>odstavek</b>.</p>"\n',
         has=["Prvi odstavek o plazu.\nDrugi odstavek."], lacks=["<", "&amp;"], given={"title": "Plaz & cesta"}),
    _csv("tabs-in-txt", f"id\tnaslov\tbody\n1\tPlaz\t{_TEXT}\n", encoding="utf-16", file="a.txt", has=[_TEXT],
         given={"title": "Plaz"}),
    *(
        _csv(f"composed-{number}", f"{names}\nNaslov;{_TEXT};{day};Delo;Ana Zupan\n", has=[_TEXT],
             given={"title": "Naslov", "outlet": "Delo", "author": "Ana Zupan", "published": date(2026, 1, 27)})
        for number, (names, day) in enumerate((
            ("Naslov članka;Besedilo članka;Datum objave;Ime medija;Avtorica", "27. 1. 2026"),
            ("naslov;vsebina članka;objavljeno;vir;avtorica", "27.1.2026"),
            ("Titlul articolului;Textul articolului;Data publicării;Publicația;Autorul", "27 ianuarie 2026"),
            ("titlu;text integral;data;ziarul;autori", "27.01.2026"), ("Titel;Text des Artikels;Erschienen am;Zeitung;Autorin", "27.01.2026"),
            ("Titre de l’article;Corps de l’article;Date de parution;Nom du journal;Auteure", "27/01/2026"),
            ("Título;Cuerpo de la noticia;Fecha de publicación;Nombre del medio;Periodista", "27/01/2026"),
            ("titolo articolo;testo completo;data di pubblicazione;testata;firma", "27 gennaio 2026"),
            ("Headline;Text Body;Publication Date;Publication Name;Written by", "January 27, 2026"),
            ("doc_title;selftext;seenDate;sourceName;author_name", "20260127"),
        ))
    ),
    _csv("other-names", f"title,text,text_length,author_id,section_name,image_url\nPlaz,{_OTHER.replace(',', '')},90,7,World,https://a.example/b\n",
         given={"title": "Plaz", "author": None, "outlet": None, "url": None}),
    _csv("nothing-seen", 'title,text\nPlaz,"\u200b"\nDrugi,Cesta je zaprta.\n', ids=["2"], failed=["holds no text"]),
    _csv("no-text-column", "id,kaj,to\n1,a,b\n", refused="--columns text=NAME"),
]  # fmt: skip
JSON = [
    _json("array", [_FIRST, {"title": "B", "text": _OTHER}], file="a.json", indent=1, ids=["1", "2"], has=[_TEXT, _OTHER]),
    _json("one-object", _FIRST, file="one.json", indent=2, ids=[""], given={"title": "Plaz"}),
    _json("object-with-array", {"status": "ok", "articles": [_FIRST]}, file="api.json", ids=["1"]),
    _json("hits", {"hits": {"hits": [{"_id": "x7", "_source": _FIRST}]}}, file="hits.json", ids=["x7"]),
    _json("null-text", {"text": None, "maintext": _TEXT, "title": "Plaz"}, given={"title": "Plaz"}),
    _json("empty-text", {"content": "", "article": _TEXT}),
    _json("paragraphs", {"body": [_TEXT, _OTHER]}, has=[f"{_TEXT}\n{_OTHER}"]),
    _json("trafilatura", {**_FIRST, "hostname": "list.example", "date": "2026-01-20", "raw_text": _TEXT, "id": None,
                          "source": "https://list.example/a", "source-hostname": "Gorenjski list", "filedate": "2026-02-01"},
          given={"outlet": "Gorenjski list", "source": "https://list.example/a", "published": date(2026, 1, 20)}),
    _json("news-please", {"authors": ["Ana Kos", "Jan Rus"], "date_download": "2026-02-01 10:00:00", "date_publish":
                          "2026-01-24 07:00:00", "maintext": _TEXT, "source_domain": "s.example", "text": None},
          given={"outlet": "s.example", "author": "Ana Kos, Jan Rus", "published": datetime(2026, 1, 24, 7)}),
    _json("event-registry", {"uri": "81", "lang": "slv", "dateTimePub": "2026-01-27T08:00:00Z", "date": "2026-01-28", "body": _TEXT,
                             "source": {"uri": "p.example", "title": "Primorec"}, "authors": [{"uri": "b@p", "name": "Bo Kos"}]},
          ids=["81"], given={"outlet": "Primorec", "author": "Bo Kos", "published": _MOMENT, "language": "sl"}),
    _json("newsapi", {"source": {"id": None, "name": "Dolenjec"}, "author": "Cilka Hren", "description": "x", "content": _TEXT,
                      "publishedAt": "2026-01-27T08:00:00Z", "url": "https://d.example/a"},
          given={"outlet": "Dolenjec", "author": "Cilka Hren", "published": _MOMENT, "source": "https://d.example/a"}),
    _json("media-cloud", {**_FIRST, "stories_id": "9", "publish_date": "2026-01-27", "media_name": "Tržičan", "media_url": "t.example"},
          ids=["9"], given={"outlet": "Tržičan", "published": date(2026, 1, 27)}),
    _json("cc-news", {**_FIRST, "domain": "k.example", "date": "2026-01-25 00:00:00", "description": ""}, given={"outlet": "k.example"}),
    _json("wordpress", {"id": 991, "date": "2026-01-23T10:00:00", "title": {"rendered": "Plaz &#8211; kon&#269;no"}, "author": 7,
                        "content": {"rendered": f"<p>{_TEXT}</p>\n<p>{_OTHER}</p>"}, "link": "https://n.example/?p=991"},
          ids=["991"], has=[f"{_TEXT}\n{_OTHER}"], given={"title": "Plaz – končno", "author": None, "source": "https://n.example/?p=991"}),
    _json("escaped-markup", {"title": "A", "text": f"&lt;p&gt;{_TEXT}&lt;/p&gt;&lt;p&gt;{_OTHER}&lt;/p&gt;"}, has=[_TEXT, _OTHER], lacks=["&lt;", "<p>"]),
    *(
        _json(f"date-{name}", {**_FIRST, "date": value, "language": "sl"}, given={"published": right})
        for name, value, right in (
            ("epoch", _EPOCH, _MOMENT), ("milliseconds", _EPOCH * 1000, _MOMENT), ("digits", str(_EPOCH), _MOMENT),
            ("compact", "20260127", date(2026, 1, 27)), ("compact-time", "20260127T080000Z", _MOMENT),
            ("mail", "Tue, 27 Jan 2026 08:00:00 +0000", _MOMENT), ("month-first", "01/27/2026", date(2026, 1, 27)),
            ("day-first", "03/04/2026", date(2026, 4, 3)), ("zone", "2026-01-27T08:00:00.000+0000", _MOMENT), ("zero", 0, None),
        )
    ),
    *(
        _json(f"stated-{number}", {**_FIRST, "date": value}, given={"published": right})
        for number, (value, right) in enumerate((
            ("2026-01-27 08:00:00 +0000", _MOMENT), ("2026-01-27 08:00:00+00", _MOMENT), ("2026-01-27 08:00:00 UTC", _MOMENT),
            ("Tue Jan 27 2026 09:00:00 GMT+0100 (Central European Standard Time)", _MOMENT), ("/Date(1769500800000)/", _MOMENT),
            ("Tue, 27 Jan 26 08:00:00 GMT", _MOMENT), ("Tuesday, 27-Jan-26 08:00:00 GMT", _MOMENT), ("1.7695008e+12", _MOMENT),
            ("Tue Jan 27 08:00:00 2026", datetime(2026, 1, 27, 8)), ({"$date": {"$numberLong": "1769500800000"}}, _MOMENT),
            ("D:20260127090000+01'00'", _MOMENT), ("27-JAN-26", date(2026, 1, 27)), ("01-27-2026", date(2026, 1, 27)),
            ("27.01.26 08:00", datetime(2026, 1, 27, 8)), ("2026年1月27日", date(2026, 1, 27)), ("1970-01-01T00:00:00Z", None),
            (_EPOCH * 1_000_000_000, _MOMENT),
        ))
    ),
    _json("by-column", {"title": {"0": "Plaz", "1": "D"}, "text": {"0": _TEXT, "1": _OTHER}, "date": {"0": _EPOCH * 1000, "1": None}},
          file="pandas.json", ids=["1", "2"], has=[_TEXT, _OTHER], given={"title": "Plaz", "published": _MOMENT}),
    _json("columns-and-data", {"columns": ["title", "text"], "index": [0], "data": [["Plaz", _TEXT]]}, file="split.json", given={"title": "Plaz"}),
    _json("by-key", {"a1": _FIRST, "a2": {"text": _OTHER}}, file="dict.json", ids=["a1", "a2"], given={"title": "Plaz"}),
    _json("guardian", {"response": {"results": [{"sectionName": "World", "webTitle": "Plaz", "webUrl": "https://g.example/1",
                       "fields": {"byline": "By Ann Smith", "bodyText": _TEXT, "trailText": "teaser"}}]}}, file="guardian.json",
          lacks=["teaser"], given={"title": "Plaz", "author": "Ann Smith", "outlet": None, "source": "https://g.example/1"}),
    _json("times", {"response": {"docs": [{"_id": "t1", "headline": {"main": "Plaz"}, "byline": {"original": "By Ann Smith"},
                    "abstract": "teaser", "lead_paragraph": _TEXT, "pub_date": "2026-01-27T08:00:00+0000"}]}}, file="times.json",
          ids=["t1"], given={"title": "Plaz", "author": "Ann Smith", "published": _MOMENT}),
    _json("names-apart", {**_FIRST, "author": {"firstName": "Ana", "lastName": "Zupan"}}, given={"author": "Ana Zupan"}),
    _json("names-in-one", {**_FIRST, "author": "Ana Zupan; Bojan Kos"}, given={"author": "Ana Zupan, Bojan Kos"}),
    _json("database", {**_FIRST, "_id": {"$oid": "65aa"}}, ids=["65aa"]),
    Case(name="bulk", file="bulk.ndjson", ids=["2"], has=[_TEXT],
         data=b'{"index": {"_id": "1"}}\n' + json.dumps(_FIRST, ensure_ascii=False).encode()),
    Case(name="not-json", file="cut.json", data=b'{"title": "A",\n "text": "Bes', refused="is not JSON"),
    Case(name="no-articles", file="settings.json", data=b'{"debug": true, "level": 3}', refused="holds no article"),
]  # fmt: skip
SHEETS = [
    Case(
        name="xlsx", file="a.xlsx", ids=["7", "2"], has=[_TEXT, _OTHER],
        data=_sheet([["Izvoz 2026"], ["id", "naslov", "besedilo", "datum"], [7, "Plaz", _TEXT, datetime(2026, 1, 27, 8)],
                     [None, "Drugi", _OTHER, date(2026, 1, 28)]]),
        given={"title": "Plaz", "published": datetime(2026, 1, 27, 8)},
    ),
    Case(
        name="several-sheets", file="b.xlsx", ids=["A#1", "B#1"], has=[_TEXT, _OTHER],
        data=_sheet([["opombe"], ["nič"]], A=[["title", "text"], ["P", _TEXT]], B=[["title", "text"], ["D", _OTHER]]),
    ),
    Case(name="no-text-column", file="c.xlsx", data=_sheet([["leto", "otroci"], [2024, 1251]]), refused="--columns text=NAME"),
    Case(name="hidden-sheet", file="h.xlsx", ids=["1"], has=[_TEXT], lacks=[_OTHER],
         data=_sheet([["title", "text"], ["P", _TEXT]], hidden="B", B=[["title", "text"], ["D", _OTHER]])),
    Case(name="damaged", file="d.xlsx", data=_sheet([["text"], [_TEXT]])[:2000], refused="damaged"),
]  # fmt: skip
CASES = [*CSV, *JSON, *SHEETS]
