"""The templates of the page. They escape every value, so no document can bring markup into the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rag.web.strings import words


@cache
def environment() -> Environment:
    """Return the template environment of the page: everything escaped, a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, language: str, **values: object) -> str:
    """Return a template of the page with its values, in an interface language."""
    return environment().get_template(template).render(say=words(language), **values)
