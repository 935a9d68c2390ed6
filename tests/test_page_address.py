"""The addresses of the page: each brings back the view that it was made of."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.url_state import Place, View

texts = st.text(min_size=1, max_size=20)


@given(
    st.builds(
        View, question=st.text(max_size=40), languages=st.lists(texts, unique=True, max_size=3).map(tuple),
        outlets=st.lists(texts, unique=True, max_size=3).map(tuple),
        documents=st.lists(texts, unique=True, max_size=3).map(tuple), before=st.text(max_size=20), published_from=st.none() | st.dates(),
        published_to=st.none() | st.dates(), order=st.sampled_from(["relevance", "date"]), collapse=st.booleans(),
    )
)  # fmt: skip
def test_an_address_brings_back_the_same_view(view: View) -> None:
    query = parse_qs(view.address().removeprefix("?"), keep_blank_values=True)
    single = {name: values[0] for name, values in query.items()}
    lists = {name: query.get(name) for name in ("languages", "outlets", "documents")}
    assert View.read({**single, **lists}) == view


@given(texts, st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_place_survives_its_address(document_id: str, start: int, end: int) -> None:
    place = Place(document_id=document_id, digest="0123456789abcdef", start=start, end=end)
    assert Place.parse(str(place)) == place


@pytest.mark.parametrize("text", [None, 5, "", "a", "a@b:1-2", "a@0123456789abcdef:1", "@0123456789abcdef:1-2"])
def test_what_is_no_place_is_none(text: object) -> None:
    assert Place.parse(text) is None


def test_a_view_from_a_mangled_address_leaves_out_what_has_no_meaning() -> None:
    values = {"q": 7, "languages": "ro", "outlets": [1, "A", "A"], "published_from": "yesterday", "order": "size"}
    assert View.read(values) == View(languages=("ro",), outlets=("A",))
    assert View.read({"collapse": "folded"}) == View()
