"""Metadata that a person corrects: checked before it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypedDict

from rag.errors import QueryError
from rag.records import CORRECTABLE

_LONGEST = {"title": 500, "outlet": 200, "author": 200}  # characters


class Corrected(TypedDict, total=False):
    """What can be corrected of a document; see `rag.index.Index.correct`."""

    title: str | None
    outlet: str | None
    author: str | None
    published: date | datetime | None


def checked(values: Corrected) -> Mapping[str, str | date | datetime | None]:
    """Return corrections on one line each, with nothing for what is blank.

    Raises:
        QueryError: a value cannot be used, or nothing is corrected.
    """
    if not values:
        raise QueryError("correction_empty", names=", ".join(CORRECTABLE))
    found: dict[str, str | date | datetime | None] = {}
    for name, value in values.items():
        if name not in CORRECTABLE:
            raise QueryError("correction_unknown", name=name, names=", ".join(CORRECTABLE))
        if name == "published":
            if value is not None and not isinstance(value, date):
                raise QueryError("correction_no_date", value=str(value)[:40])
            found[name] = value
            continue
        text = " ".join(str(value or "").split())
        if len(text) > _LONGEST[name]:
            raise QueryError("correction_too_long", name=name, size=len(text), limit=_LONGEST[name])
        if not text.isprintable():
            raise QueryError("correction_unprintable", name=name)
        found[name] = text or (None if name != "title" else "")
    return found
