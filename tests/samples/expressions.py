"""All regular expressions of a package, and strings that are hard for them."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from rag.text.lexicon import codes

QUICK = 0.004
"""Processor seconds for the longer string: no expression that is quadratic takes less."""

_ANCHORED = {"match", "fullmatch"}
_METHODS = {*_ANCHORED, "search", "sub", "subn", "split", "findall", "finditer"}
_ALWAYS = (" ", "\n", "a", "A", "1", ".", "-", '"', "<")
_ESCAPES = {"s": (" ", "\t"), "S": ("x",), "d": ("1",), "D": ("x",), "w": ("a", "1"), "W": ("-",)}
_MOST_LANGUAGES = 3
_MOST = 14  # characters of one expression that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A regular expression of the package: its name, and whether it is tried at one place of a text or at each."""

    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    anchored: bool


def expressions(package: ModuleType) -> Iterator[Expression]:
    """Yield the compiled expressions of a package's modules, and the literal ones in their functions."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith(".__main__"):
            continue
        module = importlib.import_module(found.name)
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        used = _uses(tree)
        for name, value in vars(module).items():
            for number, pattern in enumerate(_inside(value)):
                named = f"{found.name}.{name}" + (f"[{number}]" if pattern is not value else "")
                anchored = pattern is value and bool(used[name]) and used[name] <= _ANCHORED
                yield Expression(name=named, pattern=pattern, anchored=anchored)
            for call, pattern in _made_by(value, found.name):
                anchored = bool(used[name]) and used[name] <= _ANCHORED
                yield Expression(name=f"{found.name}.{call}", pattern=pattern, anchored=anchored)
        for number, method, literal in _literals(tree):
            yield Expression(name=f"{found.name}:{number}", pattern=re.compile(literal), anchored=method in _ANCHORED)


def _inside(value: Any, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, dict | tuple | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _inside(one, depth - 1)


def _made_by(value: Any, module: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield the expressions that a function of a module makes when they are needed, for each language."""
    made = inspect.unwrap(value) if callable(value) else None
    if (
        not inspect.isfunction(made)
        or made.__module__ != module
        or "Pattern" not in str(inspect.signature(made).return_annotation)
    ):
        return
    parameters = list(inspect.signature(made).parameters)
    asked = [(code,) for code in sorted(codes())] if parameters == ["language"] else [()] if not parameters else []
    found = [
        (f"{made.__name__}({', '.join(arguments)})", pattern)
        for arguments in asked
        for pattern in _inside((value(*arguments),))
    ]
    yield from sorted(found, key=lambda one: len(one[1].pattern))[-_MOST_LANGUAGES:]  # they differ in words alone


def _uses(tree: ast.AST) -> dict[str, set[str]]:
    """Return by which methods each global of a module is used."""
    used: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            made = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(made, ast.Name):
                used[made.id].add(node.attr)
    return used


def _literals(tree: ast.AST) -> Iterator[tuple[int, str, str | bytes]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args):
            continue
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str | bytes):
            yield node.lineno, node.func.attr, node.args[0].value


def slow_on(expression: Expression, most: int = 6000) -> str | None:
    """Return, as an expression, a string whose doubling takes more than threefold time; None where none does."""
    for prefix, repeated, suffix in _attacks(expression.pattern):
        if _is_slow(expression, prefix, repeated, suffix, most):
            return f"{prefix!r} + {repeated!r} * n + {suffix!r}"
    return None


def _is_slow(expression: Expression, prefix: str, repeated: str, suffix: str, most: int) -> bool:
    for size in (20, most):  # from the larger, an exponential one would not come back
        texts = [prefix + repeated * count + suffix for count in (size // 4, size)]
        if _seconds(expression, texts[1]) < QUICK:
            continue
        # several times, and the quickest counts: other work on the machine only adds
        quarter, whole = (min(_seconds(expression, text) for _ in range(4)) for text in texts)
        if whole >= QUICK and whole > 3 * 3 * quarter:  # threefold for each doubling
            return True
    return False


def _seconds(expression: Expression, text: str) -> float:
    pattern: re.Pattern[Any] = expression.pattern
    data = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    began = time.process_time()
    if expression.anchored:
        pattern.match(data)
        pattern.fullmatch(data)
    else:
        for _ in pattern.finditer(data):
            pass
    return time.process_time() - began


def _attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what to repeat and what to put around it: characters and words of the expression, and pairs of them."""
    written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    letters = _characters(written)
    pieces = (*re.split(r"[^\w ]+", written), *re.split(r"[\\()\[\]{}|?*+^$.]+", written))
    words = list(dict.fromkeys(piece for piece in pieces if 1 < len(piece) < 20))[:8]
    units = [*letters, *(a + b for a in letters for b in letters if a != b)]
    units += [*words, *(f" {word}" for word in words), *(a + b for a, b in pairwise(words))]
    for repeated in dict.fromkeys(units):
        yield "", repeated, "\x00"
    for start in dict.fromkeys(("", *letters[:3])):
        for repeated in letters:
            for suffix in ("", "\n!", repeated + "\x00"):
                yield start, repeated, suffix


def _characters(written: str) -> list[str]:
    found: list[str] = []
    escaped = False
    for character in written:
        if escaped:
            found += _ESCAPES.get(character, (character,) if not character.isalnum() else ())
            escaped = False
        elif character == "\\":
            escaped = True
        elif (character.isalpha() and len(found) < _MOST // 2) or not character.isalnum():
            found += () if character in "()|?*+^$" else (character,)
    return list(dict.fromkeys([*found[:_MOST], *_ALWAYS]))


if __name__ == "__main__":
    import rag

    for one in expressions(rag):
        if len(sys.argv) > 1 and not re.search(sys.argv[1], one.name):
            continue
        bad = slow_on(one)
        if bad:
            print(one.name, "|", bad, "|", str(one.pattern.pattern)[:150])
