"""What the command line prints: an answer and a hit as text, names that hide nothing, records as JSON."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path

from rag.records import Answer, Failure, Fault, Hit, Intent, Quote

_REASONS: Mapping[Intent, str] = {
    "answer": "No answer found in these articles.",
    "topic": "One word names a subject, but asks nothing. Ask a question for an answer.",
    "news": "No single sentence says what is new. Ask about somebody or something.",
    "follow_up": "This question depends on an earlier one, and none is remembered. Ask it in full.",
    "list": "A list of articles cannot be quoted. `rag retrieve` lists the passages closest to a question.",
    "summary": "A summary cannot be quoted. Ask about one thing in it.",
    "comparison": "A comparison cannot be quoted. Ask about each side by itself.",
}

_FAULTS: Mapping[Fault, str] = {
    "uncited": "it cites nothing",
    "unknown_source": "it cites what is not there",
    "other_language": "it is not in the question's language",
    "number": "this number is not in what it cites",
    "date": "this date is not in what it cites",
    "name": "this name is not in what it cites",
    "unsupported": "what it cites does not support it",
}


def answer_as_text(answer: Answer) -> str:
    """Return an answer as plain text: the quotes with their citations, or the closest passages."""
    if answer.abstained:
        closest = "\n".join(f"  - {hit.citation}" for hit in answer.hits[:3])
        told = f"Closest passages:\n{closest}" if closest else ""
        return "\n".join(part for part in (_REASONS[answer.intent], *_notes(answer), told) if part)
    quotes = [f"[{quote.number}] {_line(quote.text)}" for quote in answer.quotes]
    sources = [f"[{quote.number}] {quote.citation}{also_in(quote)}" for quote in answer.quotes]
    return "\n".join([*_in_words(answer), *quotes, "", *_notes(answer), *sources])


def _in_words(answer: Answer) -> list[str]:
    """Return what a language model wrote, what was struck of it and why, and what went wrong; an empty line ends it."""
    if answer.generation is None:
        return []
    lines = [f"in words, by {_line(answer.generation.model)} at {answer.generation.place}:"]
    lines += [_line(answer.text)] if answer.text else []
    for sentence in answer.sentences or ():
        if sentence.fault is not None:
            missing = f": {_line(sentence.missing)}" if sentence.missing else ""
            lines.append(f"struck ({_FAULTS[sentence.fault]}{missing}): {_line(str(sentence))}")
    failure = answer.generation.failure
    lines += [failure.message()] if failure is not None else []
    return [*lines, ""] if len(lines) > 1 else []


def _notes(answer: Answer) -> list[str]:
    """Return how dates of the question were read, and how many articles have the answer."""
    dates = [
        f"understood: “{answer.question[period.start : period.end]}” as {period.first} to {period.last}"
        for period in answer.periods
    ]
    return [*dates, *([str(answer.agreement)] if answer.agreement and not answer.abstained else [])]


def also_in(quote: Quote) -> str:
    """Return which other outlets, or articles without one, carry a quote: "; also in: Delo, Večer"."""
    names = dict.fromkeys(place.outlet or place.title or place.document_id for place in quote.also)
    return f"; also in: {', '.join(map(name_as_line, names))}" if names else ""


def print_answer(answer: Answer) -> None:
    """Print an answer on a terminal: wrapped to its width, with colours unless ``NO_COLOR`` is set."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    first, _, rest = answer_as_text(answer).partition("\n")
    if answer.abstained:
        console.print(Text(first, style="bold yellow"))
        console.print(Text(rest))
        return
    for line in _in_words(answer):
        console.print(Text(line))
    for quote in answer.quotes:
        console.print(Text(f"[{quote.number}] ", style="bold cyan") + Text(_line(quote.text), style="bold"))
        console.print(Padding(Text(_line(f"{quote.citation}{also_in(quote)}"), style="dim"), (0, 0, 1, 4)))
    for line in _notes(answer):
        console.print(Text(line))


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show on stderr that something takes time, if that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def hit_as_text(hit: Hit) -> str:
    """Return a hit as it is read: its rank, score and place, then its words."""
    lines = [f"{hit.rank}. {hit.score:.3f} {hit.citation}", hit.passage.text.strip()]
    if hit.duplicates and hit.agreement:
        lines += [f"the same text elsewhere ({hit.agreement}):", *(f"  - {copy}" for copy in hit.duplicates)]
    return "\n".join(lines)


def name_as_line(text: str) -> str:
    """Return a name as one line in which nothing is invisible and nothing turns the line's direction."""
    return "".join(c if c.isprintable() else _escaped(c) for c in " ".join(text.split()))


def as_json(value: object) -> str:
    """Return records, or what holds them, as JSON."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def as_plain(record: object) -> dict[str, object]:
    """Return a record's fields by name, in the form that JSON has."""
    plain = _plain(record)
    return plain if isinstance(plain, dict) else {}


def _line(text: str) -> str:
    """Return a text as one line; what a terminal would obey rather than show is escaped."""
    return "".join(c if unicodedata.category(c) != "Cc" else _escaped(c) for c in " ".join(text.split()))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _plain(value: object) -> object:
    """Turn records into what JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        return {**plain, "message": value.message()} if isinstance(value, Failure) else plain
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (Sequence, Set)) and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value
