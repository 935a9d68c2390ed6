"""Kill writers, damage indexes and read hostile files; count what is lost or wrong: ``python -m benchmarks.attack``.

Each attack is drawn from ``--seed``, so that what was found can be found again. ``--kills`` writers of a small index
are killed at a random instant; the index must open, verify, and be the same as one built at once after the next run.
``--indexes`` copies of an index are damaged in one file; whatever is answered must be in the articles word for word,
or be refused with an error of our own. ``--files`` files of every format are damaged; each is read, or named with a
reason, in bounded time and memory. Every attack runs in a process of its own. Prints a table; exits 1 where anything is
wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python benchmarks/attack.py` works too

from benchmarks.format_files import write_formats
from benchmarks.machine import RESULTS, write_result
from benchmarks.texts import make_articles
from rag.errors import IndexUnusable, RagError
from rag.index import Index

_LONGEST = 60.0  # seconds that a file may take
_MOST_MEMORY = 2 * 2**30  # bytes that the processes which read it may take
_HUNG, _BROKEN = "did not end", "ended by a signal"
_GOOD = frozenset({"whole", "answered right", "refused", "read or named"})


def attack_writers(place: Path, count: int, draw: random.Random) -> Counter[str]:
    """Kill processes that index a changing folder, each at another instant."""
    corpus, index = place / "corpus", place / "index"
    corpus.mkdir(parents=True)
    articles = list(make_articles(60))
    found: Counter[str] = Counter()
    command = [sys.executable, "-m", "rag.cli", "index", str(corpus), "--index", str(index), "--no-refine"]
    usual = 2.0
    for number in range(count):
        for article in draw.sample(articles, 20):
            path = corpus / f"{article.id}.txt"
            if path.exists() and draw.random() < 0.4:
                path.unlink()
            else:
                path.write_text(f"{article.title}\n\n{article.text}\n\nEdition {number}.\n", "utf-8")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as writer:
            began = time.monotonic()
            with suppress(subprocess.TimeoutExpired):
                writer.wait(draw.uniform(0.2, 1.2) * usual)
                usual = min(usual, time.monotonic() - began)
            writer.kill()
        found[_apart(lambda: _same_as_new(corpus, index, place / "new"))] += 1
        shutil.rmtree(place / "new", ignore_errors=True)
    return found


def _same_as_new(corpus: Path, index: Path, new: Path) -> str:
    try:
        known = Index.open(index)
    except IndexUnusable:  # it was killed before there was one
        known = Index.create(index)
    with known:
        if known.verify():
            return "does not verify"
        known.sync(corpus)
        left = {one.id: known.document(one.id).sha256 for one in known.documents()}
    with Index.create(new) as once:
        once.sync(corpus)
        expected = {one.id: once.document(one.id).sha256 for one in once.documents()}
    return "whole" if left == expected else "lost or kept a document"


def attack_indexes(place: Path, count: int, draw: random.Random) -> Counter[str]:
    """Damage one file of an index, and ask, verify and list."""
    whole, damaged = place / "whole", place / "damaged"
    articles = list(make_articles(80))
    with Index.create(whole) as index:
        index.add(articles)
    texts = {article.id: article.text for article in articles}
    questions = [" ".join(article.text.split()[5:11]) + "?" for article in articles[:3]]
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file() and path.stat().st_size)
    found: Counter[str] = Counter()
    for _ in range(count):
        shutil.copytree(whole, damaged)
        path = damaged / draw.choice(files)
        path.write_bytes(_damage(path.read_bytes(), draw))
        found[_apart(lambda: _asked(damaged, texts, questions))] += 1
        shutil.rmtree(damaged)
    return found


def _asked(place: Path, texts: dict[str, str], questions: Sequence[str]) -> str:
    refused = 0
    for question in questions:
        try:
            with Index.open(place) as index:
                answer = index.answer(question)
                index.verify()
        except RagError:
            refused += 1
            continue
        for citation in (*(quote.citation for quote in answer.quotes), *(hit.citation for hit in answer.hits)):
            if citation.document_id not in texts:
                return "cited what is not there"
        for quote in answer.quotes:
            if texts[quote.citation.document_id][quote.citation.start : quote.citation.end] != quote.text:
                return "quoted other words"
    return "refused" if refused else "answered right"


def attack_readers(place: Path, count: int, draw: random.Random) -> Counter[str]:
    """Damage files of every format, and read them as a folder is read."""
    folders = write_formats(list(make_articles(3)), place / "formats")
    samples = [next(iter(sorted(folder.iterdir()))) for folder in folders.values()]
    found: Counter[str] = Counter()
    for number in range(count):
        sample = samples[number % len(samples)]
        corpus = place / f"hostile-{number}"
        corpus.mkdir()
        (corpus / f"file{sample.suffix}").write_bytes(_damage(sample.read_bytes(), draw))
        found[_apart(partial(_read, corpus, place / f"index-{number}"))] += 1
    return found


def _read(corpus: Path, index: Path) -> str:
    began = time.monotonic()
    with Index.create(index) as made:
        report = made.sync(corpus)
        if made.document_count() == 0 and not report.failed:
            return "neither read nor named"
    if time.monotonic() - began > _LONGEST:
        return "took too long"
    memory = 1024 * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return "took too much memory" if memory > _MOST_MEMORY else "read or named"


def _damage(data: bytes, draw: random.Random) -> bytes:
    """Return bytes that were cut, changed, emptied, repeated or mixed at some places."""
    damaged = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(damaged) + 1)
        length = draw.choice((1, 4, 64, 4096))
        kind = draw.randrange(5)
        if kind == 0:
            del damaged[at:]
        elif kind == 1:
            damaged[at : at + length] = draw.randbytes(len(damaged[at : at + length]))
        elif kind == 2:
            damaged[at : at + length] = bytes(len(damaged[at : at + length]))
        elif kind == 3:
            damaged[at:at] = damaged[at : at + length] * draw.choice((1, 50))
        else:
            del damaged[at : at + length]
    return bytes(damaged)


def _apart(attack: Callable[[], str]) -> str:
    """Return what an attack says in a process of its own, or how that ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(int(2 * _LONGEST))
        try:
            said = attack()
        except BaseException as error:  # whatever it is, it is what is looked for
            said = f"raised {type(error).__name__}: {error}"[:200]
        os.write(writing, said.encode("utf-8", "replace"))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said_here:
        heard = said_here.read().decode("utf-8", "replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return _HUNG if os.WTERMSIG(status) == signal.SIGALRM else f"{_BROKEN} ({os.WTERMSIG(status)})"
    return heard


def main() -> int:
    """Attack, print the counts, and keep them if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--indexes", type=int, default=40)
    parser.add_argument("--files", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write the result into benchmarks/results")
    flags = parser.parse_args()
    attacks = {
        "writers killed": (attack_writers, flags.kills),
        "indexes damaged": (attack_indexes, flags.indexes),
        "files damaged": (attack_readers, flags.files),
    }
    results: dict[str, dict[str, int]] = {}
    for name, (attack, count) in attacks.items():
        with tempfile.TemporaryDirectory(prefix="attack-") as place:
            found = attack(Path(place) / "place", count, random.Random(flags.seed))
        results[name] = dict(found)
        print(f"{name}: {count}", *(f"\n    {number:5} {what}" for what, number in found.most_common()), flush=True)
    if flags.keep:
        print(write_result("attack", {"seed": flags.seed, **results}, folder=RESULTS))
    wrong = sum(number for found in results.values() for what, number in found.items() if what not in _GOOD)
    print(f"wrong: {wrong}")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
