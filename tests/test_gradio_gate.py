"""Of Gradio's routes only those that the page uses can be reached, and it hears nothing that it would repeat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount
from test_contract import application

from rag import Index
from rag.server.gradio_gate import GradioGate
from rag.server.guard import Guard
from rag.server.options import Terms

HERE = "http://127.0.0.1:7860"
OPEN = {
    "/", "/favicon.ico", "/robots.txt", "/theme.css", "/static/{path:path}", "/assets/{path:path}",
    "/gradio_api/run/{api_name}", "/gradio_api/app_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def app(seeds_index: Index) -> FastAPI:
    return application(seeds_index, Terms())


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(Guard(app, Terms()), base_url=HERE) as one:
        yield one


def gradio(app: FastAPI) -> Any:
    mount = app.router.routes[-1]
    assert isinstance(mount, Mount) and isinstance(mount.app, GradioGate)
    return mount.app._app


def flat(routes: list[Any]) -> list[Any]:
    """Return the routes with those of included routers in their place, as FastAPI keeps them apart."""
    return [
        one
        for route in routes
        for one in (flat(route.original_router.routes) if hasattr(route, "original_router") else [route])
    ]


def asked(route: str) -> str:
    return re.sub(r"\{\w+(?::\w+)?\}", "x", route)


def test_every_other_route_of_gradio_is_closed(app: FastAPI, client: TestClient) -> None:
    routes = {route.path: route.methods for route in flat(gradio(app).routes)}
    assert set(routes) > OPEN and len(routes) > 40
    for path, methods in routes.items():
        for method in methods:
            response = client.request(method, asked(path))
            closed = response.status_code == 404 and (method == "HEAD" or response.json() == {"detail": "Not Found"})
            ours = path == "/openapi.json"  # of our own interface
            assert closed or ours or path in OPEN, (method, path, response.status_code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/file=http://example.org/x"), ("HEAD", "/gradio_api/file=https://example.org/x"),
        ("GET", "/gradio_api/file=/etc/passwd"), ("GET", "/gradio_api/proxy=http://example.org"),
        ("POST", "/gradio_api/upload"), ("GET", "/gradio_api/upload_progress"), ("POST", "/gradio_api/component_server"),
        ("GET", "/gradio_api/info"), ("GET", "/gradio_api/openapi.json"), ("GET", "/config"), ("POST", "/login"),
        ("POST", "/gradio_api/queue/join"), ("POST", "/gradio_api/call/on_ask"), ("GET", "/gradio_api/heartbeat/x"),
        ("GET", "/gradio_api//file=http://example.org"), ("GET", "/gradio_api/run/../file=http://example.org"),
        ("GET", "/assets/%2e%2e/%2e%2e/config"), ("GET", "/monitoring"), ("GET", "/svelte/x"),
    ],
)  # fmt: skip
def test_what_gradio_fetches_keeps_or_tells_is_closed(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code in (403, 404)


def test_the_page_is_served_and_answers(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200 and "gradio_config" in page.text
    script = re.search(r'src="\./(assets/[^"]+\.js)"', page.text)
    assert script is not None and client.get(f"/{script[1]}").status_code == 200
    assert client.get("/theme.css").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    ],
)  # fmt: skip
def test_no_link_of_the_page_names_a_host_that_a_header_gave(client: TestClient, headers: dict[str, str]) -> None:
    page = client.get("/", headers=headers)
    assert page.status_code == 200 and "evil.example" not in page.text
    config = json.loads(page.text.split("window.gradio_config = ", 1)[1].split(";</script>")[0])
    assert config["root"] == HERE


@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://127.0.0.1:1", "null", "http://evil.example"])
def test_no_other_origin_may_read_what_the_page_gets(client: TestClient, origin: str) -> None:
    ask = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (
        client.get("/", headers={"Origin": origin}),
        client.options("/gradio_api/run/predict", headers=ask),
        client.post("/gradio_api/run/predict", headers={"Origin": origin}, json={"data": []}),
    ):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_what_is_asked_of_gradio_counts_like_what_programs_ask(app: FastAPI) -> None:
    client = TestClient(Guard(app, Terms(rate=0.2), clock=lambda: 0.0), base_url=HERE, raise_server_exceptions=False)
    answers = [client.post("/gradio_api/run/none", json={"data": []}).status_code for _ in range(4)]
    assert answers[-1] == 429


@pytest.mark.parametrize("address", ["/plain", "/written", "/export.json?q=x"])
def test_each_address_that_answers_is_limited(app: FastAPI, address: str) -> None:
    client = TestClient(Guard(app, Terms(rate=0.2), clock=lambda: 0.0), base_url=HERE, raise_server_exceptions=False)
    assert [client.get(address).status_code for _ in range(4)][-1] == 429


@pytest.mark.parametrize(
    ("address", "said"),
    [("/nothing", "There is no such page"), ("/nothing?lang=sl", "Te strani ni"), ("/a/b?lang=ro", "Pagina nu există")],
)
def test_a_wrong_address_is_a_page_to_a_browser(client: TestClient, address: str, said: str) -> None:
    response = client.get(address, headers={"accept": "text/html"})
    assert response.status_code == 404 and response.headers["content-type"].startswith("text/html")
    assert f"<h1>{said}</h1>" in response.text and 'href="/"' in response.text


def test_without_javascript_a_question_is_answered_as_a_page_of_links(client: TestClient) -> None:
    question = 'Ce condiție a pus Kremlinul pentru întâlnirea dintre "Putin" și <b>Zelenski?'
    page = client.get("/", params={"q": question}).text
    onward = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=(plain[^"]*)"', page)
    assert onward
    response = client.get("/" + unescape(onward[1]))
    assert response.status_code == 200
    html = response.text
    assert "la Moscova" in html and "<script" not in html and "<b>Zelenski" not in html
    assert 'value="Ce condiție a pus Kremlinul pentru întâlnirea dintre &#34;Putin&#34; și &lt;b&gt;Zelenski?"' in html
    cite = re.search(r'class="iz-number" href="(\?[^"]+)"', html)
    assert cite
    opened = client.get("/plain" + unescape(cite[1])).text
    assert '<mark class="cited"' in opened
    assert "No answer found" in client.get("/plain", params={"q": "Care este prețul biletelor?", "lang": "en"}).text
