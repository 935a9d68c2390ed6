"""Pages that Safari saved (`.webarchive`): a property list with the page and its pictures."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from dataclasses import replace

from rag.errors import ReadError
from rag.readers.content import Content, one_line, web_address
from rag.readers.html import read_html
from rag.records import Document, Failure


def read_webarchive(content: Content) -> Iterator[Document | Failure]:
    """Yield the article of a page that Safari saved.

    Raises:
        ReadError: it is damaged or holds no page.
    """
    try:
        resource = plistlib.loads(content.data)["WebMainResource"]
        data, charset = bytes(resource["WebResourceData"]), str(resource.get("WebResourceTextEncodingName") or "")
        address = web_address(resource.get("WebResourceURL"))
    except MemoryError:
        raise
    except Exception as error:  # the library raises whatever a damaged list leads it to
        raise ReadError("webarchive_damaged", name=content.name, detail=type(error).__name__) from None
    yield from read_html(replace(content, data=data, address=address, charset=one_line(charset, 40).lower() or None))
