"""Files that do something to the process that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

# In place of the XML library, in the readers' processes alone: what the file says, it does.
LIBRARY = """
import os, signal, sys, time
from xml.etree import ElementTree
from pathlib import Path

def fromstring(data, **_):
    word, _, place = data.decode().split("\\n")[1].partition(" ")
    return ElementTree.fromstring(f"<d><body><p>{act(word, place)}</p></body></d>")

def act(word, place):
    if word == "KILL" or (word == "ONCE" and not Path(place).exists()):
        Path(place).touch() if word == "ONCE" else None
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "EXIT":
        os._exit(7)
    if word == "FILL":
        return str(len(bytearray(800_000_000)))
    if word == "MUCH":  # its outcome takes more than sixty million bytes, the next message does not
        import pickle
        dumps = pickle.dumps
        def large(message, **how):
            pickle.dumps = dumps
            return bytes(60_000_001)
        pickle.dumps = large
    if word == "CLAIM":
        os.write(3, (1 << 60).to_bytes(8, "little"))
    while word == "LOOP":
        pass
    if word == "WAIT":
        Path(place).write_text(str(os.getpid()))
        time.sleep(600)
    if word == "LOADED":
        heavy = ("torch", "gradio", "faiss", "sentence_transformers", "simplemma", "pandas", "sqlite3")
        return f"loaded: {[name for name in heavy if name in sys.modules]}"
    if word == "PRINT":
        print("a library speaks", flush=True)
        os.system("echo a program speaks")
    if word in ("FORGE", "MUTE"):
        import decimal, pickle
        forged = pickle.dumps(decimal.Decimal(1) if word == "FORGE" else "something")
        pickle.dumps = lambda *_, **__: forged
    return f"{word} was read without any trouble."
"""


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a library that does what files say."""
    package = tmp_path / "libraries" / "defusedxml"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "ElementTree.py").write_text(LIBRARY, "utf-8")
    monkeypatch.syspath_prepend(package.parent)
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def write(folder: Path, words: Sequence[str], start: int = 0) -> None:
    for number, word in enumerate(words, start=start):
        (folder / f"{number:03}.fodt").write_text(f"<office:document>\n{word}\n</office:document>", "utf-8")
