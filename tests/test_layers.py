"""The import directions of the house, and what `import rag` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rag"

# What a layer may import of ours besides itself. Faces (cli, web, api) see the public names and their own helpers.
BASE = {"records", "errors", "settings"}
ALLOWED: dict[str, set[str]] = {
    "records": set(),
    "errors": set(),
    "settings": {"errors"},
    "text": BASE,
    "encoding": BASE | {"text"},
    "store": BASE | {"text"},
    "indexing": BASE | {"text", "encoding", "store"},
    "retrieval": BASE | {"text", "encoding", "store"},
    "answering": BASE | {"text", "encoding", "store", "retrieval"},
    "wanting": BASE | {"encoding", "store"},
    "parts": BASE | {"encoding", "store", "indexing", "retrieval", "answering", "wanting"},
    "index": BASE | {"encoding", "store", "indexing", "retrieval", "answering", "wanting", "parts", "rebuilding"},
    "rebuilding": BASE | {"encoding", "store", "wanting", "index"},
    "defaults": BASE | {"index", "retrieval"},
    "service": BASE | {"index"},
    "evaluation": BASE | {"index", "retrieval"},
    "schema": {"records"},
    "flags": {"web"},
    "printing": {"records"},
    "cli": {"evaluation", "web", "settings", "service", "schema", "flags", "printing"},
    "web": {"api", "service", "schema"},
    "api": {"settings", "service", "schema"},
}
FACES = {"cli", "web", "api", "evaluation"}


def imports(path: Path) -> set[str]:
    """Return the layers of ours that a module imports, at whatever depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rag":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names} & set(ALLOWED)
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("rag.")}
    return found


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    mine = layer(path)
    assert mine in ALLOWED, f"rag/{mine} is a new layer: give it a place in docs/architecture.md and here"
    assert imports(path) - {mine} <= ALLOWED[mine]


def test_only_one_module_imports_faiss() -> None:
    importing = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "faiss" for alias in node.names)
    ]
    assert set(importing) == {"store/vectors.py"}


@pytest.mark.parametrize("statement", ["import rag", "import rag; rag.Index.open", "import rag.cli"])
def test_importing_stays_light(statement: str) -> None:
    heavy = [
        "torch",
        "sentence_transformers",
        "gradio",
        "faiss",
        "lingua",
        "simplemma",
        "langchain_text_splitters",
        "pandas",
    ]
    if statement == "import rag":
        heavy += ["numpy", "sqlite3"]
    code = f"import sys; {statement}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_answering_from_the_bundled_model_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, rag\n"
        f"with rag.Index.create({str(tmp_path / 'index')!r}) as index:\n"
        "    index.add([rag.Document(id='a', text='The two presidents met in Moscow on Monday.')])\n"
        "    print(index.answer('Where did the presidents meet?').quotes[0].text)\n"
        "print([name for name in ('torch', 'sentence_transformers', 'gradio') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == ["The two presidents met in Moscow on Monday.", "[]"]
