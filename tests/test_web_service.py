"""What is served beside the page, and the service as it starts, stops and comes back."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import anyio
import pytest
from mcp.client.client import Client
from playwright.sync_api import Browser, expect
from playwright.sync_api import Error as PlaywrightError
from visits import CONDITION, INVITED, ROOT, TRAIN, Served, Visit, address, browser, reader, served, visit
from waiting import wait_until

__all__ = ["browser", "reader", "served"]

pytestmark = pytest.mark.browser


def test_a_server_that_stops_and_comes_back_under_an_open_page(browser: Browser, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "app.py", "--port", port, "--index", str(tmp_path / "index"), "--corpus", "seeds"]

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        assert process.stderr is not None
        assert any("http://127.0.0.1" in line for line in process.stderr), "the server did not start"
        return process

    def stop(process: subprocess.Popen[str]) -> None:
        process.terminate()
        process.communicate(timeout=30)

    server = start()
    try:
        one = visit(browser, Served(f"http://127.0.0.1:{port}", tmp_path / "index"))
        page = one.open(f"?{urlencode({'q': CONDITION})}")
        stop(server)
        page.locator("#question textarea").fill(TRAIN)
        page.keyboard.press("Enter")
        alert = page.get_by_role("alert").filter(has_text="Izvor cannot be reached")
        expect(alert).to_be_visible()
        expect(page.locator(".iz-quotes").first).to_contain_text("la Moscova")  # what was there stays
        expect(page.get_by_text("Connection errored out")).not_to_be_visible()
        server = start()

        def asked_again() -> bool:
            with suppress(PlaywrightError):  # Gradio may have noticed the server first, and loaded the page again
                alert.get_by_role("button", name="Try again").click(timeout=1_000)
            page.wait_for_timeout(1_000)
            return bool(page.locator(".iz-abstain").is_visible())

        wait_until(asked_again, 60)
        expect(alert).to_have_count(0)
        assert address(page, "q")["q"] == [TRAIN]
        one.context.close()
    finally:
        stop(server)


def test_exports_are_the_result_at_the_same_address(served: Served) -> None:
    query = urlencode({"q": CONDITION, "languages": "ro"})
    with urllib.request.urlopen(f"{served.url}/export.json?{query}", timeout=20) as response:
        data = json.load(response)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    citation = data["quotes"][0]["citation"]
    text = (ROOT / "seeds" / citation["document_id"]).read_text(encoding="utf-8")
    assert text[citation["start"] : citation["end"]] == data["quotes"][0]["text"]
    with urllib.request.urlopen(f"{served.url}/export.csv?{query}", timeout=20) as response:
        rows = list(csv.DictReader(io.StringIO(response.read().decode())))
    assert [row["text"] for row in rows if row["kind"] == "quote"] == [q["text"] for q in data["quotes"]]


def test_an_assistant_is_served_beside_the_page(served: Served) -> None:
    async def session() -> Any:
        async with Client(f"{served.url}/mcp") as client:
            return await client.call_tool("answer", {"question": CONDITION})

    with ThreadPoolExecutor(1) as beside:  # Playwright keeps an event loop of its own in this thread
        data = beside.submit(anyio.run, session).result().structured_content
    assert "la Moscova" in data["quotes"][0]["text"]
    assert data["quotes"][0]["citation"]["document_id"] == INVITED


def test_the_interface_documents_itself_without_other_hosts(reader: Visit) -> None:
    reader.page.goto(f"{reader.base}/docs")
    expect(reader.page.locator(".opblock-summary-path").first).to_contain_text("/api/")


def test_a_port_in_use_gets_one_clear_line(served: Served) -> None:
    port = urlsplit(served.url).port
    command = [sys.executable, "app.py", "--port", str(port), "--index", str(served.index)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert (
        done.stderr == f"error: Port {port} on 127.0.0.1 is already in use. Choose another: --port {(port or 0) + 1}\n"
    )


def test_a_missing_corpus_gets_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "--port", "0", "--index", "i", "--corpus", "nowhere"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [command[0], str(ROOT / "app.py"), *command[2:]], cwd=tmp_path, env=environment, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: ") and "nowhere" in last and "Traceback" not in done.stderr
