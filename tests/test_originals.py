"""The files that articles came from: pages of PDFs with the cited words marked, and downloads that never run."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from test_contract import application

from rag import Index, ReadError
from rag.server.options import Terms
from rag.server.originals import original
from rag.web.corpus import Allowed
from rag.web.page import open_article
from rag.web.url_state import Place

FIRST = (
    "The lighthouse of Genoa",
    "The lighthouse of Genoa was rebuilt in 1543 by the republic,",
    "said the keeper of the port on Monday.",
)
SECOND = (
    "The harbour of Koper",
    "The harbour of Koper was closed on Tuesday because of the",
    "strong wind, said the harbour master.",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Path]]:
    folder = tmp_path_factory.mktemp("corpus")
    canvas = Canvas(str(folder / "news.pdf"), pagesize=A4)
    for lines in (FIRST, SECOND):
        for n, line in enumerate(lines):
            canvas.setFont("Helvetica", 18 if n == 0 else 12)
            canvas.drawString(72, 760 - 30 * n, line)
        canvas.showPage()
    canvas.save()
    (folder / "page.html").write_text(
        "<html><script>alert(1)</script><p>The mayor of Cluj opened the bridge on Friday.</p></html>", "utf-8"
    )
    with Index.create(tmp_path_factory.mktemp("served") / "index") as index:
        index.sync(folder)
        yield index, folder


def cited(index: Index, words: str) -> dict[str, str | int]:
    text = index.document("news.pdf").text
    start = text.index(words)
    return {
        "document_id": "news.pdf",
        "sha256": index.document("news.pdf").sha256[:16],
        "start": start,
        "end": start + len(words),
    }


def tinted(png: bytes) -> NDArray[np.bool_]:
    """Return which pixels of an image are marked."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    marked: NDArray[np.bool_] = (pixels[:, :, 0] - pixels[:, :, 2]) > 80
    return marked


def test_the_cited_words_are_marked_on_their_page(place: tuple[Index, Path]) -> None:
    index, folder = place
    with TestClient(application(index, Terms(corpus=folder)), base_url="http://127.0.0.1") as client:
        answer = client.get("/original/page", params=cited(index, "closed on Tuesday because"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        marked = tinted(answer.content)
        rows, columns = np.nonzero(marked)
        scale = marked.shape[0] / A4[1]
        assert abs(rows.mean() / scale - (A4[1] - 730 - 4)) < 8  # the second line of the second page
        assert columns.min() / scale > 72 + 100 and columns.max() / scale < 72 + 330
        text = index.document("news.pdf").text
        start, end = text.index("by the republic"), text.index(" of the port")
        both = cited(index, text[start:end])
        marked = tinted(client.get("/original/page", params=both).content)
        for baseline in (730, 700):  # it goes on on the next line
            assert marked[round((A4[1] - baseline - 4) * scale)].any()
        wrong = cited(index, "closed on Tuesday") | {"sha256": "0" * 16}
        assert client.get("/original/page", params=wrong).status_code == 404


def test_a_page_that_cannot_be_drawn_is_said_and_ends_in_bounded_time(
    place: tuple[Index, Path], tmp_path: Path
) -> None:
    index, folder = place
    broken = tmp_path / "broken.pdf"
    broken.write_bytes((folder / "news.pdf").read_bytes()[:400] + b"\x00" * 500)
    for path, page in ((broken, 1), (folder / "news.pdf", 99), (folder / "page.html", 1), (tmp_path / "none.pdf", 1)):
        with pytest.raises(ReadError) as error:
            index.page_image(path, page, "words")
        assert error.value.code == "page_not_drawn"
    assert tinted(index.page_image(folder / "news.pdf", 1, "words that are not on the page at all")).sum() == 0


def test_a_file_is_saved_and_never_shown(place: tuple[Index, Path]) -> None:
    index, folder = place
    with TestClient(application(index, Terms(corpus=folder)), base_url="http://127.0.0.1") as client:
        answer = client.get("/original", params={"document_id": "page.html"})
        assert answer.content == (folder / "page.html").read_bytes()
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        for unknown in ("none.html", "../page.html", "/etc/passwd", ""):
            assert client.get("/original", params={"document_id": unknown}).status_code == 404
    with TestClient(application(index, Terms()), base_url="http://127.0.0.1") as client:  # no folder is named
        assert client.get("/original", params={"document_id": "page.html"}).status_code == 404


def test_only_files_of_the_folder_are_originals(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "a.txt").write_text("a")
    assert original(folder, "a.txt") == folder / "a.txt"
    for origin in (None, "link.txt", "../secret.txt", "https://gazeta.si/a", ".", "none.txt"):
        assert original(folder, origin) is None


def test_the_pane_offers_what_there_is(place: tuple[Index, Path], tmp_path: Path) -> None:
    index, folder = place
    allowed = Allowed(original=lambda origin: original(folder, origin))
    found = cited(index, "closed on Tuesday")
    cite = str(
        Place(
            document_id="news.pdf",
            digest=str(found["sha256"]),
            start=int(str(found["start"])),
            end=int(str(found["end"])),
        )
    )
    html = open_article(index, cite, language="en", allowed=allowed)
    assert 'href="original?document_id=news.pdf" download' in html and "Show page 2 as it is in the file" in html
    whole = open_article(index, str(Place.whole("page.html")), language="en", allowed=allowed)
    assert "Open the file" in whole and "iz-original" not in whole
    assert "original" not in open_article(index, cite, language="en")
    shutil.copy(folder / "news.pdf", tmp_path)
    (folder / "news.pdf").unlink()
    assert "Open the file" not in open_article(index, cite, language="en", allowed=allowed)
    shutil.copy(tmp_path / "news.pdf", folder)
