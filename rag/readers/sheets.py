"""Spreadsheets (.xlsx, .xlsb, .xls, .ods), by calamine: each row is an article, as in a table.

Of the libraries, openpyxl reads .xlsx alone; calamine reads all four.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from rag.errors import ReadError
from rag.readers.columns import find_columns
from rag.readers.content import Content
from rag.readers.tables import Values, articles, columns_of
from rag.readers.zip_files import member_bytes, opened
from rag.records import Document, Failure

_MOST_CELLS = 5_000_000  # of a sheet, empty ones too: one written far down spans all those above it
_HEADER = 20  # rows among which the names of the columns stand


def read_sheet(content: Content) -> Iterator[Document | Failure]:
    """Yield the rows of a spreadsheet's sheets; with several sheets, the key begins with the sheet's name.

    Raises:
        ReadError: it is encrypted, damaged, too large, or no column is known to hold the text.
    """
    import python_calamine as calamine

    if content.data.startswith(b"PK"):
        with opened(content) as archive:
            for name in archive.namelist():  # so that no member is larger than it says, before the library reads it
                member_bytes(content, archive, name)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content.data)) as book:
            seen = [sheet.name for sheet in book.sheets_metadata if sheet.visible == calamine.SheetVisibleEnum.Visible]
            sheets = [(name, _rows(content, book.get_sheet_by_name(name))) for name in seen or book.sheet_names]
    except calamine.PasswordError:
        raise ReadError("office_encrypted", name=content.name) from None
    except (
        calamine.CalamineError,
        calamine.ZipError,
        calamine.XmlError,
        zipfile.BadZipFile,
        OSError,
        ValueError,
    ) as error:
        raise ReadError("sheet_damaged", name=content.name, detail=type(error).__name__) from None
    filled = [(name, rows) for name, rows in sheets if rows]
    if not filled:
        raise ReadError("file_without_text", name=content.name)
    known = [(name, rows) for name, rows in filled if _header(content, rows) is not None]
    if not known:
        columns_of(content, [cell for cell in filled[0][1][0] if cell != ""])
    for name, rows in known:
        at = _header(content, rows) or 0
        columns = columns_of(content, rows[at])
        part = content if len(known) == 1 else _sheet(content, name)
        yield from articles(part, _values(rows[at + 1 :], columns))


def _sheet(content: Content, name: str) -> Content:
    from dataclasses import replace

    part = content.part(name, b"", "")
    return replace(part, depth=content.depth)


def _rows(content: Content, sheet: Any) -> list[list[Any]]:
    if sheet.total_height * sheet.total_width > _MOST_CELLS:
        raise ReadError("sheet_too_large", name=content.name, limit=_MOST_CELLS)
    return [row for row in sheet.to_python(skip_empty_area=True) if any(cell != "" for cell in row)]


def _header(content: Content, rows: list[list[Any]]) -> int | None:
    """Return which of the first rows names a column for the text."""
    for at, row in enumerate(rows[:_HEADER]):
        try:
            if "text" in find_columns([str(cell) for cell in row], content.columns):
                return at
        except KeyError:
            continue
    return None


def _values(rows: list[list[Any]], columns: dict[str, tuple[int, ...]]) -> Iterator[Values]:
    for row in rows:
        yield {field: [row[at] for at in found if at < len(row) and row[at] != ""] for field, found in columns.items()}
