"""The README is run: its Python as it stands, its commands against a real index, its make targets looked up."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


COMMANDS = [line for block in blocks("bash") for line in block.splitlines() if line.startswith("rag ")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the README's reader has it, with an index of its own."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copytree(ROOT / "tests" / "data" / "seeds-beir", folder / "tests" / "data" / "seeds-beir")
    assert COMMANDS[0] == "rag index seeds"
    return folder


def run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works(command: str, home: Path) -> None:
    done = run(["-m", "rag.cli", *shlex.split(command)[1:]], home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    if command.startswith("rag ask"):
        assert "No answer found" not in done.stdout


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_works(code: str, home: Path) -> None:
    done = run(["-c", code], home)
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout.splitlines()[0]
    assert first.startswith("1 ") and "000_" in first


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make (\w+)`?", TEXT)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_place_on_the_map_exists() -> None:
    rows = re.findall(r"^\| (`.+?) \|", TEXT, re.MULTILINE)
    for row in rows:
        base = ""
        for name in re.findall(r"`([^`]+)`", row):
            base = base or (str(Path(name).parent) if "/" in name else "")
            assert (ROOT / name).exists() or (ROOT / base / name).exists(), name


def test_each_thing_to_look_for_is_found_by_its_word() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = text[text.index("## Where to find it") :].split("\n\n")[1]
    rows = re.findall(r"^\| (?!looking for)[^|-][^|]* \| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert len(rows) >= 10
    for places, word in rows:
        found = re.findall(r"`(rag/[\w/.]+)`", places)
        assert found or "<code>" in places, places
        for place in found:
            files = [ROOT / place] if (ROOT / place).is_file() else [*(ROOT / place).rglob("*.py")]
            assert files, place
            if word.startswith("`"):
                assert any(word.strip("`") in file.read_text("utf-8").lower() for file in files), (place, word)
