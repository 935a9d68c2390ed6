"""Every reason for which a file is not read is told in the three languages of the page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Failure, Index
from rag.web.address import View
from rag.web.corpus import list_corpus
from rag.web.reasons import KINDS, explain, kind_of
from rag.web.render import render_corpus
from rag.web.strings import LANGUAGES, words

INDEXING = Path(__file__).parent.parent / "rag" / "indexing"
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
    files = [*INDEXING.glob("readers/*.py"), *INDEXING.glob("fetching/*.py")]
    for path in sorted([*files, INDEXING / "reading.py", INDEXING / "workers.py", INDEXING / "corpus.py"]):
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
            if ADVICE.search(said) or BEGINS.match(said):
                yield f"{path.parent.name}/{path.name}", said


def test_every_reason_belongs_to_a_family() -> None:
    found = list(reasons())
    assert len(found) > 80
    unknown = {said for _, said in found if kind_of(said) is None and not OF_THE_WHOLE.search(said)}
    assert unknown <= COMPOSED
    assert {kind_of(said) for _, said in found} - {None} == set(KINDS)


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
    said = [explain(reason, words(language)) for language in LANGUAGES]
    assert said[0] == ""  # the sentence itself is English
    assert all(said[1:]) is (kind is not None) and len(set(said)) == (3 if kind else 1)


def test_each_family_has_its_three_texts() -> None:
    for kind in KINDS:
        texts = {words(language).strings[f"reason_{kind}"] for language in LANGUAGES}
        assert len(texts) == 3 and all(text.endswith(".") for text in texts)


def test_the_corpus_page_tells_the_reason_and_keeps_the_sentence(tmp_path: Path) -> None:
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
        ("sl", "Je prazna.", "Je vrste, ki se tu ne bere."),
        ("ro", "Este gol.", "Este de un fel care nu se citește aici."),
    ):
        html = render_corpus(list_corpus([]), failures, view=View(show="corpus"), language=language)
        assert f'<code>empty.txt</code> {empty} <span class="iz-detail" lang="en">&#39;empty.txt&#39; is empty' in html
        assert f"<code>odd.txt</code> {binary} <span" in html
    html = render_corpus(list_corpus([]), failures, view=View(show="corpus"), language="en")
    assert '<code>empty.txt</code> <span lang="en">&#39;empty.txt&#39; is empty (0 bytes).' in html
    odd = [Failure(source="x", reason="<b>no reader says this</b>")]
    html = render_corpus(list_corpus([]), odd, view=View(show="corpus"), language="sl")
    assert '<span lang="en">&lt;b&gt;no reader says this' in html
