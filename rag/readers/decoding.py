"""From bytes to text: byte order marks, UTF-8, UTF-16 without a mark, and the old 8-bit encodings.

charset-normalizer knows the encodings but guesses badly between windows-1250 and windows-1252 on a short article:
most bytes decode to letters in both. The language decides: it is plain from the ASCII letters alone, and only one
encoding gives the letters that this language uses.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from rag.errors import ReadError
from rag.text.languages import identify_language

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"%PDF-", "pdf"), (b"PK\x03\x04", "zip"), (b"\x1f\x8b", "gzip"), (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"{\\rtf", "rtf"), (b"\xd0\xcf\x11\xe0", "old_office"),
    (b"\x7fELF", "program"), (b"SQLite format 3", "database"),
)  # fmt: skip
_LEGACY = (
    *("windows-1250", "windows-1252", "iso8859-2", "iso8859-16", "iso8859-15", "windows-1254", "windows-1257"),
    *("mac-latin2", "mac-roman", "cp852", "cp850"),
)  # the first of equals wins: the order is how common they are
_SPECIAL_LETTERS = {
    "ro": "ăâîșțşţ", "sl": "čšž", "hr": "čćđšž", "bs": "čćđšž", "de": "äöüß", "fr": "àâæçéèêëîïôœùûüÿ",
    "it": "àèéìíòóùú", "es": "áéíñóúü¿¡", "pt": "áâãàçéêíóôõú", "ca": "àçéèíïóòúü·", "nl": "éëèïóöü", "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž", "sk": "áäčďéíĺľňóôŕšťúýž", "hu": "áéíóöőúüű", "da": "æøåé", "nb": "æøåéòô", "sv": "åäöé",
    "fi": "äöåšž", "is": "áðéíóúýþæö", "et": "äõöüšž", "lv": "āčēģīķļņšūž", "lt": "ąčęėįšųūž", "tr": "çğıöşüâİ",
    "sq": "çë", "en": "éèêïöüñç",
}  # fmt: skip
_CENTRAL_EUROPEAN = frozenset(("ro", "sl", "hr", "bs", "sr", "cs", "sk", "pl", "hu", "sq"))
_PUNCTUATION = "„“”‚‘’«»‹›–—…•§°€£©®·×\u00a0\u00ad"
_BEYOND = re.compile(r"[^\x00-\x7f]+")
_LOST = "\ufffd"
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # in windows-1252
_SAMPLE = 20_000
_TAGS = re.compile("<[^<>]{0,2000}>")
_QUOTING = re.compile("[–—‘’‚“”„…«»‹›]*")
_LEAST_TWICE = 3  # runs of letters beyond ASCII that show that a text was encoded twice
_SOME = 0.4  # pairs for each run, so that the runs are looked at one by one
_MOST_TWICE = 0.8  # share of such runs
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")


_used: ContextVar[dict[str, None] | None] = ContextVar("used", default=None)


@contextmanager
def encodings_used() -> Iterator[dict[str, None]]:
    """Collect the names of the encodings in which bytes are read within this context, in their order."""
    names: dict[str, None] = {}
    token = _used.set(names)
    try:
        yield names
    finally:
        _used.reset(token)


def note_encoding(name: str) -> None:
    """Tell the context in which a file is read that bytes of it were read in an encoding."""
    if (names := _used.get()) is not None:
        names[name] = None


def decoded(data: bytes, encoding: str, errors: str = "strict") -> str:
    """Return the text of bytes in an encoding, and note its name.

    Raises:
        LookupError: there is no such encoding.
        UnicodeDecodeError: the bytes are not in it.
    """
    text = data.decode(encoding, errors)
    note_encoding(codecs.lookup(encoding).name.removesuffix("-sig").replace("cp125", "windows-125"))
    return text


def decode(data: bytes, name: str) -> str:
    """Return the text of a file's bytes, without its byte order mark and with its line ends as they are.

    Raises:
        ReadError: the bytes are no text; `name` is what the error calls them.
    """
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise ReadError("file_not_text", name=name, kind=kind)
    text = _decode(data, name)
    if "\x00" in text:
        raise ReadError("file_binary", name=name, offset=text.index("\x00"))
    return text


def _decode(data: bytes, name: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return once_encoded(decoded(data, encoding))
            except UnicodeDecodeError as error:
                raise _damaged(name, encoding.removesuffix("-sig"), error) from None
    if b"\x00" in data and (wide := wide_encoding(data)):
        try:
            return decoded(data, wide)
        except UnicodeDecodeError as error:
            raise _damaged(name, wide, error) from None
    try:
        return once_encoded(decoded(data, "utf-8"))
    except UnicodeDecodeError as error:
        if is_mostly_utf8(data):
            raise _damaged(name, "utf-8", error) from None
    if b"\x00" in data:
        raise ReadError("file_binary", name=name, offset=data.index(0))
    return decode_legacy(data, name, data)


def once_encoded(text: str) -> str:
    r"""Return a text that was encoded in UTF-8 twice as it was before, any other as it is.

    Such text has pairs of letters that no language writes: a lead byte of UTF-8 and those that follow it, each read as
    a letter of windows-1252 or windows-1250. Where nearly all runs of letters beyond ASCII are such, they are undone;
    a capital before a quotation mark proves nothing.

    Example:
        >>> once_encoded("Å¡ola, Å¾upan, Ä\x8das, mreÅ¾a"), once_encoded("CAFÉ’S, É”, Ä“, Ñ”")
        ('šola, župan, čas, mreža', 'CAFÉ’S, É”, Ä“, Ñ”')
    """
    for pattern, back in _TWICE if not text.isascii() else ():
        pairs = len(pattern.findall(text))
        if not pairs or pairs < _SOME * len(_BEYOND.findall(text)):
            continue
        runs = Counter(_BEYOND.findall(text))
        undone = {run: told for run in runs if (told := _undone(run, back)) is not None}
        if _LOST in text and undone:
            undone |= _guessed(text, runs, back)
        sure = [run for run in undone if not _QUOTING.fullmatch(run[1:])]
        count = sum(runs[run] for run in undone)
        if len(sure) >= _LEAST_TWICE - 1 and count >= max(_LEAST_TWICE, _MOST_TWICE * runs.total()):
            note_encoding("encoded twice")
            return _replaced(text, undone)
    return text


def _replaced(text: str, undone: Mapping[str, str]) -> str:
    return _BEYOND.sub(lambda match: undone.get(match.group(), match.group()), text)


def _undone(run: str, back: Mapping[int, int]) -> str | None:
    try:
        return bytes(back[ord(letter)] for letter in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def _guessed(text: str, runs: Iterable[str], back: Mapping[int, int]) -> dict[str, str]:
    """Return the runs in which a byte was lost as well, where the language has one letter only that it can have been.

    Windows-1252 has no letter for five bytes, which programs then write as U+FFFD: "Ä\ufffd" is č in Slovene.
    """
    language = _language(_TAGS.sub(" ", text[:_SAMPLE]).encode("ascii", "ignore"))
    letters = set(_SPECIAL_LETTERS.get(language or "", ""))
    found: dict[str, str] = {}
    for run in runs:
        if run.count(_LOST) == 1 and run != _LOST:
            told = {_undone(run, {**back, ord(_LOST): byte}) for byte in _UNDEFINED}
            own = [word for word in told if word and all(letter.lower() in letters for letter in word)]
            if len(own) == 1:
                found[run] = own[0]
    return found


def _table(encoding: str) -> tuple[re.Pattern[str], Mapping[int, int]]:
    """Return an expression for bytes of UTF-8 that were read in an encoding, and the byte of each letter."""
    letters = [bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in range(0x80, 0x100)]
    lead, further = "".join(letters[0x42:0x75]), "".join(letters[:0x40])
    return re.compile(f"[{re.escape(lead)}][{re.escape(further)}]"), {ord(x): 0x80 + n for n, x in enumerate(letters)}


def _damaged(name: str, encoding: str, error: UnicodeDecodeError) -> ReadError:
    return ReadError("file_encoding_damaged", name=name, encoding=encoding.upper(), offset=error.start)


def wide_encoding(data: bytes) -> str | None:
    """Return UTF-16's byte order where every other byte of mostly Latin text is a NUL."""
    sample = data[:4000]
    if len(data) % 2 == 0 and len(sample) >= 4:
        even, odd = sample[0::2].count(0) / len(sample[0::2]), sample[1::2].count(0) / len(sample[1::2])
        if odd > 0.6 and even < 0.1:
            return "utf-16-le"
        if even > 0.6 and odd < 0.1:
            return "utf-16-be"
    return None


def is_mostly_utf8(data: bytes) -> bool:
    """Say whether the bytes beyond ASCII are valid UTF-8 far more often than by chance: then one place is damaged."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(not c.isascii() for c in text) - broken >= 4 * broken


def is_central_european(sample: bytes) -> bool:
    """Return whether 8-bit text is in a language whose letters windows-1252 lacks, by its ASCII letters."""
    return _language(sample) in _CENTRAL_EUROPEAN


def _language(sample: bytes) -> str | None:
    return identify_language(re.sub(rb"[\x80-\xff]", b"", sample[:20_000]).decode("ascii"))


def decode_legacy(data: bytes, name: str, sample: bytes) -> str:
    """Decode 8-bit text, by the letters of its language where that can be told, else by charset-normalizer.

    `sample` is the same without markup, from which the language is told.

    Raises:
        ReadError: no encoding gives text.
    """
    language = _language(sample)
    best: tuple[float, str] | None = None
    for encoding in _LEGACY if language in _SPECIAL_LETTERS else ():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        expected = set(_SPECIAL_LETTERS[language or ""] + _PUNCTUATION)
        beyond = [c for c in text if not c.isascii()]
        share = sum(c.lower() in expected for c in beyond) / len(beyond)
        if (best is None or share > best[0]) and not _CONTROL.search(text):  # the first of equals: the commonest
            best = (share, encoding)
    if best is not None and best[0] >= 0.8:
        return decoded(data, best[1])
    from charset_normalizer import from_bytes

    match = from_bytes(data).best()
    if match is None or _CONTROL.search(str(match)):
        raise ReadError("file_encoding_unknown", name=name)
    note_encoding(match.encoding)
    return str(match)


_TWICE = (_table("windows-1252"), _table("windows-1250"))
