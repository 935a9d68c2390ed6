"""Two forms of a text: `normalise` and `fold`."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from rag.text.normalisation import fold, normalise


def test_cedilla_becomes_comma_in_romanian_only() -> None:
    assert normalise("preşedintele ţării ŞI Ţara", "ro") == "președintele țării ȘI Țara"
    assert normalise("Erdoğan başkanı", "tr") == "Erdoğan başkanı"
    assert normalise("preşedintele", None) == "preşedintele"


def test_decomposed_letters_are_composed_before_the_mapping() -> None:
    decomposed = unicodedata.normalize("NFD", "preşedintele în țară")
    assert decomposed != "preşedintele în țară"
    assert normalise(decomposed, "ro") == "președintele în țară"


def test_fold_removes_the_diacritics_of_european_scripts() -> None:
    assert fold("ăâîșț ĂÂÎȘȚ şţ") == "aaist aaist st"
    assert fold("čćđšž ĐURĐA") == "ccdsz durda"
    assert fold("łódź ąęśżń øre Ærø ß ẞ œuvre þing ð") == "lodz aeszn ore aero ss ss oeuvre thing d"
    assert fold("İstanbul ılık ğüş") == "istanbul ilik gus"
    assert fold("Αθήνα Ώρα ΰ ς") == "αθηνα ωρα υ σ"
    assert fold("Ёлка їжак Ґанок") == "елка іжак ганок"


def test_fold_ignores_marks_that_nobody_types() -> None:
    assert fold("ne\u00adgo\u200dcieri") == "negocieri"
    assert fold("l’Ucraina") == "l'ucraina"


def test_fold_is_the_same_for_composed_and_decomposed_text() -> None:
    text = "Întâlnirea președinților, žalost, naïve, Ångström"
    assert fold(unicodedata.normalize("NFD", text)) == fold(text) == "intalnirea presedintilor, zalost, naive, angstrom"


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_fold_takes_characters_one_by_one(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)
