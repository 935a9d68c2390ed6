"""What programs leave beside documents, in folders and in archives: it is no article, and not reading it no failure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_OF_PROGRAMS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r", "index.rdf", "__macosx"})
_PAGE_FOLDER = re.compile(  # what browsers call the folder beside a page that they save whole
    r"(?P<page>.+)(?:[_-](?:files|dateien|fichiers|archivos|bestanden|datoteke|filer|tiedostot|pliki|soubory|elemei"
    r"|ficheiros|arquivos|dosyalar|fisiere|fișiere|file|súbory|failid|fails|bylos|fitxers)|\.files)", re.IGNORECASE
)  # fmt: skip
_DEEPEST, _LONGEST_NAME = 8, 1_000  # folders in folders, and characters of a member's name, that are looked at
_PAGES = frozenset({".html", ".htm", ".xhtml"})


def is_leftover(name: str) -> bool:
    """Return whether a file or folder has the name of one that is hidden, or that programs leave beside documents.

    Example:
        >>> [is_leftover(name) for name in (".git", "~$clanek.docx", "Thumbs.db", "clanek.docx")]
        [True, True, True, False]
    """
    return (name.startswith((".", "~$")) and name not in (".", "..")) or name.lower() in _OF_PROGRAMS


def page_folders(names: Iterable[str]) -> frozenset[str]:
    """Return those of the names in one folder that are folders of scripts, pictures and frames beside a saved page.

    Example:
        >>> sorted(page_folders(["Most.html", "Most_files", "Reka_files", "Polje_datoteke", "polje.htm"]))
        ['Most_files', 'Polje_datoteke']
    """
    names = list(names)
    pages = set(map(_page, names)) - {""}
    return frozenset(name for name in names if _page_beside(name) in pages)


def leftover_members(names: Iterable[str]) -> frozenset[str]:
    """Return those of an archive's members that are leftovers, or lie in a folder that is one.

    Example:
        >>> sorted(leftover_members(["1/index.html", "1/index_files/ad.html", "1/index.rdf", "__MACOSX/a.txt"]))
        ['1/index.rdf', '1/index_files/ad.html', '__MACOSX/a.txt']
    """
    divided = {name: name[:_LONGEST_NAME].split("/", _DEEPEST) for name in names}
    pages = {(*folder, page) for *folder, file in divided.values() if (page := _page(file))}
    return frozenset(
        name
        for name, parts in divided.items()
        if any(map(is_leftover, parts))
        or any((*parts[:at], _page_beside(parts[at])) in pages for at in range(len(parts) - 1))
    )


def _page(file: str) -> str:
    """Return the name of a page without its ending, or nothing for other files."""
    path = PurePosixPath(file)
    return path.stem.casefold() if path.suffix.lower() in _PAGES else ""


def _page_beside(folder: str) -> str | None:
    """Return the name of the page beside which a folder of such a name lies, if one does."""
    match = _PAGE_FOLDER.fullmatch(folder)
    return match["page"].casefold() if match else None
