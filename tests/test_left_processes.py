"""The fixture that finds what a test has left running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = f"""
import subprocess, sys
sys.path.insert(0, {str(Path(__file__).parent / "samples")!r})
import left_processes
left_processes._PATIENCE_SECONDS = 0.2
from left_processes import no_process_is_left

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]

def test_that_leaves_a_child():
    subprocess.Popen(SLEEP)

def test_that_leaves_a_child_of_a_child():
    inner = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    subprocess.run([sys.executable, "-c", inner], check=True)

def test_that_ends_what_it_starts():
    with subprocess.Popen(SLEEP) as process:
        process.kill()
    assert left_processes.children() == {{}}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_a_test_that_leaves_a_process_fails_and_the_process_is_ended(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(TESTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert "3 passed, 2 errors" in done.stdout, done.stdout
    assert done.stdout.count("processes were left: {") >= 2
