"""Packages that only some formats need: an extra each, whose absence is an error that names the command."""

from __future__ import annotations

import importlib.util

from rag.errors import ReadError
from rag.settings import install_command


def require(package: str, *, extra: str, name: str) -> None:
    """Check that a package is installed, without importing it.

    Args:
        package: its import name.
        extra: the extra of this distribution that brings it.
        name: the file that needs it, for the message.

    Raises:
        ReadError: it is not installed.
    """
    if importlib.util.find_spec(package) is None:
        raise ReadError("package_missing", name=name, package=package, command=install_command(extra))
