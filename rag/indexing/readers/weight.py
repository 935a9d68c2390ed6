"""How much a PDF page makes a program draw: forms within forms draw a small file's few bytes billions of times."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)[\s\x00]+Do\b")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 30


def drawing_bytes(page: Any, most: int) -> int:
    """Return the bytes of a page's drawing instructions, those of a form as often as it is drawn.

    Args:
        page: of pypdf.
        most: counting may end when it is passed.
    """
    contents = page.get_contents()
    if contents is None:
        return 0
    return _weight(contents, page.get("/Resources"), most, {}, 0)


def _weight(stream: Any, resources: Any, most: int, known: dict[int, int], depth: int) -> int:
    data: bytes = stream.get_data()
    total = len(data)
    drawn = Counter(_ESCAPED.sub(lambda found: bytes([int(found.group(1), 16)]), name) for name in _DRAWN.findall(data))
    if total > most or not drawn or depth > _DEEPEST:
        return total if depth <= _DEEPEST else most + 1
    forms = resources.get_object().get("/XObject") if resources is not None else None
    if forms is None:
        return total
    for name, times in drawn.items():
        form = forms.get_object().get("/" + name.decode("latin-1"))
        key = getattr(form, "idnum", id(form))
        form = form.get_object() if form is not None else None
        if form is None or form.get("/Subtype") != "/Form":
            continue
        if key not in known:
            known[key] = most + 1  # one that draws itself never ends
            known[key] = _weight(form, form.get("/Resources", resources), most, known, depth + 1)
        total += times * known[key]
        if total > most:
            break
    return total
