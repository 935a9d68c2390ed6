"""The real server, as `python app.py` starts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import wait_until

ROOT = Path(__file__).parents[2]


def _is_refined(url: str) -> bool:
    """Return whether all passages have been read in context: answers, which tests compare, do not change any more."""
    with urllib.request.urlopen(f"{url}/readyz", timeout=20) as response:
        state = json.load(response)
    return bool(state["refined"] == state["passages"])


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
            wait_until(lambda: _is_refined(found.group()))
            yield found.group()
        finally:
            process.terminate()
            process.wait(timeout=20)
