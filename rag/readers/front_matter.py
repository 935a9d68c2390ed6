"""What stands in front of a text about it: YAML, TOML, the title lines of pandoc, or labels with values.

YAML is PyYAML's and TOML the standard library's; names of fields are those of columns (`columns.py`). What is read here
is masked: it tells of the article, and is not part of it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.readers.columns import find_columns, read_metadata

_MOST = 20_000  # characters; real ones have some hundred
_YAML = re.compile(r"---[ \t]*\r?\n(?P<inner>.*?)(?:\r?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(?P<inner>.*?)(?:\r?\n)\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_PANDOC = re.compile(r"%[ \t]+(?P<title>\S[^\n]*)\n(?:%[ \t]*(?P<author>[^\n]*)\n(?:%[ \t]*(?P<date>[^\n]*)\n)?)?")
_LABELLED = re.compile(r"(?:#\+)?(?P<key>[^\W\d_][\w \-]{1,30}?)[ \t]*:[ \t]*(?P<value>[^\r\n]*)\r?(?:\n|\Z)")
_RULE = re.compile(r"-{3,}[ \t]*\r?(?:\n|\Z)")
_BLANK = re.compile(r"[ \t]*\r?(?:\n|\Z)")
_LINK = re.compile(r"^\[\[(?:[^\]|]*\|)?([^\]]+)\]\]$")
_MOST_LABELS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What stands in front of a text: where it ends, and what it states; `source` is the article's address."""

    end: int
    given: Mapping[str, Any]
    source: str | None


def read_front_matter(text: str) -> FrontMatter | None:
    r"""Return what stands in front of a text, or None where the text begins at once.

    Example:
        >>> found = read_front_matter("---\ntitle: \"Most: 14 milijonov\"\nauthor: Ana Zupan\n---\nGradnja ...")
        >>> found.given["title"], found.given["author"]
        ('Most: 14 milijonov', 'Ana Zupan')
    """
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    head = text[start : start + _MOST]
    if match := _YAML.match(head):
        values = _yaml(match.group("inner"))
    elif match := _TOML.match(head):
        values = _toml(match.group("inner"))
    elif head.startswith("{") and (told := _json(head)):
        return _found(told[0], start + told[1]) if "title" in find_columns(list(told[0]), {}) else None
    elif match := _PANDOC.match(head):
        authors = [name.strip() for name in (match.group("author") or "").split(";") if name.strip()]
        values = {"title": match.group("title"), "author": authors, "date": match.group("date") or ""}
    else:
        return _labels(head, start)
    if not values:
        return None
    return _found(values, start + match.end())


def _yaml(inner: str) -> dict[str, Any]:
    """Return the values of a header in YAML as texts; of one that is no YAML, those of its plain lines."""
    import yaml

    try:
        found = yaml.load(inner, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        found = {m.group("key"): m.group("value").strip(" '\"") for m in _LABELLED.finditer(inner)}
    return found if isinstance(found, dict) else {}


def _json(head: str) -> tuple[dict[str, Any], int] | None:
    """Return the values of a header in JSON, as Hugo takes it, and where it ends: words follow after a line's end."""
    try:
        found, end = json.JSONDecoder().raw_decode(head)
    except (ValueError, RecursionError):
        return None
    return (found, end) if isinstance(found, dict) and head[end : end + 2].strip(" \r\t")[:1] == "\n" else None


def _toml(inner: str) -> dict[str, Any]:
    try:
        return tomllib.loads(inner)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _labels(head: str, start: int) -> FrontMatter | None:
    """Return labels with values at the top, all of them known, the title among them, and a rule or blank line after."""
    values: dict[str, str] = {}
    at = 0
    while len(values) < _MOST_LABELS and (match := _LABELLED.match(head, at)):
        values.setdefault(match.group("key"), match.group("value").strip())
        at = match.end()
    rule = _RULE.match(head, at)
    if len(values) < 2 or not (rule or _BLANK.match(head, at)):
        return None
    known = find_columns(list(values), {})
    told = {at for field, places in known.items() if field not in ("text", "summary", "id") for at in places}
    if "title" not in known or (len(told) < len(values) and not rule) or len(told) < 2:
        return None
    return _found(values, start + (rule.end() if rule else at))


def _found(values: Mapping[str, Any], end: int) -> FrontMatter:
    names = [str(name) for name in values]
    cleaned = [_unlinked(value) for value in values.values()]
    columns = {field: places for field, places in find_columns(names, {}).items() if field not in ("text", "summary")}
    fields = {field: [cleaned[at] for at in places if cleaned[at]] for field, places in columns.items()}
    given = read_metadata(fields)
    source = given.pop("source")
    return FrontMatter(end=end, given=given, source=source)


def _unlinked(value: Any) -> Any:
    """Return a value without the marks of a link to a note: "[[Ana Zupan]]"."""
    if isinstance(value, list):
        return [_unlinked(item) for item in value]
    if isinstance(value, str) and (match := _LINK.match(value.strip())):
        return match.group(1)
    return value
