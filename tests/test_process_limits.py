"""What the system allows a program, and places it cannot use, are told in one line before anything is begun."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from rag import IndexUnusable
from rag.cli.commands import main
from rag.store.rebuild import create_index
from rag.store.tables.manifest import Manifest


def test_too_little_address_space_is_refused_before_a_library_hangs(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (250_000_000, 250_000_000))

    command = [sys.executable, "-m", "rag.cli", "index", str(tmp_path), "--index", str(tmp_path / "index")]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "rag: This program may use 250,000,000 bytes of address space; it needs at least 4,000,000,000."
        " Run: ulimit -v unlimited\n",
    )


@pytest.mark.parametrize("command", [["index", "."], ["info"], ["ask", "Who?"], ["verify"], ["purge"], ["refine"]])
def test_an_index_path_that_is_not_unicode_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    place = os.fsdecode(os.fsencode(tmp_path) + b"/b\xff")
    assert main([*command, "--index", place]) == 1
    assert capsys.readouterr().err == (
        f"rag: The path of the index, '{tmp_path}/b\\udcff', is not UTF-8. Choose another: --index DIR\n"
    )
    assert not os.path.lexists(place)
    with pytest.raises(IndexUnusable):
        create_index(Path(place), Manifest(model="m", fingerprint="f", dimension=2))
