"""Every reason for which a file is not read is told in the three languages of the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Failure, Index
from rag.web.corpus import list_corpus
from rag.web.i18n import LANGUAGES, words
from rag.web.reasons import CHANGE_KINDS, FACTS, KINDS, explain, kind_of
from rag.web.render import render_corpus
from rag.web.url_state import View

ROOT = Path(__file__).parent.parent
INDEXING = ROOT / "rag" / "indexing"
ADVICE = re.compile(
    r"\. (Remove|Fetch|Save|Split|Unpack|Run|Give|Check|Repair|Scan|Install|Index|Leave|Name|Raise|Correct|Try)\b"
)
BEGINS = re.compile(r"(has|is|holds|needs|repeats|was|cannot be) \w")
COMPOSED = {  # what is put in is a sentence of its own, and among those found
    "7 7. Fetch it again, without a password", "7 7. Leave that page out", "7 7. Remove it, or index again",
    "7 7. Save its text, or split it", "7 7. Save it as .docx", "7 7. Unpack it, or raise RAG_MAX_FILE_BYTES",
    "7: member 7 7. Fetch it again, without a password", "7: member 7 7. Unpack it, or raise RAG_MAX_FILE_BYTES",
}  # fmt: skip
OF_THE_WHOLE = re.compile(r"no folder at|is a file, not a folder|^list 7")
"""What ends a run instead of being said of a file."""


def reasons() -> Iterator[tuple[str, str]]:
    """Yield what the readers and the fetcher may say: their sentences, with nothing in place of what is put in."""
    files = [*(ROOT / "rag/readers").glob("*.py"), *(ROOT / "rag/fetching").glob("*.py")]
    for path in sorted([*files, INDEXING / "folder.py"]):
        yield from ((where, said) for where, said in sentences(path) if ADVICE.search(said) or BEGINS.match(said))


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts in a file that are no docstrings, with a 7 for what is put in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    inside |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
            said = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            said = node.value
        else:
            continue
        yield f"{path.parent.name}/{path.name}", said


def raised(path: Path) -> Iterator[str]:
    """Yield what the errors say that a file raises, with a 7 for what is put in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for said in node.exc.args:
                if isinstance(said, ast.JoinedStr):
                    yield "".join(str(p.value) if isinstance(p, ast.Constant) else "'7'" for p in said.values)
                elif isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield said.value


def test_every_reason_belongs_to_a_family() -> None:
    found = list(reasons())
    assert len(found) > 80
    unknown = {said for _, said in found if kind_of(said) is None and not OF_THE_WHOLE.search(said)}
    assert unknown <= COMPOSED
    assert {kind_of(said) for _, said in found if not OF_THE_WHOLE.search(said)} - {None} == set(KINDS)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("'a.txt' is empty (0 bytes). Remove it, or fetch it again", "empty"),
        ("'is empty (0 bytes).pdf' is an encrypted PDF. Save it without a password", "locked"),
        ("'it\\'s damaged.txt' cannot be read: Permission denied. Check its permissions", "access"),
        ("'a.doc' is an old office document; save it as .docx", "kind"),
        ("'a.zip': member 'x' is encrypted. Fetch it again, without a password", "locked"),
        ("'a.pdf' has no text layer (3 scanned pages). To have it recognised, run: apt-get install x", "scanned"),
        ("'a.html' takes more than 60 s to be read. Split it, or raise RAG_MAX_FILE_SECONDS", "slow"),
        ("'a.txt' has 9 bytes, more than the limit of 8. Split it into articles, or raise RAG_MAX_FILE_BYTES", "large"),
        ("'a.txt' does not exist any more. Remove it, or index again", "changing"),
        ("something that no reader says", None),
    ],
)
def test_a_reason_is_told_by_what_it_says_and_not_by_the_name_of_the_file(reason: str, kind: str | None) -> None:
    assert kind_of(reason) == kind
    english, *others = (explain(reason, words(language)) for language in LANGUAGES)
    assert (english.text, english.original) == (reason, "")
    for other in others:
        assert other.text and other.original == ("" if kind else reason)
    assert len({other.text for other in others}) == 2


def test_every_reason_is_told_without_a_word_of_english() -> None:
    english = re.compile(
        r"\b(the|is|has|more than|cannot|file|page|Remove|Fetch|Save|Split|holds|of|it|be|or|to read|limit of)\b"
    )
    for _, said in reasons():
        if kind_of(said) is None:
            continue
        for language in ("ro", "sl"):
            told = str(explain(said, words(language)))
            mended = told.replace("robots.txt", "").split("rulează:")[0].split("zaženite:")[0]
            assert not english.search(mended), told


@pytest.mark.parametrize(
    ("reason", "romanian", "slovene"),
    [
        (
            "'a.txt' has 20,500,000 bytes, more than the limit of 20,000,000. Split it into articles, or raise X",
            "(octeți: 20.500.000, limita: 20.000.000)",
            "(bajti: 20.500.000, omejitev: 20.000.000)",
        ),
        ("'a.html' takes more than 60 s to be read. Split it", "(limita: 60 s)", "(omejitev: 60 s)"),
        ("'a.csv' is no table after line 12: x. Repair that line", "(linia: 12)", "(vrstica: 12)"),
        ("'a.jsonl' has no text (row 3). Remove it", "(rândul: 3)", "(zapis: 3)"),
        ("'a.zip': member 'b.txt' is damaged or missing. X", "(în interior: b.txt)", "(v njej: b.txt)"),
        ("'a.pdf' is scanned, and page 4 cannot be recognised. Scan it again", "(pagina: 4)", "(stran: 4)"),
        ("'a.pdf' has 9,000 pages, more than 5,000. Split it", "(pagini: 9.000, limita: 5.000)", "(strani: 9.000, "),
        ("'a.zip' holds 9 members, more than 8. Unpack it", "(fișiere în interior: 9, limita: 8)", "datotek v njej: 9"),
        ("'a.txt' is damaged: no valid UTF-8 at byte 1,234. Repair", "(octetul: 1.234)", "(bajt: 1.234)"),
        ("'a.csv' has no column for the text (columns: a, b). Name it", "(coloane: a, b)", "(stolpci: a, b)"),
        ("'http://x' cannot be read (the server answers 404). Y", "(serverul răspunde: 404)", "(strežnik odgovarja: 404)"),
        (
            "'a.pdf' has no text layer (3 scanned pages). To have it recognised, run: apt-get install x",
            "(pagini: 3) Pentru remediere, rulează: apt-get install x",
            "(strani: 3) Za odpravo zaženite: apt-get install x",
        ),
    ],
)  # fmt: skip
def test_figures_and_commands_are_taken_over(reason: str, romanian: str, slovene: str) -> None:
    assert romanian in str(explain(reason, words("ro"))) and slovene in str(explain(reason, words("sl")))


def test_why_a_change_failed_belongs_to_a_family_too() -> None:
    files = [ROOT / "rag/server" / name for name in ("corpus_changes.py", "corpus_folder.py")]
    found = {said for path in files for said in raised(path)}
    found |= {"the file did not arrive whole; nothing was stored", "an error in the program; its log says more"}
    found |= {"the request is larger than 20000000 bytes", "folder 'x' holds no articles; nothing was indexed. Give"}
    found |= {"index at '/x' cannot be written. Check the disk", "too many requests; come back in 3 s"}
    held_apart = {  # said in words of the page's own
        said for said in found if "being changed already" in said or said.startswith("another file is called")
    }
    assert len(found) > 12 and len(held_apart) == 2
    assert {kind_of(said) for said in found - held_apart} == set(CHANGE_KINDS)
    for said in found - held_apart:
        told = {explain(said, words(language)).text for language in LANGUAGES}
        assert len(told) == 3


def test_each_family_has_its_three_texts() -> None:
    for kind in (*KINDS, *CHANGE_KINDS):
        texts = {words(language).strings[f"reason_{kind}"] for language in LANGUAGES}
        assert len(texts) == 3 and all(text.endswith(".") for text in texts)
    for fact in FACTS:
        assert all(words(language).strings[f"fact_{fact}"] for language in LANGUAGES)


def test_the_corpus_page_tells_the_reason_in_the_readers_language(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "empty.txt").touch()
    (folder / "odd.txt").write_bytes(b"\x00\x01\x02" * 9)
    (folder / "good.txt").write_text("The bridge is being repaired, said the mayor of Genoa.", "utf-8")
    with Index.create(tmp_path / "index") as index:
        index.sync(folder)
        failures = index.failures()
    assert [one.source for one in failures] == ["empty.txt", "odd.txt"]
    for language, empty, binary in (
        ("sl", "Je prazna. Odstranite jo", "Je vrste, ki se tu ne bere."),
        ("ro", "Este gol. Elimină-l", "Este de un fel care nu se citește aici."),
    ):
        html = render_corpus(list_corpus([]), failures, view=View(show="corpus"), language=language)
        assert f"<code>empty.txt</code> {empty}" in html and f"<code>odd.txt</code> {binary}" in html
        assert 'lang="en"' not in html
    html = render_corpus(list_corpus([]), failures, view=View(show="corpus"), language="en")
    assert "<code>empty.txt</code> &#39;empty.txt&#39; is empty (0 bytes)." in html
    odd = [Failure(source="x", reason="<b>no reader says this</b>")]
    html = render_corpus(list_corpus([]), odd, view=View(show="corpus"), language="sl")
    assert 'Program pravi (v angleščini): <span class="iz-detail" lang="en">&lt;b&gt;no reader says this' in html
