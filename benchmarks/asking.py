"""People who ask a running server, over real HTTP: through the interface for programs, and as the page asks."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode

WAYS = ("api", "page")
"""How a question is asked: ``/api/answer``, or the event of the page's question box."""

_FILE = re.compile(r'<p class=\\"iz-about iz-file\\">.*?</p>')  # of the file as it is now, not of the answer
_FRACTION = re.compile(r"\d+\.\d+(?:e-?\d+)?")
_SECONDS = 120  # a connection that is silent for so long counts as an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back for one question. `said` is all of it but fractions: texts, places, order."""

    question: str
    way: str
    status: int
    said: str
    seconds: float = field(compare=False)


class Person:
    """One client with a connection of its own, and a page of its own that it has opened.

    Raises:
        OSError, http.client.HTTPException: the server cannot be reached, or does not speak HTTP.
    """

    def __init__(self, port: int, name: str) -> None:
        self._name = name
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        _, page = self._fetch("GET", "/")
        config = page.decode("utf-8").split("window.gradio_config = ", 1)[1].split(";</script>", 1)[0]
        self._events = _events(json.loads(config))
        self._run("bridge.navigate", {"lang": "en"})

    def ask(self, question: str, way: str) -> Reply:
        """Ask one question and wait for its answer."""
        started = time.perf_counter()
        if way == "api":
            status, body = self._fetch("GET", f"/api/answer?{urlencode({'q': question})}")
        else:
            status, body = self._ask_as_the_page_does(question)
        seconds = time.perf_counter() - started
        return Reply(question=question, way=way, status=status, said=_said(status, body), seconds=seconds)

    def _ask_as_the_page_does(self, question: str) -> tuple[int, bytes]:
        """Ask for the quotes, then for what follows them."""
        status, quotes = self._run("bridge.ask", {"q": question, "lang": "en"})
        word = re.search(r'data-rest=\\"([^"\\]+)', quotes.decode("utf-8", "replace"))
        if status != 200 or word is None:
            return status, quotes
        status, rest = self._run("bridge.rest", {"q": question, "lang": "en", "rest": word[1]})
        if status != 200:
            return status, rest
        both = json.loads(quotes)["data"][:1] + json.loads(rest)["data"]
        return status, json.dumps(both, ensure_ascii=False).replace(word[1], "").encode()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _run(self, event: str, data: object) -> tuple[int, bytes]:
        number, trigger = self._events[event]
        content = {
            "data": [],
            "fn_index": number,
            "trigger_id": trigger,
            "session_hash": self._name,
            "event_data": data,
        }
        return self._fetch("POST", "/gradio_api/run/predict", json.dumps(content))

    def _fetch(self, method: str, path: str, body: str | None = None) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self._connection.getresponse()
        return response.status, response.read()


def ask_alone(port: int, questions: Sequence[str], way: str) -> list[Reply]:
    """Ask one question after another, as a single person does."""
    person = Person(port, f"alone-{way}-{time.monotonic_ns()}")
    try:
        return [person.ask(question, way) for question in questions]
    finally:
        person.close()


def ask_together(
    port: int, questions: Sequence[str], *, people: int, each: int, apart: bool, until: threading.Event | None = None
) -> list[Reply]:
    """Let so many people ask at once, each one question after the other, half of them each way.

    Args:
        port: where the server is.
        questions: each person begins at another and goes round.
        people: how many ask at the same time; they begin together.
        each: how many questions each asks.
        apart: whether each asks other questions than the rest, or most of them those that others ask, too.
        until: when it is set, those who have asked theirs stop; until then they go on. None: they do not go on.
    """
    begin = threading.Barrier(people)

    def ask(number: int) -> list[Reply]:
        person = Person(port, f"together-{number}-{time.monotonic_ns()}")
        replies: list[Reply] = []
        begin.wait(_SECONDS)
        while len(replies) < each or (until is not None and not until.is_set()):
            question = questions[(number * (each if apart else 1) + len(replies)) % len(questions)]
            replies.append(person.ask(question, WAYS[number % len(WAYS)]))
        person.close()
        return replies

    with ThreadPoolExecutor(people) as beside:
        return [reply for replies in beside.map(ask, range(people)) for reply in replies]


def _events(config: dict[str, object]) -> dict[str, tuple[int, int]]:
    """Return the page's events by ``element.event``: the number of the function, and of the element that causes it."""
    names: dict[int, str] = {}
    for part in config["components"]:  # type: ignore[attr-defined]
        names[part["id"]] = part["props"].get("elem_id")
    found: dict[str, tuple[int, int]] = {}
    for event in config["dependencies"]:  # type: ignore[attr-defined]
        for element, kind in event["targets"]:
            found[f"{names.get(element)}.{kind}"] = (event["id"], element)
    return found


def _said(status: int, body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    if status != 200:
        return text
    # the last digits of a score depend on how rows are stored, and rounding only moves the edge on which two fall apart
    return _FRACTION.sub("#", _FILE.sub("", text))
