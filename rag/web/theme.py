"""The look of the page: a Gradio theme on system fonts, and our own style sheet and script."""

from __future__ import annotations

import json
from pathlib import Path

from gradio.themes import Base
from gradio.themes.utils import colors, sizes

from rag.web.i18n import LANGUAGES, words

_HERE = Path(__file__).parent
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
_SCRIPTS = (
    "shared", "address", "asking", "outage", "filters", "results", "written", "article", "questions", "copying",
    "saved", "acting", "changing", "editing", "colours", "start",
)  # fmt: skip
_STYLES = ("style.css", "filters.css")
_EARLY = ("server_again", "server_broken", "server_lost", "server_many")
"""What may have to be said before the server has said anything."""
_MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "Liberation Mono", "monospace")


def theme() -> Base:
    """Return the theme. Fonts are those of the reader's system: nothing is fetched from anywhere."""
    base = Base(
        primary_hue=colors.teal,
        neutral_hue=colors.stone,
        radius_size=sizes.radius_md,
        text_size=sizes.text_md,
        font=_SANS,
        font_mono=_MONO,
    )
    # the palette itself stands in style.css, where light and dark are side by side; Gradio's own parts follow it
    return base.set(
        body_background_fill="var(--iz-paper)",
        body_background_fill_dark="var(--iz-paper)",
        body_text_color="var(--iz-ink)",
        body_text_color_dark="var(--iz-ink)",
        body_text_color_subdued="var(--iz-quiet)",
        body_text_color_subdued_dark="var(--iz-quiet)",
        background_fill_primary="var(--iz-surface)",
        background_fill_primary_dark="var(--iz-surface)",
        background_fill_secondary="var(--iz-paper)",
        background_fill_secondary_dark="var(--iz-paper)",
        border_color_primary="var(--iz-line)",
        border_color_primary_dark="var(--iz-line)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_label_text_color="var(--iz-quiet)",
        block_label_text_color_dark="var(--iz-quiet)",
        block_title_text_color="var(--iz-quiet)",
        block_title_text_color_dark="var(--iz-quiet)",
        block_title_text_weight="600",
        input_background_fill="var(--iz-surface)",
        input_background_fill_dark="var(--iz-surface)",
        input_border_color="var(--iz-edge)",
        input_border_color_dark="var(--iz-edge)",
        input_placeholder_color="var(--iz-quiet)",
        input_placeholder_color_dark="var(--iz-quiet)",
        button_primary_background_fill="var(--iz-accent)",
        button_primary_background_fill_dark="var(--iz-accent)",
        button_primary_background_fill_hover="var(--iz-accent-strong)",
        button_primary_background_fill_hover_dark="var(--iz-accent-strong)",
        button_primary_text_color="var(--iz-on-accent)",
        button_primary_text_color_dark="var(--iz-on-accent)",
        checkbox_background_color_selected="var(--iz-accent)",
        checkbox_background_color_selected_dark="var(--iz-accent)",
        checkbox_label_text_color_selected="var(--iz-ink)",
        checkbox_label_text_color_selected_dark="var(--iz-ink)",
    )


def styles() -> str:
    """Return our style sheets as one."""
    return "".join((_HERE / name).read_text(encoding="utf-8") for name in _STYLES)


def head() -> str:
    """Return our style sheet and script for the document's head, inline: one request less, and nothing to be late."""
    kept = {language: {key: words(language).strings[key] for key in _EARLY} for language in LANGUAGES}
    early = json.dumps(kept, ensure_ascii=True).replace("<", "\\u003c")
    script = "".join((_HERE / "script" / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    return f"<style>{styles()}</style><script>{script}izvor.words = {early};</script>"
