"""Any history: what the index says of every citation it ever gave is what a plain list of events says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from store_samples import MANIFEST, make_rows
from version_samples import calendar

from rag import Citation
from rag.answering.citation_status import find_standing
from rag.records import text_digest
from rag.store import DocumentRows, LocalStore

__all__ = ["calendar"]


@dataclass
class History:
    """Where each text is, kept the plain way."""

    present: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, list[str]] = field(default_factory=dict)
    former: dict[str, set[str]] = field(default_factory=dict)  # ids that a document had before, by its present id
    removed: set[tuple[str, str]] = field(default_factory=set)

    def put(self, id_: str, text: str) -> None:
        before = self.present.get(id_)
        if before not in (None, text):
            kept = [one for one in self.earlier.get(id_, []) if one not in (text, before)] + [str(before)]
            for lost in kept[:-3]:
                self._lose(id_, lost)
            self.earlier[id_] = kept[-3:]
        self.present[id_] = text
        self.removed.discard((id_, text))

    def remove(self, id_: str) -> None:
        if id_ in self.present:
            for text in [self.present.pop(id_), *self.earlier.pop(id_, [])]:
                self._lose(id_, text)
            self.former.pop(id_, None)

    def move(self, old: str, new: str) -> None:
        self.present[new] = self.present.pop(old)
        self.earlier[new] = self.earlier.pop(old, [])
        self.former[new] = self.former.pop(old, set()) | {old}
        self.former[new].discard(new)
        self.removed -= {(new, text) for text in [self.present[new], *self.earlier[new]]}

    def _lose(self, id_: str, text: str) -> None:
        self.removed |= {(name, text) for name in {id_, *self.former.get(id_, ())}}

    def states(self, id_: str, text: str) -> set[str]:
        places = [id_, *(now for now, former in self.former.items() if id_ in former)]
        if any(self.present.get(place) == text for place in places):
            return {"current"}
        if any(text in self.earlier.get(place, ()) for place in places):
            return {"changed"}
        return {"removed"} if (id_, text) in self.removed else {"unknown"}


IDS, TEXTS = st.sampled_from("abc"), st.sampled_from([f"{word} fell. It was {word}." for word in ("rain", "snow", "hail", "fog", "dew", "ash")])  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("put"), IDS, TEXTS),
    st.tuples(st.just("put"), IDS, TEXTS),
    st.tuples(st.just("remove"), IDS, st.just("")),
    st.tuples(st.just("move"), IDS, IDS),
    st.tuples(st.just("rewrite"), IDS, st.just("")),
)


def rows_of(id_: str, text: str) -> DocumentRows:
    return make_rows(id_, text.split("\n"))


TEXT = "fog fell. It was fog."


@settings(max_examples=60)
@given(steps=st.lists(STEPS, max_size=25))
@example(steps=[("put", "a", TEXT), ("move", "a", "c"), ("put", "a", TEXT), ("remove", "c", "")])
def test_every_citation_shows_its_own_words_or_none(
    tmp_path_factory: pytest.TempPathFactory, steps: Sequence[tuple[str, str, str]]
) -> None:
    history = History()
    issued: dict[Citation, tuple[str, str]] = {}
    with LocalStore.create(tmp_path_factory.mktemp("store"), MANIFEST) as store:
        store.versions_kept = 3
        for kind, id_, value in steps:
            if kind == "put":
                text = rows_of(id_, value).document.text
                store.upsert([rows_of(id_, value)])
                history.put(id_, text)
                citation = Citation(document_id=id_, sha256=text_digest(text), start=3, end=9)
                issued[citation] = (text, text[3:9])
            elif kind == "remove":
                store.delete([id_])
                history.remove(id_)
            elif kind == "rewrite" and id_ in history.present:
                store.upsert([replace(rows_of(id_, history.present[id_]), origin="elsewhere")])
            elif kind == "move" and id_ in history.present and value not in history.present:
                moved = rows_of(value, history.present[id_])
                store.upsert([moved], remove=[id_], moved={id_: value})
                history.move(id_, value)
            for citation, (text, words) in issued.items():
                standing = find_standing(citation, store.cited(citation.document_id, citation.sha256))
                assert standing.state in history.states(citation.document_id, text)
                if standing.state in ("current", "changed"):
                    assert standing.text == words and standing.document is not None and standing.document.text == text
                else:
                    assert standing.text is None and standing.document is None and standing.place is None
                if standing.place is not None:
                    assert standing.present is not None and standing.place.sha256 == standing.present.sha256
                    assert standing.present.text[standing.place.start : standing.place.end] == words
        assert {id_: {v.sha256 for v in store.versions(id_)} for id_ in "abc"} == {
            id_: {text_digest(text) for text in history.earlier.get(id_, ())} for id_ in "abc"
        }
        assert store.verify() == []
