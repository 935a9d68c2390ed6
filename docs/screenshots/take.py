"""Take the pictures in this folder from a running page: ``python docs/screenshots/take.py http://127.0.0.1:7860``."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
CONDITION = "Ce condiție a pus Kremlinul pentru întâlnirea dintre Putin și Zelenski?"
TALKS = "Kako je Witkoff opisal pogovore z Dmitrijevim?"
PRESS = "Which French newspaper wrote that Dmitriev was seen near the American embassy?"
ICELAND = "How many people live in Iceland?"
TRAIN = "Care este prețul unui bilet de tren de la București la Cluj?"
CHANGED = f"003_569c59af60f09498.txt@{'1' * 16}:395-581"

SHOTS = {  # name: (what the address says, width, colours, language of the page, what to click)
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


def main(address: str) -> None:
    """Write one PNG for each entry of `SHOTS`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (query, width, colours, language, click) in SHOTS.items():
            size = {"width": width, "height": 900 if width > 1000 else 844}
            context = chromium.new_context(
                viewport=size, color_scheme=colours, locale=language, reduced_motion="reduce"
            )
            context.set_default_timeout(120_000)
            page = context.new_page()
            if name in LIMITED:
                page.route("**/gradio_api/run/**", lambda one: one.fulfill(status=429, headers={"Retry-After": "20"}))
            page.goto(f"{address}/?{urlencode(query)}")
            page.wait_for_selector("#iz-lost" if name in LIMITED else "#results [data-url]")
            page.wait_for_function("!document.querySelector('body:is(.iz-busy, .iz-rest-due)')")
            if click:
                page.locator(click).first.click()
                page.wait_for_selector("#cited:focus")
            page.wait_for_timeout(300)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(128, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
            context.close()
        chromium.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
