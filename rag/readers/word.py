"""Word files: the words that Word shows, in order, a paragraph a line.

The XML is walked here. Of 32 ways in which a Word file holds or hides words (`benchmarks/formats.py`), pandoc and
mammoth read 23, docx2python 22 and python-docx 11: none of them all of text boxes, fields, moves and hidden words.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.readers.content import Content
from rag.readers.office import DC, attribute, damage_told, joined, local, parse_xml, raised, row_lines, stated
from rag.readers.several import written
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document, Failure

_INSIDE = frozenset(
    {
        "sdtContent",
        "customXml",
        "ins",
        "moveTo",
        "smartTag",
        "hyperlink",
        "fldSimple",
        "bdo",
        "dir",
        "oMath",
        "oMathPara",
    }
)
"""Elements around words and blocks that do not change what they say."""

_GONE = frozenset({"del", "moveFrom", "delText", "instrText", "rPr", "pPr", "sdtPr", "sdtEndPr", "rt", "comment"})
_OFF = frozenset({"0", "false", "off", "none"})
_NOTES = {"footnoteReference": "footnote", "endnoteReference": "endnote"}
_DRAWN = frozenset({"drawing", "pict", "object"})
_SYMBOLS = range(0xF000, 0x10000)  # letters of a symbol font: not what they look like


@dataclass(slots=True, kw_only=True)
class _Package:
    """The parts of a Word file that hold words, and the state of a walk through them."""

    notes: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    others: Mapping[str, list[str]] = field(default_factory=dict)
    """The lines of parts that a relation of the text names: diagrams, and other formats that are held as they are."""
    fields: list[bool] = field(default_factory=list)
    """Of each field that is open, whether its result has begun; before that stands what computes it."""


def read_docx(content: Content) -> Iterator[Document | Failure]:
    """Yield the document of a Word file: its paragraphs, tables, text boxes and notes in order.

    Tracked insertions are read and deletions are not. Words that are hidden or struck through are left out, and so are
    comments, heads and feet of pages.

    Raises:
        ReadError: it is damaged, hostile or without text.
    """
    with damage_told(content, "docx"), opened(content) as archive:
        names = frozenset(archive.namelist())
        for name in names:  # so that no member is larger than it says
            member_bytes(content, archive, name)
        main = _target(content, archive, names)
        body = parse_xml(member_bytes(content, archive, main))
        core = "docProps/core.xml"
        meta = parse_xml(member_bytes(content, archive, core)) if core in names else body
        package = _package(content, archive, names, main)
        lines = _lines(body, package)
        if package.fields:  # one that never ends would take the rest of the text for what computes it
            lines = _lines(body, _package(content, archive, names, main, fields=False))
        given = stated(meta.findtext(f".//{DC}title"), meta.findtext(f".//{DC}creator"))
    yield from written(content, joined(lines), given)


def _target(content: Content, archive: Any, names: frozenset[str]) -> str:
    """Return the part that holds the text: most programs call it word/document.xml."""
    if "_rels/.rels" in names:
        for relation in parse_xml(member_bytes(content, archive, "_rels/.rels")):
            target = (relation.get("Target") or "").lstrip("/")
            if (relation.get("Type") or "").endswith("/officeDocument") and target in names:
                return target
    return "word/document.xml"


def _package(content: Content, archive: Any, names: frozenset[str], main: str, *, fields: bool = True) -> _Package:
    folder = posixpath.dirname(main)
    relations = f"{folder}/_rels/{posixpath.basename(main)}.rels"
    notes: dict[tuple[str, str], Any] = {}
    others: dict[str, list[str]] = {}
    unseen: frozenset[str] = frozenset()
    for relation in parse_xml(member_bytes(content, archive, relations)) if relations in names else ():
        name = posixpath.normpath(posixpath.join(folder, relation.get("Target") or "")).lstrip("/")
        kind = (relation.get("Type") or "").rpartition("/")[2]
        if name not in names:
            continue
        if kind in ("footnotes", "endnotes"):
            for note in parse_xml(member_bytes(content, archive, name)):
                notes[kind[:-1], attribute(note, "id") or ""] = note
        elif kind == "styles":
            unseen = _unseen_styles(parse_xml(member_bytes(content, archive, name)))
        elif kind == "diagramData":
            others[relation.get("Id") or ""] = _drawn_lines(parse_xml(member_bytes(content, archive, name)))
        elif kind == "aFChunk":
            others[relation.get("Id") or ""] = _embedded(content, name, member_bytes(content, archive, name))
    package = _Package(notes=notes, unseen=unseen, others=others)
    if not fields:
        package.fields = _Ignored()
    return package


class _Ignored(list[bool]):
    """Fields that nobody counts."""

    def append(self, value: bool) -> None:
        """Leave a field out of account."""


def _embedded(content: Content, name: str, data: bytes) -> list[str]:
    """Return the lines of a part in another format: a page or a document that was pasted whole."""
    from rag.readers import read_content

    if content.depth > 2 or not data:
        return []
    parts = read_content(content.part(name, data, posixpath.splitext(name)[1]))
    return [line for part in parts if isinstance(part, Document) for line in part.text.split("\n")]


def _drawn_lines(root: Any) -> list[str]:
    paragraphs = [element for element in root.iter() if local(element) == "p"]
    return ["".join(e.text or "" for e in paragraph.iter() if local(e) == "t") for paragraph in paragraphs]


def _unseen_styles(root: Any) -> frozenset[str]:
    """Return the styles whose words are hidden or struck through, also by the style that they are based on."""
    own: dict[str, bool | None] = {}
    based: dict[str, str] = {}
    for style in root:
        key = attribute(style, "styleId")
        if local(style) != "style" or key is None:
            continue
        own[key] = next((_is_unseen(e) for e in style if local(e) == "rPr"), None)
        based[key] = next((attribute(e, "val") or "" for e in style if local(e) == "basedOn"), "")
    unseen = set()
    for key in own:
        at, steps = key, 0
        while own.get(at) is None and based.get(at) and steps < 20:
            at, steps = based[at], steps + 1
        if own.get(at):
            unseen.add(key)
    return frozenset(unseen)


def _is_unseen(properties: Any) -> bool | None:
    """Return whether properties of a run hide or strike its words, or None where they do not say."""
    said = [
        (attribute(e, "val") or "true").lower() not in _OFF
        for e in properties
        if local(e) in ("vanish", "specVanish", "strike", "dstrike")
    ]
    return any(said) if said else None


def _lines(parent: Any, package: _Package) -> list[str]:
    """Return the lines of blocks: paragraphs, tables, and what stands around them."""
    lines: list[str] = []
    begun = ""  # a paragraph whose mark was deleted goes on in the next one
    for child in parent:
        name = local(child)
        if name == "p":
            text, after = _paragraph(child, package)
            if _mark_gone(child):
                begun += text
                lines += after
                continue
            lines += [begun + text, *after]
            begun = ""
        elif name == "tbl":
            lines += [line for row in _inside(child, "tr") for line in _row(row, package)]
        elif name == "sdt":
            lines += _lines(child, package) if not _is_prompt(child) else []
        elif name in _INSIDE or name == "body":
            lines += _lines(child, package)
        elif name == "altChunk":
            lines += package.others.get(attribute(child, "id") or "", [])
        elif name in ("r", "AlternateContent"):  # beside paragraphs, where no program should put it
            text, after = _words([child], package)
            lines += [text, *after]
    return [*lines, begun]


def _inside(parent: Any, wanted: str) -> Iterator[Any]:
    """Yield rows of a table or cells of a row, also those within a content control."""
    for child in parent:
        name = local(child)
        if name == wanted:
            yield child
        elif name == "sdt" or name in _INSIDE:
            yield from _inside(child, wanted)


def _row(row: Any, package: _Package) -> list[str]:
    properties = next((e for e in row if local(e) == "trPr"), ())
    if any(local(e) == "del" for e in properties):
        return []
    cells = [_lines(cell, package) for cell in _inside(row, "tc") if not _goes_on(cell)]
    return row_lines([[line for line in cell if line.strip()] for cell in cells])


def _goes_on(cell: Any) -> bool:
    """Return whether a cell is part of the merged one above it or to its left."""
    properties = next((e for e in cell if local(e) == "tcPr"), ())
    return any(local(e) in ("vMerge", "hMerge") and attribute(e, "val") in (None, "continue") for e in properties)


def _is_prompt(control: Any) -> bool:
    """Return whether a content control shows nothing but its prompt ("Click here to enter text")."""
    properties = next((e for e in control if local(e) == "sdtPr"), ())
    return any(local(e) == "showingPlcHdr" and attribute(e, "val") not in _OFF for e in properties)


def _mark_gone(paragraph: Any) -> bool:
    properties = next((e for e in paragraph if local(e) == "pPr"), ())
    runs = next((e for e in properties if local(e) == "rPr"), ())
    return any(local(e) in ("del", "moveFrom") for e in runs)


def _paragraph(paragraph: Any, package: _Package) -> tuple[str, list[str]]:
    """Return a paragraph's words, and the lines that follow it: of text boxes in it and of notes to it."""
    properties = next((e for e in paragraph if local(e) == "pPr"), ())
    style = next((attribute(e, "val") for e in properties if local(e) == "pStyle"), None)
    return _words(paragraph, package, hidden=style in package.unseen)


def _words(parent: Any, package: _Package, *, hidden: bool = False) -> tuple[str, list[str]]:
    words: list[str] = []
    after: list[str] = []
    for child in parent:
        name = local(child)
        if name == "r":
            text, more = _run(child, package, hidden=hidden)
        elif name == "sdt":
            text, more = _words(child, package, hidden=hidden) if not _is_prompt(child) else ("", [])
        elif name == "AlternateContent":
            text, more = _alternative(child, package, hidden=hidden)
        elif name in _GONE:
            continue
        elif name in _INSIDE:
            text, more = _words(child, package, hidden=hidden)
        elif name == "t":
            text, more = child.text or "", []
        elif name in _DRAWN:
            text, more = "", _boxes(child, package)
        elif name == "p":
            text, more = "", _lines([child], package)
        elif name == "sup":
            text, more = _words(child, package, hidden=hidden)
            text = raised(text)
        else:  # of formulas: fractions, roots
            text, more = _words(child, package, hidden=hidden) if len(child) else (_sign(name, child), [])
        words.append(text)
        after += more
    return "".join(words), after


def _run(run: Any, package: _Package, *, hidden: bool) -> tuple[str, list[str]]:
    properties = next((e for e in run if local(e) == "rPr"), ())
    style = next((attribute(e, "val") for e in properties if local(e) == "rStyle"), None)
    said = _is_unseen(properties)
    unseen = said if said is not None else hidden or style in package.unseen
    high = any(local(e) == "vertAlign" and attribute(e, "val") == "superscript" for e in properties)
    words: list[str] = []
    after: list[str] = []
    for child in run:
        name = local(child)
        if name == "fldChar":
            _follow(attribute(child, "fldCharType"), package.fields)
        elif name in _GONE:
            continue
        elif name in _DRAWN:
            after += _boxes(child, package)
        elif name == "AlternateContent":
            text, more = _alternative(child, package, hidden=unseen)
            words.append(text)
            after += more
        elif unseen or not all(package.fields):
            continue
        elif name == "t":
            words.append(raised(child.text or "") if high else child.text or "")
        elif name in _NOTES:
            note = package.notes.get((_NOTES[name], attribute(child, "id") or ""))
            after += _lines(note, package) if note is not None else []
        elif name == "ruby":
            words += [_words(base, package)[0] for base in child if local(base) == "rubyBase"]
        else:
            words.append(_sign(name, child))
    return "".join(words), after


def _sign(name: str, element: Any) -> str:
    if name in ("tab", "ptab"):
        return "\t"
    if name in ("br", "cr"):
        return "\n"
    if name == "noBreakHyphen":
        return "-"
    if name == "sym":
        code = int(attribute(element, "char") or "0", 16)
        return chr(code) if code not in _SYMBOLS and 0x20 <= code < 0xD800 else ""
    return ""


def _follow(kind: str | None, fields: list[bool]) -> None:
    if kind == "begin":
        fields.append(False)
    elif kind == "separate" and fields:
        fields[-1] = True
    elif kind == "end" and fields:
        fields.pop()


def _alternative(element: Any, package: _Package, *, hidden: bool) -> tuple[str, list[str]]:
    """Return what one of several ways to say the same thing says: the first that says anything."""
    for name in ("Choice", "Fallback"):
        for way in element:
            if local(way) == name:
                text, after = _words(way, package, hidden=hidden)
                if text.strip() or any(line.strip() for line in after):
                    return text, after
    return "", []


def _boxes(element: Any, package: _Package) -> list[str]:
    """Return the lines of the text boxes and diagrams in a drawing."""
    lines: list[str] = []
    for child in element:
        name = local(child)
        if name == "txbxContent":
            lines += _lines(child, package)
        elif name == "AlternateContent":
            lines += _alternative(child, package, hidden=False)[1]
        elif name == "relIds":
            lines += package.others.get(attribute(child, "dm") or "", [])
        else:
            lines += _boxes(child, package)
    return lines
