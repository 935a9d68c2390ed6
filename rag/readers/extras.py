"""What a file could not be read without, and whether it is there now: then the file is read, though it is unchanged."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping

from rag.readers import doc, ocr
from rag.records import Failure


def can_now_be_read(failure: Failure | None, columns: Mapping[str, str]) -> bool:
    """Return whether what a failure, or that of a part, asked for has been installed or said since."""
    if failure is None:
        return False
    if failure.code == "package_missing":
        return importlib.util.find_spec(str(failure.facts.get("package"))) is not None
    if failure.code in ("pdf_scanned", "pdf_pages_scanned", "ocr_data_missing"):
        return ocr.available()
    if failure.code in ("table_without_text_column", "json_without_article", "row_without_text"):
        return "text" in columns
    if failure.code == "doc_converter_missing":
        return doc.available()
    if failure.code == "ocr_language_missing":
        return ocr.available() and failure.facts.get("data") in ocr.data_languages()
    return any(can_now_be_read(part, columns) for part in failure.parts)
