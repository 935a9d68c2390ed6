"""Hard-wrapped text is told from text whose lines are whole."""

import pytest

from rag.text.sentences import split_sentences
from rag.text.wrapping import wrap_width

WRAPPED = """The developer said it would appeal, and a spokesman for Tom
Garrity added that the project would have created 900 jobs
and 420 flats, a fifth of them affordable. Residents had
packed the public gallery and cheered when the result of
the vote was read out."""


def test_wrapped_text_has_a_width() -> None:
    assert wrap_width(WRAPPED) == int(59 * 0.7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line only",
        "Title\nA whole sentence here.\nAnother one.\nAnd a third.",
        "Needed:\na) a passport;\nb) a photo;\nc) a form.",
        "title: x\ndate: y\nauthor: z\noutlet: w",
        "\n".join(["word " * 60] * 5),  # lines longer than any wrap
    ],
)
def test_whole_lines_have_none(text: str) -> None:
    assert wrap_width(text) is None


def test_sentences_run_over_the_breaks_even_before_a_capital() -> None:
    sentences = [WRAPPED[start:end] for start, end in split_sentences(WRAPPED, "en")]
    assert [sentence.replace("\n", " ") for sentence in sentences] == [
        "The developer said it would appeal, and a spokesman for Tom Garrity added that the project would have created "
        "900 jobs and 420 flats, a fifth of them affordable.",
        "Residents had packed the public gallery and cheered when the result of the vote was read out.",
    ]
