"""What a reader takes along: a quote for the clipboard, an answer as a file."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date

import pytest
from page_samples import CONDITION, INVITED, answer, cite, hit

from rag import Citation, Document
from rag.server.exports import file_name, to_bibtex, to_csl, to_csv, to_json, to_markdown, to_ris
from rag.web.citation_formats import as_bibtex, as_csl, as_markdown, as_ris, as_text


def test_copies_carry_the_quote_and_its_exact_place() -> None:
    document = replace(INVITED, source="https://example.org/a_b")
    citation = cite(document, 10, 20)
    assert as_text("două\ncuvinte", citation, language="ro", link="http://x/?a") == (
        f"„două\ncuvinte”\n{citation}\nhttp://x/?a"
    )
    assert [as_text("a", citation, language=code).split("\n")[0] for code in ("sl", "fr", "en", None, "xx")] == [
        "„a“", "«\u00a0a\u00a0»", "“a”", "“a”", "“a”",
    ]  # fmt: skip
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
    ris = as_ris("a\nb", citation, language="ro", link="http://x/?a").split("\r\n")
    assert ris[:2] == ["TY  - NEWS", "TI  - Rușii îl invită pe Zelenski la Moscova"] and ris[-1] == "ER  - "
    assert {"DA  - 2026/01/28", "UR  - https://example.org/a_b", "UR  - http://x/?a", "N1  - „a b”"} <= set(ris)
    (item,) = json.loads(as_csl("a", citation, language="ro"))
    assert (item["issued"], item["URL"]) == ({"date-parts": [[2026, 1, 28]]}, "https://example.org/a_b")
    file = replace(citation, source="a/b.txt")
    assert (
        "b.txt" not in as_bibtex("a", file) and json.loads(as_csl("a", file, link="http://x"))[0]["URL"] == "http://x"
    )


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
    other = replace(found, hits=(*found.hits, hit(replace(INVITED, id="b"), "Kremlinul", 2, score=0.9)))
    assert [row["kind"] for row in csv.DictReader(io.StringIO(to_csv(other)))] == ["quote", "source"]
    assert to_bibtex(found).startswith("@online{") and to_ris(found).startswith("TY") and json.loads(to_csl(found))
    assert "http://x/1" in to_markdown(found, lambda citation: "http://x/1")
    assert "No answer found in these articles" in to_markdown(answer("?", hit(formula, CONDITION), abstained=True))


@pytest.mark.parametrize(
    "address",
    [
        "http://x/><script>alert(1)</script>", "http://x/) [y](javascript:alert(1)", "https://x/}, note = {evil}, x = {",
        "http://x/\n# heading", 'http://x/" onclick="alert(1)', "http://x/`a`|b\\",
    ],
)  # fmt: skip
def test_no_address_ends_the_markup_around_it(address: str) -> None:
    citation = Citation(document_id="a", sha256="0" * 64, start=0, end=1, title="T", source=address)
    markdown = as_markdown("x", citation)
    link = markdown[markdown.index("](<") + 3 : markdown.rindex(">)")]
    assert not set(link) & set("<>\"'`\\{}| \n") and "<script" not in markdown and markdown.count("\n") == 2
    bibtex = as_bibtex("x", citation)
    assert [line.split(" = ")[0].strip() for line in bibtex.splitlines()[1:-1]] == ["title", "url", "note"]
    assert bibtex.count("{") == bibtex.count("}") == 4


def test_an_address_in_other_letters_stays_readable() -> None:
    citation = Citation(document_id="a", sha256="0" * 64, start=0, end=1, source="https://x/članek_(1)?a=b&c=%20#d")
    assert "](<https://x/članek_(1)?a=b&c=%20#d>)" in as_markdown("x", citation)


@pytest.mark.parametrize("title", ["Bridge;=1+1", "a\t=1", "a\n=1", 'a; "=1', "=1", " =1", "a|@x", "＝1", "a;-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_whatever_a_sheet_takes_for_the_separator(title: str, delimiter: str) -> None:
    document = Document(id="a", text="The bridge stands.", title=title, source="http://x/;=1+1")
    found = csv.reader(io.StringIO(to_csv(answer("=1+1;@x", hit(document, "The bridge stands.")))), delimiter=delimiter)
    cells = [cell for row in found for cell in row]
    assert cells and not [
        cell
        for cell in cells
        if cell.strip().strip("\"' ").startswith(tuple("=+-@＝＋－＠")) and not cell.strip(' "').startswith("'")
    ]


def test_a_question_in_an_export_is_no_markup() -> None:
    assert to_markdown(answer("# <script>[x](y)")).startswith("# \\# \\<script\\>\\[x\\](y)\n")
    assert file_name("../../Über <x>: „Да?“", "csl.json", date(2026, 1, 2)) == "izvor-uber-x-да-2026-01-02.csl.json"
    assert file_name("?" * 99, "md", date(2026, 1, 2)) == "izvor-2026-01-02.md"
