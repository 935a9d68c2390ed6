"""Ways in which an OpenDocument text holds and hides words."""

from __future__ import annotations

from benchmarks.cases.case import Case, zipped

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        **{name: f"{_OASIS}:{name}:1.0" for name in ("office", "text", "table", "style", "manifest")},
        "draw": f"{_OASIS}:drawing:1.0",
        "dc": "http://purl.org/dc/elements/1.1/",
        "xlink": "http://www.w3.org/1999/xlink",
    }.items()
)
_KIND = "application/vnd.oasis.opendocument.text"


def make_odt(body: str, *, manifest: str = "") -> bytes:
    """Return an OpenDocument text with a body, two styles and a page's head."""
    head = '<?xml version="1.0"?>'
    page = "<style:master-page><style:header><text:p>Glava strani</text:p></style:header></style:master-page>"
    return zipped({
        "mimetype": _KIND,
        "META-INF/manifest.xml": f"{head}<manifest:manifest {_NAMESPACES}><manifest:file-entry "
        f'manifest:full-path="/" manifest:media-type="{_KIND}"/><manifest:file-entry manifest:full-path="content.xml" '
        f'manifest:media-type="text/xml">{manifest}</manifest:file-entry></manifest:manifest>',
        "content.xml": f'{head}<office:document-content {_NAMESPACES} office:version="1.2"><office:automatic-styles>'
        f"{_STYLES}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "styles.xml": f'{head}<office:document-styles {_NAMESPACES} office:version="1.2"><office:master-styles>{page}'
        "</office:master-styles></office:document-styles>",
        "meta.xml": f"{head}<office:document-meta {_NAMESPACES}><office:meta><dc:title>Reka Mura</dc:title>"
        "</office:meta></office:document-meta>",
    })  # fmt: skip


def _p(inner: str) -> str:
    return f"<text:p>{inner}</text:p>"


_STYLES = (
    '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="S"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="X"><style:text-properties style:text-line-through-style="solid"/></style:style>'
)
_BODIES: dict[str, tuple[str, list[str], list[str]]] = {
    "deletion": (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>U</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info>'
        + _p("Izbrisani stavek.")
        + "</text:deletion></text:changed-region></text:tracked-changes>"
        + _p('Ostali <text:change text:change-id="c1"/>stavek.'),
        ["Ostali stavek."],
        ["Izbrisani", "2026-01"],
    ),
    "hidden": (
        _p('Vidno. <text:span text:style-name="H">Skrito.</text:span> Konec.'),
        ["Vidno.", "Konec."],
        ["Skrito"],
    ),
    "hiddentext": (
        _p(
            'Vidno. <text:hidden-text text:is-hidden="true" text:string-value="Skrito">Skrito</text:hidden-text> Konec.'
        ),
        ["Vidno.", "Konec."],
        ["Skrito"],
    ),
    "hiddenpara": (
        '<text:p><text:hidden-paragraph text:is-hidden="true"/>Skrit odstavek.</text:p>' + _p("Vidno."),
        ["Vidno."],
        ["Skrit"],
    ),
    "section": (
        '<text:section text:name="s" text:display="none">'
        + _p("Skrit razdelek.")
        + '</text:section><text:section text:name="t">'
        + _p("Viden razdelek.")
        + "</text:section>",
        ["Viden razdelek."],
        ["Skrit"],
    ),
    "spaces": (
        _p('Ena<text:s text:c="2"/>dve<text:tab/>tri<text:line-break/>štiri'),
        ["Ena", "dve", "štiri"],
        ["Enadve", "tri štiri", "trištiri"],
    ),
    "note": (
        _p(
            'Reka<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
            + _p("Opomba spodaj.")
            + "</text:note-body></text:note> teče."
        ),
        ["Opomba spodaj.", "teče."],
        ["Reka1", "RekaOpomba"],
    ),
    "annotation": (
        _p(
            "Stavek<office:annotation><dc:creator>U</dc:creator><dc:date>2026-01-01</dc:date>"
            + _p("Pripomba urednika")
            + "</office:annotation> gre."
        ),
        ["Stavek gre."],
        ["Pripomba"],
    ),
    "frame": (
        _p("Ob okvirju. <draw:frame><draw:text-box>" + _p("Okvir pove 412.") + "</draw:text-box></draw:frame>")
        + _p("Naprej."),
        ["Okvir pove 412.", "Naprej.", "Ob okvirju."],
        [],
    ),
    "table": (
        "<table:table><table:table-row><table:table-cell>"
        + _p("Leto")
        + "</table:table-cell><table:table-cell>"
        + _p("2024")
        + "</table:table-cell></table:table-row></table:table>",
        ["Leto", "2024"],
        ["Leto2024"],
    ),
    "nestedtable": (
        "<table:table><table:table-row><table:table-cell>"
        + _p("Zunaj")
        + '<table:table table:is-sub-table="true"><table:table-row><table:table-cell>'
        + _p("Notri")
        + "</table:table-cell></table:table-row></table:table></table:table-cell></table:table-row></table:table>",
        ["Zunaj", "Notri"],
        [],
    ),
    "covered": (
        '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2">'
        + _p("Združena")
        + "</table:table-cell><table:covered-table-cell/></table:table-row></table:table>",
        ["Združena"],
        ["twice:Združena"],
    ),
    "list": (
        "<text:list><text:list-item>"
        + _p("Prva točka")
        + "<text:list><text:list-item>"
        + _p("Podtočka")
        + "</text:list-item></text:list></text:list-item></text:list>",
        ["Prva točka", "Podtočka"],
        [],
    ),
    "link": (_p('Glej <text:a xlink:href="https://x.example">povezavo</text:a> tu.'), ["Glej povezavo tu."], []),
    "heading": ('<text:h text:outline-level="1">Mednaslov</text:h>' + _p("Telo."), ["Mednaslov", "Telo."], []),
    "super": (_p('10<text:span text:style-name="S">6</text:span> celic.'), ["celic."], ["106"]),
    "fields": (
        _p(
            'Dne <text:date text:date-value="2026-05-05">5. maja</text:date> in <text:placeholder text:placeholder-type="text">&lt;ime&gt;</text:placeholder>.'
        ),
        ["Dne 5. maja in"],
        [],
    ),
    "ins": (
        '<text:tracked-changes><text:changed-region text:id="c2"><text:insertion><office:change-info><dc:creator>U</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info></text:insertion></text:changed-region></text:tracked-changes>'
        + _p('A <text:change-start text:change-id="c2"/>vstavljeno <text:change-end text:change-id="c2"/>B.'),
        ["A vstavljeno B."],
        [],
    ),
    "toc": (
        "<text:table-of-content><text:table-of-content-source/><text:index-body>"
        + _p("Kazalo 1")
        + "</text:index-body></text:table-of-content>"
        + _p("Telo."),
        ["Telo."],
        [],
    ),
    "ruby": (
        _p("<text:ruby><text:ruby-base>Osnova</text:ruby-base><text:ruby-text>gor</text:ruby-text></text:ruby> stoji."),
        ["Osnova stoji."],
        ["Osnovagor"],
    ),
    "softbreak": (_p("Ena<text:soft-page-break/>dva."), ["Enadva."], []),
    "whitespace": (_p("Ena\n     dva."), ["Ena dva."], []),
    "header": (_p("Telo."), ["Telo."], ["Glava"]),
    "struck": (_p('Znesek je <text:span text:style-name="X">7,9</text:span>5,4 milijona.'), ["je 5,4"], ["7,9"]),
}
CASES = [
    Case(name=name, file=f"{name}.odt", data=make_odt(body), has=has, lacks=lacks, given={"title": "Reka Mura"})
    for name, (body, has, lacks) in _BODIES.items()
] + [
    Case(name="encrypted", file="a.odt", data=make_odt("", manifest="<manifest:encryption-data/>"), refused="encrypted"),
    Case(
        name="flat", file="a.fodt", has=["Ploska datoteka.", "Druga vrstica."], lacks=["Izbrisano"],
        data=f"""<?xml version="1.0"?><office:document {_NAMESPACES}><office:body><office:text>
        <text:tracked-changes><text:deletion>{_p("Izbrisano")}</text:deletion></text:tracked-changes>
        {_p("Ploska datoteka.")}{_p("Druga vrstica.")}</office:text></office:body></office:document>""".encode(),
    ),
]  # fmt: skip
