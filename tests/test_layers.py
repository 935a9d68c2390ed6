"""The import directions between folders, circles between files, names, and what `import rag` costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rag"

# What a folder (or a file at the top) may import of ours besides itself. Nothing imports `cli` and `server`.
BASE = {"records", "errors", "settings", "translations"}
ALLOWED: dict[str, set[str]] = {
    "translations": set(),
    "errors": {"translations"},
    "records": {"errors", "translations"},
    "settings": {"errors"},
    "text": BASE,
    "encoding": BASE | {"text"},
    "store": BASE | {"text", "encoding"},
    "article": BASE | {"text", "encoding"},
    "readers": BASE | {"text", "article"},
    "fetching": BASE | {"text", "readers"},
    "indexing": BASE | {"text", "encoding", "store", "article", "readers", "fetching"},
    "retrieval": BASE | {"text", "encoding", "store"},
    "answering": BASE | {"text", "encoding", "store", "retrieval"},
    "components": BASE | {"encoding", "store", "indexing", "retrieval", "answering"},
    "index": BASE | {"encoding", "store", "indexing", "fetching", "retrieval", "answering", "components", "recent"},
    "default_index": BASE | {"index", "retrieval"},
    "rag": BASE | {"index", "default_index"},
    "recent": set(),
    "service": BASE | {"index", "recent"},
    "evaluation": BASE | {"index", "retrieval"},
    "schema": {"records"},
    "web": {"rag", "service", "schema"},
    "server": {"rag", "recent", "service", "schema", "settings", "web"},
    "cli": {"rag", "records", "evaluation", "server", "settings", "service", "schema"},
}


def module_of(path: Path) -> str:
    """Return a file's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(module: str) -> set[str]:
    """Return the files of ours that a file imports, at whatever depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rag":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "rag"}
    return found - {module}


IMPORTS = {module: imports(module) for module in MODULES}


def layer(module: str) -> str:
    """Return the folder of a file or, at the top, its own name."""
    return "rag" if module == "rag" else module.split(".")[1]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    mine = layer(module)
    assert mine in ALLOWED, f"rag/{mine} is a new layer: give it a place in docs/architecture.md and here"
    assert {layer(other) for other in IMPORTS[module]} - {mine} <= ALLOWED[mine]


def test_no_file_imports_itself_through_others(capsys: pytest.CaptureFixture[str]) -> None:
    levels: dict[str, int] = {}

    def level(module: str, path: tuple[str, ...]) -> int:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module not in levels:
            levels[module] = 1 + max((level(other, (*path, module)) for other in IMPORTS[module]), default=0)
        return levels[module]

    for module in MODULES:
        level(module, ())
    with capsys.disabled():
        print(f"\nrag/: {len(MODULES)} files on {max(levels.values())} levels of imports")


def test_no_two_files_share_a_name() -> None:
    names = Counter(path.stem for path in MODULES.values() if path.stem not in {"__init__", "__main__"})
    assert [name for name, count in names.items() if count > 1] == []


def test_what_searches_vectors_and_what_writes_their_files_imports_faiss() -> None:
    importing = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "faiss" for alias in node.names)
    ]
    assert set(importing) == {"store/search/vectors.py", "store/search/vector_files.py"}


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
