"""Take the pictures in this folder from a running page: ``python docs/screenshots/take.py http://127.0.0.1:7860``.

With names behind the address, only those. The pictures of `MORE` show copies and files that cannot be read: the script
starts a page of its own for each, over `seeds/` and such files, in a folder that goes away.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).parent
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
TALKS = "Kako je Witkoff opisal pogovore z Dmitrijevim?"
PRESS = "Which French newspaper wrote that Dmitriev was seen near the American embassy?"
ICELAND = "How many people live in Iceland?"
HARBOUR_CLOSED = "When was the harbour of Koper closed?"
TRAIN = "Care este prețul unui bilet de tren de la București la Cluj?"
CHANGED = f"003_569c59af60f09498.txt@{'1' * 16}:395-581"

PAGE = (
    "The harbour of Koper was closed on Tuesday because of the strong wind,",
    "said the harbour master. Ships waited off the coast until the evening.",
)

Shots = dict[str, tuple[dict[str, str], int, str, str, str | None]]
SHOTS: Shots = {  # name: (what the address says, width, colours, language of the page, what to click)
    "home-wide-light-en": ({}, 1280, "light", "en", None),
    "home-narrow-dark-sl": ({}, 390, "dark", "sl", None),
    "answer-wide-light-en": ({"q": PRESS}, 1280, "light", "en", None),
    "answer-wide-dark-ro": ({"q": CONDITION}, 1280, "dark", "ro", ".iz-number"),
    "answer-narrow-light-sl": ({"q": TALKS}, 390, "light", "sl", None),
    "article-narrow-dark-ro": ({"q": CONDITION}, 390, "dark", "ro", ".iz-number"),
    "abstain-wide-light-ro": ({"q": TRAIN}, 1280, "light", "ro", None),
    "abstain-narrow-dark-en": ({"q": ICELAND}, 390, "dark", "en", None),
    "changed-wide-light-en": ({"q": CONDITION, "cite": CHANGED}, 1280, "light", "en", None),
    "removed-narrow-light-sl": ({"cite": f"gone.txt@{'1' * 16}:395-581"}, 390, "light", "sl", None),
    "limit-wide-dark-ro": ({"q": CONDITION}, 1280, "dark", "ro", None),
    "corpus-wide-light-sl": ({"show": "corpus"}, 1280, "light", "sl", None),
    "corpus-narrow-dark-en": ({"show": "corpus"}, 390, "dark", "en", None),
}

LIMITED = {"limit-wide-dark-ro"}  # as if this reader had asked too much: refused, to come back in 20 s


MORE: Shots = {  # the same, of the page with more files; what is done there has a name
    "copies-wide-light-ro": ({"q": CONDITION}, 1280, "light", "ro", "copies"),
    "copies-narrow-dark-en": ({"q": CONDITION}, 390, "dark", "en", "copies"),
    "upload-wide-dark-en": ({"show": "corpus"}, 1280, "dark", "en", "report"),
    "upload-narrow-light-sl": ({"show": "corpus"}, 390, "light", "sl", "sending"),
    "original-wide-light-en": ({"q": HARBOUR_CLOSED}, 1280, "light", "en", "original"),
    "saved-narrow-dark-sl": ({"q": TALKS}, 390, "dark", "sl", "saved"),
    "correct-narrow-light-ro": ({"show": "corpus"}, 390, "light", "ro", "correct"),
    "undo-wide-dark-en": ({"show": "corpus"}, 1280, "dark", "en", "undo"),
    "unread-wide-light-ro": ({"show": "corpus"}, 1280, "light", "ro", "unread"),
    "unread-narrow-dark-sl": ({"show": "corpus"}, 390, "dark", "sl", "unread"),
}
SEED = "003_569c59af60f09498.txt"
HARBOUR = "Port closed by strong wind\n\nShips waited off Koper on Monday because of the wind.\n"
BINARY = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\x00\x01\x02"
UPLOADS = [("koper.txt", HARBOUR.encode()), ("report.pdf", BINARY), ("notes.txt", b"")]


def main(address: str, names: Sequence[str]) -> None:
    """Write one PNG for each entry of `SHOTS` and `MORE`, or for those named."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        _take(chromium, address, {name: shot for name, shot in SHOTS.items() if name in names or not names})
        for name, shot in MORE.items():
            if name in names or not names:
                with _page_with_more() as other:  # a fresh one each: an upload changes it
                    _take(chromium, other, {name: shot})
        chromium.close()


def _take(chromium: Browser, address: str, shots: Shots) -> None:
    for name, (query, width, colours, language, act) in shots.items():
        size = {"width": width, "height": 900 if width > 1000 else 844}
        context = chromium.new_context(viewport=size, color_scheme=colours, locale=language, reduced_motion="reduce")
        context.set_default_timeout(120_000)
        page = context.new_page()
        if name in LIMITED:
            page.route("**/gradio_api/run/**", lambda one: one.fulfill(status=429, headers={"Retry-After": "20"}))
        page.goto(f"{address}/?{urlencode(query)}")
        page.wait_for_selector("#iz-lost" if name in LIMITED else "#results [data-url]")
        page.wait_for_function("!document.querySelector('body:is(.iz-busy, .iz-rest-due)')")
        if name in MORE:
            _do(page, str(act))
        elif act:
            page.locator(act).first.click()
            page.wait_for_selector("#cited:focus")
        page.wait_for_timeout(300)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(128, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
        context.close()


def _do(page: Page, act: str) -> None:
    shown = {"copies": ".iz-duplicates", "unread": "#failures-heading"}.get(act, "#change-heading")
    if act == "original":
        page.locator(".iz-number").first.click()
        page.locator(".iz-original summary").click()
        page.wait_for_function("document.querySelector('.iz-original img').naturalWidth > 0")
        return
    if act == "saved":
        page.locator("[data-save]").click()
        page.locator("[data-show=saved]").click()
        page.wait_for_selector("[data-saved] li")
        return
    if act == "correct":
        page.locator("[data-edit=correct]").nth(2).click()
        return
    if act == "undo":
        for at in (1, 2):
            page.locator("[data-pick]").nth(at).check()
        page.locator("[data-remove-picked]").click()
        page.wait_for_selector("[data-change-state][data-kind=removed]")
        page.wait_for_function("!document.querySelector('body.iz-busy')")
    if act == "copies":
        page.locator(".iz-duplicates summary").first.click()
    elif act in ("report", "sending"):
        if act == "sending":  # the second file never arrives
            page.route("**/api/corpus/files/report.pdf*", lambda _: None)
        files = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in UPLOADS]
        page.locator("[data-upload][multiple]").set_input_files(files)  # type: ignore[arg-type]
        page.wait_for_selector(".iz-uploads [data-state=sending]" if act == "sending" else ".iz-failures")
        if act == "report":
            page.wait_for_selector(".iz-uploads [data-state=added]")
    page.locator(shown).first.evaluate("one => one.scrollIntoView({block: 'center'})")


@contextmanager
def _page_with_more() -> Iterator[str]:
    """Serve `seeds/`, two reprints of an article, and files that cannot be read; yield the address."""
    root = HERE.parent.parent
    with tempfile.TemporaryDirectory() as place:
        folder, index, port = Path(place, "articles"), Path(place, "index"), "7869"
        shutil.copytree(root / "seeds", folder, ignore=shutil.ignore_patterns("*.md"))
        text = (folder / SEED).read_text("utf-8").split("\n\n", 2)
        for outlet in ("gazeta", "curierul"):
            head = f"<title>{text[1]}</title><meta property='og:site_name' content='{outlet.title()}'>"
            body = "".join(f"<p>{part}</p>" for part in text[2].split("\n\n")[1:12])
            (folder / f"{outlet}.html").write_text(
                f"<html lang=ro><head>{head}</head><body><article><h1>{text[1]}</h1>{body}</article></body></html>",
                "utf-8",
            )
        (folder / "scan.pdf").write_bytes(BINARY)
        canvas = Canvas(str(folder / "koper.pdf"), pagesize=A4)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(72, 760, "Port of Koper closed")
        canvas.setFont("Helvetica", 12)
        for n, line in enumerate(PAGE):
            canvas.drawString(72, 725 - 18 * n, line)
        canvas.save()
        (folder / "empty.txt").touch()
        environment = {**os.environ, "PYTHONPATH": str(root)}
        rag = [sys.executable, "-m", "rag.cli.commands", "index", str(folder), "--index", str(index)]
        subprocess.run(rag, env=environment, check=False)  # 1: some files could not be read
        app = [sys.executable, str(root / "app.py"), "--index", str(index), "--corpus", str(folder), "--port", port]
        with subprocess.Popen(app, env=environment) as served:
            try:
                _wait(f"http://127.0.0.1:{port}")
                yield f"http://127.0.0.1:{port}"
            finally:
                served.terminate()


def _wait(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"{address} does not answer")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
