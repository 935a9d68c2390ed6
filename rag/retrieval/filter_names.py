"""Filters as people write them, made those of the index: what the index does not know is an error, never "nothing".

A language may be a tag, a code of three letters or a name, and several may stand in one value; an outlet's case and
marks do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from rag.errors import QueryError
from rag.records import Filters
from rag.store.unknown_names import hint, nearest_names, shown_names, some_names
from rag.store.view import View
from rag.text.language_codes import read_language
from rag.text.normalisation import fold


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
                raise QueryError("filter_language_unknown", language=repr(part), known=some_names(known))
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
            near = [min(folded[key]) for key in nearest_names(_key(value), folded)]
            raise QueryError(
                "filter_outlet_unknown", outlet=repr(value), hint=hint(near), names=shown_names(near, known)
            )
    return frozenset(found)


def _documents(written: Iterable[str], view: View) -> frozenset[str]:
    wanted = frozenset(written)
    present = view.present(wanted)
    for value in sorted(wanted - set(present)):
        raise view.unknown_document(value)
    return wanted


def _key(name: str) -> str:
    return " ".join(fold(name).split())
