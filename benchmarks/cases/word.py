"""Ways in which a Word file holds and hides words."""

from __future__ import annotations

from benchmarks.cases.case import Case, zipped

_SCHEMAS = "http://schemas.openxmlformats.org"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": f"{_SCHEMAS}/wordprocessingml/2006/main",
        "mc": f"{_SCHEMAS}/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "m": f"{_SCHEMAS}/officeDocument/2006/math",
        "r": f"{_SCHEMAS}/officeDocument/2006/relationships",
        "wp": f"{_SCHEMAS}/drawingml/2006/wordprocessingDrawing",
        "a": f"{_SCHEMAS}/drawingml/2006/main",
    }.items()
)
_RELATIONS = f"{_SCHEMAS}/officeDocument/2006/relationships"
_PACKAGE = f"{_SCHEMAS}/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def make_word(body: str, *, main: str = "word/document.xml", styles: str = "", core: str = "") -> bytes:
    """Return a Word file with a body, notes, a comment and a page's head."""

    def part(root: str, inner: str) -> str:
        return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {_NAMESPACES}>{inner}</w:{root}>'

    parts = {
        "footnotes": part("footnotes", f'<w:footnote w:id="2">{p(r("Opomba pod črto."))}</w:footnote>'),
        "endnotes": part("endnotes", f'<w:endnote w:id="2">{p(r("Končna opomba."))}</w:endnote>'),
        "comments": part("comments", f'<w:comment w:id="0">{p(r("Urednik pripomni nekaj."))}</w:comment>'),
        "header": part("hdr", p(r("Glava strani"))),
        "styles": part("styles", styles),
    }
    kinds = "".join(f'<Override PartName="/word/{n}.xml" ContentType="{_TYPE}.{n}+xml"/>' for n in parts)
    links = "".join(f'<Relationship Id="{n}" Type="{_RELATIONS}/{n}" Target="{n}.xml"/>' for n in parts)
    links += f'<Relationship Id="rId9" Type="{_RELATIONS}/hyperlink" Target="https://x.example" TargetMode="External"/>'
    head = '<?xml version="1.0"?>'
    return zipped({
        "[Content_Types].xml": f'{head}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/{main}" ContentType="{_TYPE}.document.main+xml"/>'
        f"{kinds}</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="{main}"/></Relationships>',
        main: part("document", f"<w:body>{body}</w:body>"),
        f"word/_rels/{main.rpartition('/')[2]}.rels": f'{head}<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        "</Relationships>",
        **{f"word/{name}.xml": text for name, text in parts.items()},
        **({"docProps/core.xml": core} if core else {}),
    })  # fmt: skip


def p(*runs: str) -> str:
    """Return a paragraph."""
    return f"<w:p>{''.join(runs)}</w:p>"


def r(text: str, properties: str = "") -> str:
    """Return a run of words."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def tc(inner: str, properties: str = "") -> str:
    """Return a cell."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def tr(*cells: str) -> str:
    """Return a row."""
    return f"<w:tr>{''.join(cells)}</w:tr>"


def tbl(*rows: str) -> str:
    """Return a table."""
    return f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>{''.join(rows)}</w:tbl>"


_FIRST = p(r("Prvi odstavek."))
_BODIES: dict[str, tuple[str, list[str], list[str]]] = {
    "sdt-block": (
        _FIRST + "<w:sdt><w:sdtPr/><w:sdtContent>" + p(r("Vsebina kontrole.")) + "</w:sdtContent></w:sdt>",
        ["Vsebina kontrole."],
        [],
    ),
    "sdt-inline": (
        p(r("Stane "), "<w:sdt><w:sdtPr/><w:sdtContent>" + r("87") + "</w:sdtContent></w:sdt>", r(" evrov.")),
        ["Stane 87 evrov."],
        [],
    ),
    "sdt-row": (
        tbl(
            tr(tc(p(r("Ena"))), tc(p(r("Dve")))),
            "<w:sdt><w:sdtPr/><w:sdtContent>" + tr(tc(p(r("Tri"))), tc(p(r("Štiri")))) + "</w:sdtContent></w:sdt>",
        ),
        ["Tri", "Štiri"],
        [],
    ),
    "sdt-cell": (
        tbl(
            "<w:tr><w:sdt><w:sdtContent>"
            + tc(p(r("Celica")))
            + "</w:sdtContent></w:sdt>"
            + tc(p(r("Druga")))
            + "</w:tr>"
        ),
        ["Celica", "Druga"],
        [],
    ),
    "ins": (
        p(
            r("Va primi "),
            '<w:del w:id="1" w:author="E"><w:r><w:delText>douăzeci</w:delText></w:r></w:del><w:ins w:id="2" w:author="E">'
            + r("treizeci")
            + "</w:ins>",
            r(" de ventilatoare."),
        ),
        ["Va primi treizeci de"],
        ["douăzeci"],
    ),
    "move": (
        p('<w:moveFrom w:id="1" w:author="E">' + r("Staro mesto.") + "</w:moveFrom>", r("Ostane. "))
        + p('<w:moveTo w:id="2" w:author="E">' + r("Novo mesto je tu.") + "</w:moveTo>"),
        ["Novo mesto je tu."],
        ["Staro mesto"],
    ),
    "smarttag": (
        p(r("V "), '<w:smartTag w:uri="x" w:element="place">' + r("Ljubljani") + "</w:smartTag>", r(" dežuje.")),
        ["V Ljubljani dežuje."],
        [],
    ),
    "customxml": (
        p(r("V "), '<w:customXml w:element="place">' + r("Celju") + "</w:customXml>", r(" sneži."))
        + '<w:customXml w:element="b">'
        + p(r("Blok v oznaki."))
        + "</w:customXml>",
        ["V Celju sneži.", "Blok v oznaki."],
        [],
    ),
    "fldsimple": (
        p(r("Dne "), '<w:fldSimple w:instr=" DATE ">' + r("5. maja") + "</w:fldSimple>", r(" so odprli.")),
        ["Dne 5. maja so odprli."],
        ["DATE"],
    ),
    "fldchar": (
        p(
            r("Glej "),
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "http://x" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            + r("dokument")
            + '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            r(" zdaj."),
        ),
        ["Glej dokument zdaj."],
        ["HYPERLINK"],
    ),
    "hyperlink": (
        p(r("Glej "), '<w:hyperlink r:id="rId9">' + r("povezavo") + "</w:hyperlink>", r(" tu.")),
        ["Glej povezavo tu."],
        [],
    ),
    "vml-box": (
        p(
            r("Ob sliki."),
            "<w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
            + p(r("Okvir pove 412."))
            + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        )
        + _FIRST,
        ["Okvir pove 412.", "Ob sliki."],
        [],
    ),
    "alt-box": (
        p(
            r("Ob sliki."),
            '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:txbx><w:txbxContent>'
            + p(r("Okvir enkrat."))
            + "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
            + p(r("Okvir enkrat."))
            + "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
        ),
        ["Okvir enkrat."],
        ["twice:Okvir enkrat"],
    ),
    "nested": (
        tbl(
            tr(
                tc(p(r("Zunaj.")) + tbl(tr(tc(p(r("Obramba"))), tc(p(r("1,4 milijarde"))))) + "<w:p/>"),
                tc(p(r("Desno"))),
            )
        ),
        ["Zunaj.", "Obramba", "1,4 milijarde", "Desno"],
        [],
    ),
    "merged": (
        tbl(
            tr(tc(p(r("Združena celica.")), '<w:gridSpan w:val="2"/>')),
            tr(tc(p(r("Levo")), '<w:vMerge w:val="restart"/>'), tc(p(r("A")))),
            tr(tc("<w:p/>", "<w:vMerge/>"), tc(p(r("B")))),
        ),
        ["Združena celica.", "Levo", "A", "B"],
        ["twice:Združena", "twice:Levo"],
    ),
    "vanish": (p(r("Vidno. "), r("Skrito besedilo.", "<w:vanish/>"), r("Konec.")), ["Vidno.", "Konec."], ["Skrito"]),
    "vanish-off": (p(r("Vidno besedilo.", '<w:vanish w:val="0"/>')), ["Vidno besedilo."], []),
    "footnote": (
        p(r("Reka je poplavila 1.200 hiš"), '<w:r><w:footnoteReference w:id="2"/></w:r>', r(" in mostove.")),
        ["1.200 hiš", " in mostove.", "Opomba pod črto."],
        ["Glava strani"],
    ),
    "sym": (
        p(
            r("5"),
            "<w:r><w:noBreakHyphen/></w:r>",
            r("letni"),
            "<w:r><w:tab/></w:r>",
            r("načrt"),
            "<w:r><w:br/></w:r>",
            r("nova vrstica"),
        ),
        ["letni", "načrt"],
        ["letninačrt", "načrtnova", "5letni"],
    ),
    "super": (p(r("10"), r("6", '<w:vertAlign w:val="superscript"/>'), r(" celic.")), ["celic"], ["106"]),
    "strike": (p(r("Znesek je "), r("7,9", "<w:strike/>"), r("5,4"), r(" milijona.")), ["5,4 milijona"], ["7,97"]),
    "math": (p(r("Enačba "), "<m:oMath><m:r><m:t>E=mc</m:t></m:r></m:oMath>", r(" velja.")), ["E=mc"], []),
    "comment": (
        p(
            '<w:commentRangeStart w:id="0"/>',
            r("Stavek s komentarjem."),
            '<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>',
        ),
        ["Stavek s komentarjem."],
        ["Urednik pripomni"],
    ),
    "list": (
        p('<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>', r("Prva točka"))
        + p('<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr>', r("Podtočka")),
        ["Prva točka", "Podtočka"],
        [],
    ),
    "ruby": (
        p(
            "<w:r><w:ruby><w:rt>" + r("gor") + "</w:rt><w:rubyBase>" + r("Osnova") + "</w:rubyBase></w:ruby></w:r>",
            r(" stoji."),
        ),
        ["Osnova"],
        [],
    ),
    "del-para": (
        p('<w:pPr><w:rPr><w:del w:id="5" w:author="E"/></w:rPr></w:pPr>', r("Prvi del ")) + p(r("drugi del.")),
        ["Prvi del drugi del."],
        [],
    ),
    "tbl-del-row": (
        tbl(
            '<w:tr><w:trPr><w:del w:id="6" w:author="E"/></w:trPr>'
            + tc(p('<w:del w:id="7" w:author="E"><w:r><w:delText>Brisana</w:delText></w:r></w:del>'))
            + "</w:tr>",
            tr(tc(p(r("Ostala")))),
        ),
        ["Ostala"],
        ["Brisana"],
    ),
    "header": (_FIRST, ["Prvi odstavek."], ["Glava strani"]),
    "caps": (p(r("Besedilo z velikimi.", "<w:caps/>")), ["Besedilo z velikimi."], []),
    "symchar": (p(r("Cena 5 "), '<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>', r("C.")), ["Cena 5"], []),
    "endnote": (p(r("Stavek"), '<w:r><w:endnoteReference w:id="2"/></w:r>', r(" z opombo.")), ["Končna opomba."], []),
    "bdo": (
        p('<w:bdo w:val="ltr">' + r("Obrnjeno.") + "</w:bdo>", '<w:dir w:val="ltr">' + r(" Smer.") + "</w:dir>"),
        ["Obrnjeno. Smer."],
        [],
    ),
    "hidden-style": (
        p('<w:r><w:rPr><w:rStyle w:val="H2"/></w:rPr><w:t>Skrito.</w:t></w:r>', r("Vidno.")),
        ["Vidno."],
        ["Skrito"],
    ),
    "open-field": (
        p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', r("Ostane.")) + p(r("Tudi to.")),
        ["Ostane.", "Tudi to."],
        [],
    ),
    "prompt": (
        p(r("Telo."))
        + "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + p(r("Kliknite za vnos."))
        + "</w:sdtContent></w:sdt>",
        ["Telo."],
        ["Kliknite"],
    ),
}
_STYLES = (
    '<w:style w:type="character" w:styleId="H1"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="H2"><w:basedOn w:val="H1"/></w:style>'
)
_CORE = (
    '<c:coreProperties xmlns:c="urn:c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Most v Kopru</dc:title>'
    "<dc:creator>Ana Zupan</dc:creator></c:coreProperties>"
)
CASES = [
    Case(name=name, file=f"{name}.docx", data=make_word(body, styles=_STYLES), has=has, lacks=lacks)
    for name, (body, has, lacks) in _BODIES.items()
] + [
    Case(
        name="other-main-part", file="a.docx", data=make_word(_FIRST, main="word/document2.xml", core=_CORE),
        has=["Prvi odstavek."], given={"title": "Most v Kopru", "author": "Ana Zupan"},
    ),
]  # fmt: skip
