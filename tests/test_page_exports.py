"""What a reader takes along: a quote for the clipboard, an answer as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from page_samples import CONDITION, INVITED, answer, cite, hit

from rag.server.exports import to_csv, to_json, to_markdown
from rag.web.citation_formats import as_bibtex, as_markdown, as_text


def test_copies_carry_the_quote_and_its_exact_place() -> None:
    document = replace(INVITED, source="https://example.org/a_b")
    citation = cite(document, 10, 20)
    assert as_text("două\ncuvinte", citation) == f"“două\ncuvinte”\n{citation}"
    assert as_markdown("a *b*\nc", citation) == (
        "> a \\*b\\*\n> c\n>\n> — [Rușii îl invită pe Zelenski la Moscova](<https://example.org/a_b>),"
        " Mediafax, 2026-01-28 (10–20)"
    )
    bibtex = as_bibtex("100 % {x}", citation)
    assert bibtex.startswith(
        "@online{003-569c59af60f09498-txt-10,\n  title = {Rușii îl invită pe Zelenski la Moscova},"
    )
    assert "date = {2026-01-28}," in bibtex and "url = {https://example.org/a_b}," in bibtex
    assert r"100 \% \{x\}" in bibtex and "characters 10--20" in bibtex


def test_exports_hold_the_quotes_in_order_and_no_formula() -> None:
    formula = replace(INVITED, title="=HYPERLINK(1)")
    found = answer("Ce condiție?", hit(formula, CONDITION))
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert [(row["kind"], row["number"], row["text"]) for row in rows] == [
        ("quote", "1", CONDITION), ("source", "1", CONDITION),
    ]  # fmt: skip
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    data = json.loads(to_json(found))
    start = data["quotes"][0]["citation"]["start"]
    assert INVITED.text[start : data["quotes"][0]["citation"]["end"]] == CONDITION
    assert f"> {CONDITION}" in to_markdown(found)
    assert "No answer found in these articles" in to_markdown(answer("?", hit(formula, CONDITION), abstained=True))
