"""What a file could not be read without, and whether it is there now: then the file is read, though it is unchanged."""

from __future__ import annotations

import importlib.util
import re

from rag.readers import ocr

_DATA = re.compile(r"apt install tesseract-ocr-(\w{3}) and index again")


def can_now_be_read(failure: str | None) -> bool:
    """Say whether what a failure asked for has been installed since."""
    if failure is None:
        return False
    if "izvor[parquet]" in failure:
        return importlib.util.find_spec("pyarrow") is not None
    if "izvor[ocr]" in failure:
        return ocr.available()
    data = _DATA.search(failure)
    return data is not None and ocr.available() and data.group(1) in ocr.data_languages()
