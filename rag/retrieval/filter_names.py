"""Filters as people write them, made those of the index: what the index does not know is an error, never "nothing".

A language may be a tag, a code of three letters or a name, and several may stand in one value; an outlet's case and
marks do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from rag.errors import QueryError
from rag.records import Filters
from rag.store.view import View
from rag.text.language_codes import read_language
from rag.text.normalisation import fold

_SHOWN = 5  # names in a message
_MOST_NAMES = 20_000  # that are compared with one which is not there
_ALIKE = 0.5


def resolve_filters(filters: Filters, view: View) -> Filters:
    """Return filters with the names that the index has.

    Raises:
        QueryError: a language, an outlet or a document is not in the index; the message has the nearest names.
    """
    if not (filters.languages or filters.outlets or filters.documents) or not view.count():
        return filters
    return replace(
        filters,
        languages=_languages(filters.languages, view.language_names()) if filters.languages else filters.languages,
        outlets=_outlets(filters.outlets, view.outlet_names()) if filters.outlets else filters.outlets,
        documents=_documents(filters.documents, view) if filters.documents else filters.documents,
    )


def _languages(written: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for value in written:
        for part in re.split(r"[,;\s]+", value.strip()) if value.strip() not in known else [value.strip()]:
            code = part if part in known else read_language(part)
            if code is None or code not in known:
                raise QueryError("filter_language_unknown", language=repr(part), known=_shown(known))
            found.add(code)
    return frozenset(found)


def _outlets(written: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    folded: dict[str, set[str]] = {}
    for name in known:
        folded.setdefault(_key(name), set()).add(name)
    found: set[str] = set()
    for value in written:
        if value in known:
            found.add(value)
        elif _key(value) in folded:
            found |= folded[_key(value)]
        else:
            near = [min(folded[key]) for key in _near(_key(value), folded)]
            raise QueryError("filter_outlet_unknown", outlet=repr(value), hint=_hint(near), names=_names(near, known))
    return frozenset(found)


def _documents(written: Iterable[str], view: View) -> frozenset[str]:
    wanted = frozenset(written)
    present = view.present(wanted)
    for value in sorted(wanted - set(present)):
        ids = [document.id for document in view.list_documents(0, _MOST_NAMES)]
        near = _near(value, ids)
        raise QueryError(
            "filter_document_unknown", document=repr(value), hint=_hint(near), names=_names(near, frozenset(ids))
        )
    return wanted


def _key(name: str) -> str:
    return " ".join(fold(name).split())


def _near(value: str, names: Iterable[str]) -> list[str]:
    return get_close_matches(value, list(names)[:_MOST_NAMES], n=_SHOWN, cutoff=_ALIKE)


def _hint(near: list[str]) -> str:
    return "near" if near else "known"


def _names(near: list[str], known: frozenset[str]) -> str:
    return ", ".join(map(repr, near)) if near else _shown(known)


def _shown(names: frozenset[str]) -> str:
    shown = ", ".join(repr(name) for name in sorted(names)[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else shown or "none"
