"""The columns of tables and the keys of JSON by their usual names.

Known are the exports of trafilatura, news-please, Event Registry, NewsAPI, Media Cloud, CC-News, WordPress and Solr,
and names in English, Romanian, Slovene, Croatian, German, French, Spanish, Italian and, of one word, further languages
(`columns.toml`).
"""

from __future__ import annotations

import html
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.readers.content import moment, one_line, web_address
from rag.text.language_codes import read_language
from rag.text.normalisation import fold

_NAMES: dict[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(names.split()))
    for field, names in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")).items()
}
_SAID = frozenset(_NAMES.pop("said"))
_FIELDS = {name: field for field, names in reversed(_NAMES.items()) for name in names}
_SEPARATORS = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MOST_WORDS = 6  # of a column's name
_LONGEST_NAME = 80
_REMARK = re.compile(r"[(\[,;/|].*$", re.DOTALL)
_INNER = (
    *("rendered", "name", "title", "main", "original", "text", "value", "#text", "plain", "display_name", "html"),
    *("content", "uri", "$oid", "$date", "$numberLong"),
)
_PERSON = (("firstName", "lastName"), ("firstname", "lastname"), ("first_name", "last_name"), ("given", "family"))
_WRAPPERS = ("_source", "fields", "attributes", "article", "node", "document", "doc")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_BY = re.compile(r"(?i:by|written by)\s+(?=[^\W\d_a-z])|(?i:avtor|avtorica|autor|autore|auteur|author)\s?:\s?")
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,12}")
_MOST_NAMES = 10
_SHORTER = 0.5  # of the longest text: a field that is shorter is a teaser


def key_of(name: str) -> str:
    """Return a column's name without case, marks and separators.

    Example:
        >>> key_of("Published At"), key_of("publishedAt"), key_of("Conținut")
        ('publishedat', 'publishedat', 'continut')
    """
    return _SEPARATORS.sub("", fold(name.strip("\ufeff \t")))


def find_columns(names: Sequence[str], chosen: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Return the places of the columns that hold each field, the likeliest first.

    Args:
        names: of the columns, in their order.
        chosen: columns by field that were named by whoever indexes; they go before what the names suggest.

    Raises:
        KeyError: a chosen column is not there.

    Example:
        >>> find_columns(["id", "Naslov", "Besedilo (sl)"], {})
        {'id': (0,), 'text': (2,), 'title': (1,)}
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    composed: defaultdict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        keys = {key_of(name), key_of(_REMARK.sub("", name).rstrip())}
        for key in keys:
            places[key].append(at)
        if len(name) <= _LONGEST_NAME and not keys & _FIELDS.keys() and (field := _composed(name)):
            composed[field].append(at)
    found = {
        field: tuple(dict.fromkeys([*(at for usual in usuals for at in places.get(usual, ())), *composed[field]]))
        for field, usuals in _NAMES.items()
    }
    for field, name in chosen.items():
        exact = tuple(at for at, other in enumerate(names) if other.strip() == name) or tuple(
            places.get(key_of(name), ())
        )
        if not exact:
            raise KeyError(name)
        found[field] = exact
        if field == "text":
            found["summary"] = ()
    return {field: columns for field, columns in found.items() if columns}


@lru_cache(4096)
def _composed(name: str) -> str | None:
    """Return the field of a name of several words, where all words that say anything are names of that field.

    Example:
        >>> _composed("Text des Artikels"), _composed("author_name"), _composed("text_length"), _composed("article id")
        ('text', 'author', None, 'id')
    """
    words = [fold(word) for word in _WORDS.findall(_CAMEL.sub(" ", _REMARK.sub("", name)))]
    telling = [word for word in words if word not in _SAID]
    fields = {_FIELDS.get(word) for word in telling}
    return fields.pop() if 1 < len(words) <= _MOST_WORDS and len(fields) == 1 else None


def unwrapped(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row of JSON whose fields may lie in an object of its own, as search engines give them."""
    for name in _WRAPPERS:
        inner = row.get(name)
        if isinstance(inner, dict) and any(key_of(key) in _NAMES["text"] for key in inner):
            return {**{key: value for key, value in row.items() if key != name}, **inner}
    return row


def read_text(values: Mapping[str, Sequence[Any]]) -> str:
    """Return the text of a row: of several fields the first that is filled and no teaser; HTML as its lines."""
    texts = [text for value in values.get("text", ()) if (text := _text(value)).strip()]
    if not texts:
        texts = [text for value in values.get("summary", ()) if (text := _text(value)).strip()]
    longest = max((len(text) for text in texts), default=0)
    return next((text for text in texts if len(text) >= _SHORTER * longest), "")


def read_metadata(values: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return what the other fields of a row state."""
    address = next((found for value in values.get("url", ()) if (found := web_address(_plain(value)))), None)
    language = next((code for v in values.get("language", ()) if (code := read_language(one_line(_plain(v))))), None)
    published = (moment(_dated(value), language) for value in values.get("published", ()))
    modified = (moment(_dated(value), language) for value in values.get("modified", ()))
    return {
        "title": next((title for v in values.get("title", ()) if (title := one_line(_unescaped(_plain(v)), 500))), ""),
        "outlet": _outlet(values.get("outlet", ())),
        "author": next((names for value in values.get("author", ()) if (names := _names(value))), ""),
        "published": next((found for found in published if found), None),
        "modified": next((found for found in modified if found), None),
        "language": language,
        "source": address,
    }


def read_key(values: Mapping[str, Sequence[Any]], longest: int) -> str:
    """Return the key that a row states, or nothing."""
    for value in values.get("id", ()):
        value = _plain(value) if isinstance(value, dict) else value
        if isinstance(value, str | int) and (key := one_line(value, longest)):
            return key
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
    return ""


def _dated(value: Any) -> Any:
    """Return a date that databases wrap in an object."""
    return _plain(value) if isinstance(value, dict) else value


def _plain(value: Any) -> str:
    """Return a value as words: of an object its name, of a list its parts."""
    if isinstance(value, dict):
        told = next((_plain(value[name]) for name in _INNER if value.get(name)), "")
        person = (" ".join(_plain(value.get(part)) for part in parts).strip() for parts in _PERSON)
        return told or next((name for name in person if name), "")
    if isinstance(value, list):
        return "\n".join(part for item in value if (part := _plain(item)))
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) and value == value else ""


def _text(value: Any) -> str:
    from rag.readers.flow import holds_markup, html_lines

    text = value if isinstance(value, str) else _plain(value) if isinstance(value, dict | list) else ""
    if "<" in text or "&" in text:
        if holds_markup(text):
            return "\n".join(html_lines(text))
        text = _unescaped(text)
        if holds_markup(text):  # escaped whole, as in feeds
            return "\n".join(html_lines(text))
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text) if "&" in text else text


def _outlet(values: Sequence[Any]) -> str:
    """Return an outlet's name; its host only where there is no name."""
    names = [name for value in values if (name := one_line(_unescaped(_plain(value)))) and not web_address(name)]
    return next((name for name in names if not _HOST.fullmatch(name.lower())), names[0] if names else "")


def _names(value: Any) -> str:
    if isinstance(value, str) and value[:1] == "[" and value.rstrip()[-1:] == "]":  # a list that a table holds as text
        value = [part.strip(" '\"") for part in value.strip("[] \n").split(",")]
    names = value if isinstance(value, list) else value.split(";") if isinstance(value, str) else [value]
    found = [_BY.sub("", one_line(_unescaped(_plain(name)))) for name in names[:_MOST_NAMES]]
    return ", ".join(name for name in found if name and not (name.isdigit() or web_address(name)))
