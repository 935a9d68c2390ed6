"""Where and when a result was measured, and the file that keeps it, named by the commit that produced it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

RESULTS = Path(__file__).parent / "results"

_ROOT = Path(__file__).parents[1]
_PACKAGES = ("numpy", "faiss-cpu", "tokenizers", "simplemma", "bm25s", "PyStemmer", "ir-measures", "torch")


def describe_machine() -> dict[str, object]:
    """Say what a figure depends on: processor, cores this process may use, memory, versions, commit and load."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "commit": commit(),
        "dirty": is_dirty(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": round(os.getloadavg()[0], 2),
    }


def write_result(name: str, values: Mapping[str, object], *, folder: Path = RESULTS) -> Path:
    """Write ``<name>-<commit>.json`` with the machine's description beside the values, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{commit()}.json"
    content = {"machine": describe_machine(), **values}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def memory_mb() -> float:
    """Return what this process holds in memory, mapped files included (Linux)."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return round(int(fields["VmRSS"].split()[0]) / 1024, 1)


def commit() -> str:
    """Return the short id of the commit checked out; outside a repository ``$SOURCE_COMMIT``, else ``unknown``."""
    return _git("rev-parse", "--short=12", "HEAD") or os.environ.get("SOURCE_COMMIT", "unknown")


def is_dirty() -> bool:
    """Say whether the tree differs from its commit; results themselves do not count."""
    return bool(_git("status", "--porcelain", "--", ".", ":(exclude)benchmarks/results"))


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    for line in information.read_text("utf-8").splitlines() if information.exists() else []:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
