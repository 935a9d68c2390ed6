"""The real server, as `python app.py` starts it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@contextmanager
def serve(index: Path, corpus: Path) -> Iterator[str]:
    """Serve a corpus on a free port; give the page's address, and end the server afterwards."""
    command = [sys.executable, "app.py", "--port", "0", "--index", str(index), "--corpus", str(corpus)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            pytest.fail("the server did not start: " + "".join(said))
        try:
            yield found.group()
        finally:
            process.terminate()
            process.wait(timeout=20)
