"""Which of the small files of `benchmarks/cases` are read rightly, by kind, and what libraries make of them.

python -m benchmarks.formats
python -m benchmarks.formats --libraries     (those that are installed: pandoc, mammoth, docx2python, ...)
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.cases import epub, kinds, mail, matter, odf, pdf, rtf, several, tables, word
from benchmarks.cases.case import Case, wrong, wrong_text
from benchmarks.machine import write_result

KINDS: Mapping[str, Sequence[Case]] = {
    "word": word.CASES, "opendocument": odf.CASES, "rtf": rtf.CASES, "epub": epub.CASES, "pdf": pdf.CASES,
    "mail": mail.CASES,
    "csv": tables.CSV, "json": tables.JSON, "sheets": tables.SHEETS, "other": kinds.CASES,
    "front-matter": matter.CASES, "several": several.CASES,
}  # fmt: skip
_SECONDS = 20  # that a library may take for a case


def _pandoc(kind: str) -> Callable[[bytes], str]:
    def read(data: bytes) -> str:
        import pypandoc

        command = [pypandoc.get_pandoc_path(), "--sandbox", "-f", kind, "-t", "plain", "--wrap=none"]
        done = subprocess.run([*command, "--track-changes=accept"], input=data, capture_output=True, timeout=_SECONDS)
        return done.stdout.decode()

    return read


def _mammoth(data: bytes) -> str:
    import mammoth

    return str(mammoth.extract_raw_text(io.BytesIO(data)).value)


def _docx2python(data: bytes) -> str:
    from docx2python import docx2python

    with docx2python(io.BytesIO(data)) as found:
        return str(found.text)


def _python_docx(data: bytes) -> str:
    import docx
    from docx.table import Table

    blocks = docx.Document(io.BytesIO(data)).iter_inner_content()
    return "\n".join(
        "\t".join(cell.text for row in block.rows for cell in row.cells) if isinstance(block, Table) else block.text
        for block in blocks
    )


def _odfdo(data: bytes) -> str:
    from odfdo import Document

    return str(Document(io.BytesIO(data)).get_formatted_text())


def _striprtf(data: bytes) -> str:
    from striprtf.striprtf import rtf_to_text

    convert: Callable[..., str] = rtf_to_text
    return str(convert(data.decode("latin-1"), errors="replace"))


_LIBRARIES: dict[str, dict[str, Callable[[bytes], str]]] = {
    "word": {"pypandoc": _pandoc("docx"), "mammoth": _mammoth, "docx2python": _docx2python, "docx": _python_docx},
    "opendocument": {"pypandoc": _pandoc("odt"), "odfdo": _odfdo},
    "rtf": {"pypandoc": _pandoc("rtf"), "striprtf": _striprtf},
    "epub": {"pypandoc": _pandoc("epub")},
}


def measure(kind: str, place: Path) -> list[tuple[Case, list[str]]]:
    """Return the cases of a kind, each with what is wrong."""
    return [(case, wrong(case, place)) for case in KINDS[kind]]


def measure_library(kind: str, read: Callable[[bytes], str]) -> list[tuple[Case, list[str]]]:
    """Return the cases of a kind that hold a text, each with what is wrong with a library's text of it."""
    found: list[tuple[Case, list[str]]] = []
    for case in KINDS[kind]:
        if not case.refused:
            try:
                found.append((case, wrong_text(case, read(case.data))))
            except Exception as error:  # whatever a library raises is its answer
                found.append((case, [type(error).__name__]))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print right and wrong by kind; exit with 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", action="store_true", help="what each installed library makes of the same files")
    parser.add_argument("--out", type=Path, help="write the result there, named by the commit")
    parser.add_argument("--kind", choices=sorted(KINDS), help="only this one")
    options = parser.parse_args(arguments)
    results: dict[str, dict[str, dict[str, Any]]] = {}
    for kind in [options.kind] if options.kind else KINDS:
        with tempfile.TemporaryDirectory() as place:
            results[kind] = {"here": _print(kind, "here", measure(kind, Path(place)))}
        for name, read in _LIBRARIES.get(kind, {}).items() if options.libraries else ():
            if find_spec(name):
                results[kind][name] = _print(kind, name, measure_library(kind, read))
    if options.out:
        print(write_result("formats", {"kinds": results}, folder=options.out))
    return 1 if any(told["here"]["wrong"] for told in results.values()) else 0


def _print(kind: str, who: str, found: Sequence[tuple[Case, list[str]]]) -> dict[str, Any]:
    bad = {case.name: why for case, why in found if why}
    print(f"{kind:14} {who:12} {len(found) - len(bad):3} of {len(found)} right")
    for name, why in bad.items():
        print(f"    {name}: {'; '.join(why)}")
    return {"right": len(found) - len(bad), "of": len(found), "wrong": bad}


if __name__ == "__main__":
    sys.exit(main())
