"""Ways in which a Rich Text file holds and hides words."""

from __future__ import annotations

from benchmarks.cases.case import Case

_HEAD = (
    r"{\rtf1\ansi\ansicpg1250\deff0{\fonttbl{\f0\fnil\fcharset238 Arial;}{\f1\fnil\fcharset0 Times;}"
    r"{\f2\fnil\fcharset204 Cyr;}}{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}}"
    r"{\info{\title Naslov \'e8lanka}{\author Ana Zupan}{\creatim\yr2026\mo1\dy5}}"
)
_BODIES: dict[str, tuple[str, list[str], list[str]]] = {
    "cp1250": (_HEAD + r"\f0 Ob\'e8inski svet v vi\'9aini.\par}", ["Občinski svet v višini."], []),
    "fontcp": (_HEAD + r"\f2 \'cf\'f0\'e8\'e2\'e5\'f2\f0  \'e8a\'e8ka.\par}", ["Привет čačka."], []),
    "usual-font": (
        r"{\rtf1\ansi\ansicpg1252\deff1{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset238 Arial CE;}}"
        r"Ob\'e8ina. \f0 Caf\'e9. \plain \'8aola.\par}",
        ["Občina. Café. Šola."],
        [],
    ),
    "unicode": (r"{\rtf1\ansi\ansicpg1252\uc1 m\u259?sur\u259? \u537?coli.\par}", ["măsură școli."], ["?"]),
    "uc2": (r"{\rtf1\ansi\ansicpg1252\uc2 m\u259 \'61\'61sur\u259 \'61\'61.\par}", ["măsură."], []),
    "uc0": (r"{\rtf1\ansi\uc0 m\u259 sur\u259.\par}", ["măsură."], []),
    "negative": (r"{\rtf1\ansi\uc1 \u-3905?x \u55357?\u56832? konec.\par}", ["konec.", "😀"], []),
    "deleted": (_HEAD + r"Novi stavek. {\deleted stari stavek} Konec.\par}", ["Novi stavek.", "Konec."], ["stari"]),
    "deleted-toggle": (_HEAD + r"Novi. \deleted stari stavek\deleted0  Konec.\par}", ["Novi.", "Konec."], ["stari"]),
    "hidden": (
        _HEAD + r"Vidno. {\v skrito besedilo} Konec.\par Vidno \v skrito\v0  dva.\par}",
        ["Vidno.", "Konec.", "Vidno", "dva."],
        ["skrito"],
    ),
    "revised": (_HEAD + r"Stavek {\revised vstavljen del} tu.\par}", ["Stavek vstavljen del tu."], []),
    "field": (
        _HEAD + r'{\field{\*\fldinst HYPERLINK "https://x.example"}{\fldrslt povezava na dokument}} o tem.\par}',
        ["povezava na dokument o tem."],
        ["HYPERLINK"],
    ),
    "header": (_HEAD + r"{\header Glava strani}{\footer Noga strani}Telo.\par}", ["Telo."], ["Glava", "Noga"]),
    "footnote": (
        _HEAD + r"Telo stavka{\super\chftn}{\footnote\pard Opomba spodaj.} gre naprej.\par Nov.\par}",
        ["Opomba spodaj.", "Telo stavka", "gre naprej."],
        ["OpombaTelo"],
    ),
    "table": (
        _HEAD + r"\trowd\cellx3000\cellx6000 Leto\cell 2024\cell\row \pard Po tabeli.\par}",
        ["Leto", "2024", "Po tabeli."],
        ["Leto2024", "|"],
    ),
    "pict": (
        _HEAD + r"{\*\shppict{\pict\pngblip 89504e47}}{\nonshppict{\pict 0102}}Costul.\par}",
        ["Costul."],
        ["8950"],
    ),
    "bin": (_HEAD + "{\\pict\\wmetafile8\\bin5 }{\\}x}Za sliko.\\par}", ["Za sliko."], []),
    "specials": (
        _HEAD
        + r"3\~milioane \endash  dela\emdash x \ldblquote citat\rdblquote  \lquote e\rquote  \bullet  tocka\tab zavihek\line nova\par}",
        ["3\u00a0milioane", "–", "—", "“citat”", "’"],
        ["milioanenova"],
    ),
    "textbox": (
        _HEAD + r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt Okvir s 412.\par}}}Telo.\par}",
        ["Okvir s 412.", "Telo."],
        [],
    ),
    "list": (_HEAD + r"{\listtext 1.\tab}Prva to\'e8ka.\par}", ["Prva točka."], []),
    "escape": (_HEAD + r"Oklepaj \{a\} in \\ znak.\par}", ["Oklepaj {a} in \\ znak."], []),
    "newline": (_HEAD + "Prva\nbeseda drugi\r\n del.\\par Nov\\\nodstavek.\\par}", ["Prvabeseda drugi del."], []),
    "upr": (_HEAD + r"{\upr{Titlu simplu}{\*\ud{Titlu cu \u537?}}} text.\par}", ["Titlu cu ș"], ["simplu"]),
    "bookmark": (_HEAD + r"{\*\bkmkstart a}Besedilo{\*\bkmkend a} gre.\par}", ["Besedilo gre."], []),
    "mac": (r"{\rtf1\mac \'8aber.\par}", ["äber."], []),
    "cpg866": (r"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2.\par}", ["Привет."], []),
    "annotation": (_HEAD + r"Stavek.{\*\annotation Pripomba urednika}\par}", ["Stavek."], ["Pripomba"]),
    "plain-resets": (_HEAD + r"{\v skrito \plain vidno} \par}", ["vidno"], ["skrito"]),
    "object": (
        _HEAD + r"{\object\objemb{\*\objdata 0105}{\result Rezultat.}} Konec.\par}",
        ["Rezultat.", "Konec."],
        ["0105"],
    ),
    "nestedtable": (
        _HEAD
        + r"\trowd\cellx6000 Zunaj\par Notri\nestcell{\*\nesttableprops\nestrow}{\nonesttables\par}\cell\row\pard Po.\par}",
        ["Zunaj", "Notri", "Po."],
        [],
    ),
    "super": (_HEAD + r"10{\super 6} celic in 3{\super rd}.\par}", ["10⁶ celic", "3rd"], ["106"]),
    "struck": (_HEAD + r"Znesek je {\strike 7,9 }5,4 milijona.\par}", ["je 5,4"], ["7,9"]),
}
_LOWER = r"{\rtf1\ansi\ansicpg1250 povezava na dokument o po\'9eigu.\par Novi stavek je to.\par Konec.\par}"
CASES = [
    Case(name="lower-case", file="lower-case.rtf", data=_LOWER.encode(), has=["požigu."], given={"title": ""}),
    *(
    Case(
        name=name, file=f"{name}.rtf", data=text.encode("latin-1"), has=has, lacks=lacks,
        given={"title": "Naslov članka", "author": "Ana Zupan"} if text.startswith(_HEAD) else {},
    )
    for name, (text, has, lacks) in _BODIES.items()
    ),
]  # fmt: skip
