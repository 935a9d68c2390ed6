"""The command line: commands, flags and printing."""

from rag.cli.commands import main

__all__ = ["main"]
