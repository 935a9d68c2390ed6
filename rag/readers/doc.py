"""Word files of before 2007 (`.doc`), by a program that converts them: antiword or catdoc, where one is installed.

The program runs in the process that reads, within its limits of memory and time, and gets the file on its standard
input where it can; it writes nothing but its answer.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rag.errors import ReadError
from rag.readers.content import Content, document
from rag.readers.office import joined
from rag.records import Document

COMMAND = "apt install antiword"
_SECONDS = 30
_PROGRAMS = (("antiword", ("-m", "UTF-8.txt", "-w", "0", "-i", "1")), ("catdoc", ("-d", "utf-8", "-w")))


def available() -> bool:
    """Return whether a program that converts is installed."""
    return any(shutil.which(name) for name, _ in _PROGRAMS)


def read_doc(content: Content) -> Iterator[Document]:
    """Yield the document of a Word file of before 2007.

    Raises:
        ReadError: no program is installed, or it gives no text.
    """
    programs = [[path, *options] for name, options in _PROGRAMS if (path := shutil.which(name))]
    if not programs:
        raise ReadError("doc_converter_missing", name=content.name, command=COMMAND)
    text, detail = "", ""
    for program in programs:  # what one breaks at, the other may read
        text, detail = _converted(content, program)
        if text.strip():
            break
    else:
        raise ReadError("doc_not_converted", name=content.name, detail=detail)
    yield document(content, joined(text.split("\n")), pure=True)


def _converted(content: Content, program: list[str]) -> tuple[str, str]:
    """Return the text that a program gives, or nothing, and how it ended."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "a.doc"
        file.write_bytes(content.data)
        try:
            done = subprocess.run([*program, str(file)], capture_output=True, timeout=_SECONDS, check=False, cwd=place)
        except (OSError, subprocess.TimeoutExpired) as error:
            return "", type(error).__name__
    text = done.stdout[: content.max_bytes].decode("utf-8", "replace") if done.returncode == 0 else ""
    return text, f"exit code {done.returncode}"
