r"""Rich Text files: the words that a word processor shows, in order, a paragraph a line.

The control words are followed here. Of 29 ways in which a Rich Text file holds or hides words (`benchmarks/formats.py`)
striprtf and pandoc each read 18: striprtf reads hidden and deleted words and loses text boxes and notes, pandoc does
not know code pages. The names are those of the Rich Text Format Specification 1.9.1.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rag.readers.content import Content
from rag.readers.decoding import decoded
from rag.readers.office import damage_told, joined, raised, row_lines, stated
from rag.readers.several import written
from rag.records import Document, Failure

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,40})(?P<number>-?\d{1,10})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>[\s\S])"
    r"|(?P<brace>[{}])|[\r\n\x00]+|(?P<text>[^\\{}\r\n\x00]+)|\\"
)
_DEEPEST = 2_000  # groups in groups; files have some dozen

_TEXTS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "zwj": "", "zwnj": "",
    "softline": "\n", "lbr": "\n", "column": "\n",
}  # fmt: skip
_SIGNS = {"~": "\u00a0", "_": "-", "-": "", "|": "", ":": "", "{": "{", "}": "}", "\\": "\\", "\t": "\t"}
_ENDS = frozenset({"par", "page", "sect", "nestcell", "nestrow", "softpage"})
_UNSEEN = frozenset({"v", "deleted", "strike", "striked"})
_GONE = frozenset({
    "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "info", "pict", "nonshppict", "header",
    "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "fldinst", "sp", "sn", "sv", "xe", "tc",
    "rxe", "listtext", "pntext", "pn", "nonesttables", "objdata", "objclass", "objname", "atnid", "atnauthor",
    "annotation", "private", "template", "filetbl", "revtbl", "rsidtbl", "ftnsep", "ftnsepc", "aftnsep", "aftnsepc",
    "ftncn", "aftncn", "bkmkstart", "bkmkend", "datafield", "formfield", "mmathPict", "upr", "do",
})  # fmt: skip
_KNOWN = frozenset({"shppict", "shpinst", "shptxt", "ud", "footnote", "moMath", "moMathPara", "fldinst", "dptxbxtext"})
"""Destinations that a star marks and that are read all the same, or left out by name."""

_ASIDE = frozenset({"shptxt", "footnote", "dptxbxtext"})
_CHARSETS = {
    77: "mac_roman", 78: "shift_jis", 128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_SYMBOL = 2  # letters of a symbol font: not what they look like


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What holds within a group: where words go, in which encoding, and whether they are seen."""

    place: str = "text"  # or "gone", "fonts", "title", "author"
    encoding: str | None = None  # of the font; None is that of the document's usual font
    symbols: bool = False
    fallback: int = 1  # characters after \u for programs that do not know it
    unseen: frozenset[str] = frozenset()
    high: bool = False
    starred: bool = False  # just after \*
    fresh: bool = True  # nothing but the group's beginning was read


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """Lines under way: of the text, or of a text box or note beside it."""

    lines: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    in_row: bool = False

    def end(self) -> None:
        """End a paragraph: what stands beside it follows."""
        found = ["".join(self.open), *self.after]
        (self.cell if self.in_row else self.lines).extend(found)
        self.open, self.after = [], []

    def end_cell(self) -> None:
        """End a cell of a table's row."""
        self.in_row = True
        self.end()
        self.cells.append(self.cell)
        self.cell = []

    def end_row(self) -> None:
        """End a row."""
        if self.cell or self.open:
            self.end_cell()
        self.lines += row_lines(self.cells)
        self.cells, self.in_row = [], False

    def all(self) -> list[str]:
        """Return all lines."""
        self.end_row()
        self.end()
        return self.lines


def read_rtf(content: Content) -> Iterator[Document | Failure]:
    """Yield the document of a Rich Text file.

    Raises:
        ReadError: it is damaged or without text.
    """
    with damage_told(content, "rtf"):
        walk = _Walk()
        lines = walk.read(content.data.decode("latin-1"))
        given = stated(walk.stated.get("title"), walk.stated.get("author"))
    yield from written(content, joined(lines), given)


class _Walk:
    """A walk over a file's control words."""

    def __init__(self) -> None:
        self.stated: dict[str, str] = {}
        self._state = _State()
        self._stack: list[tuple[_State, _Sheet]] = []
        self._sheet = _Sheet()
        self._encoding = "cp1252"
        self._fonts: dict[int, tuple[str | None, bool]] = {}
        self._font = 0  # of the table's entry that is read
        self._default = -1
        self._bytes = bytearray()
        self._skip = 0

    def read(self, text: str) -> list[str]:
        """Return the lines of a file."""
        at = 0
        while match := _TOKEN.match(text, at):
            at = match.end()
            kind = match.lastgroup
            if kind == "number":
                kind = "word"
            if kind == "word" and match["word"] == "bin":
                at += max(0, int(match["number"] or 0))
                continue
            if kind != "byte":
                self._flush()
            if kind == "brace":
                self._skip = 0
                (self._open if match["brace"] == "{" else self._close)()
            elif self._skip and kind is not None:
                self._passed(match, kind)
            elif kind == "word":
                self._word(match["word"], int(match["number"]) if match["number"] else None)
            elif kind == "byte":
                self._bytes.append(int(match["byte"], 16))
                self._state = replace(self._state, fresh=False) if self._state.fresh else self._state
            elif kind == "sign":
                self._sign(match["sign"])
            elif kind == "text":
                self._text(match["text"])
        self._flush()
        while self._stack:
            self._close()
        return self._sheet.all()

    def _passed(self, match: re.Match[str], kind: str) -> None:
        """Pass over what stands in place of a character for programs that do not know it."""
        if kind == "text":
            rest = match["text"][self._skip :]
            self._skip = max(0, self._skip - len(match["text"]))
            if rest:
                self._text(rest)
        elif kind == "word" and match["word"] in ("u", "uc", "par", "cell", "row"):
            self._skip = 0
            self._word(match["word"], int(match["number"]) if match["number"] else None)
        else:
            self._skip -= 1

    def _open(self) -> None:
        if len(self._stack) >= _DEEPEST:
            raise ValueError("too many groups")
        self._stack.append((self._state, self._sheet))
        self._state = replace(self._state, starred=False, fresh=True)

    def _close(self) -> None:
        if not self._stack:
            return
        sheet = self._sheet
        self._state, self._sheet = self._stack.pop()
        self._state = replace(self._state, starred=False, fresh=False)
        if sheet is not self._sheet:
            self._sheet.after += sheet.all()

    def _word(self, word: str, number: int | None) -> None:
        state = self._state
        if (state.fresh or state.starred) and self._destination(word):
            return
        if word in _TEXTS:
            self._say(_TEXTS[word])
        elif word == "u" and number is not None:
            self._say(chr(number % 65_536))
            self._skip = state.fallback
        elif word in _ENDS or word in ("cell", "row"):
            if state.place == "text" and not state.unseen:
                {"cell": self._sheet.end_cell, "row": self._sheet.end_row}.get(word, self._sheet.end)()
        else:
            self._setting(word, number)
        self._state = replace(self._state, starred=False, fresh=False)

    def _destination(self, word: str) -> bool:
        """Follow a word that says where a group's words go, and return whether it is one."""
        state = self._state
        place = state.place
        if place == "gone" and word != "ud":
            pass
        elif word == "fonttbl":
            place = "fonts"
        elif word == "info":
            place = "info"
        elif place == "info" and word in ("title", "author"):
            place = word
        elif place == "info":
            place = "gone"
        elif word in _ASIDE and place == "text":
            self._sheet = _Sheet()
        elif word == "ud":
            place = "text" if any(s.place == "text" for s, _ in self._stack[:1]) else "gone"
        elif word in _GONE or (state.starred and word not in _KNOWN and place != "fonts"):
            place = "gone"
        else:
            return False
        self._state = replace(state, place=place, starred=False, fresh=False)
        return True

    def _setting(self, word: str, number: int | None) -> None:
        state = self._state
        on = number != 0
        if word in ("ansicpg", "cpg") and number:
            if state.place == "fonts" and word == "cpg":
                self._fonts[self._font] = (_known(f"cp{number}"), False)
            elif state.place != "fonts":
                self._encoding = _known("utf-8" if number == 65_001 else f"cp{number}") or self._encoding
        elif word in ("mac", "pc", "pca"):
            self._encoding = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "f" and number is not None:
            self._font = number
            encoding, symbols = self._fonts.get(number, (None, False))
            if state.place != "fonts":
                self._state = replace(state, encoding=encoding or self._encoding, symbols=symbols)
        elif word == "deff" and number is not None:
            self._default = number
        elif word == "fcharset" and state.place == "fonts" and number is not None:
            self._fonts.setdefault(self._font, (_CHARSETS.get(number), number == _SYMBOL))
        elif word == "uc" and number is not None:
            self._state = replace(state, fallback=min(max(0, number), 8))
        elif word in _UNSEEN:
            self._state = replace(state, unseen=state.unseen | {word} if on else state.unseen - {word})
        elif word in ("super", "nosupersub", "sub"):
            self._state = replace(state, high=word == "super" and on)
        elif word == "plain":
            self._state = replace(state, unseen=frozenset(), high=False, encoding=None, symbols=False)
        elif word in ("trowd", "intbl"):
            self._sheet.in_row = state.place == "text" or self._sheet.in_row
        elif word == "pard":
            self._sheet.in_row = False

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._state = replace(self._state, starred=True)
            return
        if sign in "\r\n":
            self._word("par", None)
        elif sign in _SIGNS:
            self._say(_SIGNS[sign])

    def _text(self, text: str) -> None:
        if self._state.fresh:
            self._state = replace(self._state, fresh=False)
        if text.isascii():
            self._say(text)
        else:  # bytes beyond ASCII as they are
            self._bytes += text.encode("latin-1")
            self._flush()

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            if self._skip:
                data, self._skip = data[self._skip :], max(0, self._skip - len(data))
            if not self._state.symbols:
                usual, _ = self._fonts.get(self._default if self._state.place == "text" else -1, (None, False))
                self._say(decoded(data, self._state.encoding or usual or self._encoding, "replace"))

    def _say(self, text: str) -> None:
        state = self._state
        if state.place == "text" and not state.unseen:
            self._sheet.open.append(raised(text) if state.high else text)
        elif state.place in ("title", "author"):
            self.stated[state.place] = (self.stated.get(state.place, "") + text)[:1000]


def _known(encoding: str) -> str | None:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return None
