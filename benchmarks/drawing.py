"""Charts as SVG text, written by hand: two kinds of picture need no plotting library, and the files diff as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

_COLOURS = ("#0b6e4f", "#b5541c", "#3a5ba0", "#8a2f6b", "#6b6b00", "#555555")  # dark enough on white for AA contrast
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'
_INK, _PALE = "#222222", "#d9d9d9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One value with its interval, in one row of one panel."""

    row: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One named curve: points ``(x, y)`` in [0, 1], drawn joined, and as circles where `dots` is set."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


def dot_panels(panels: Sequence[tuple[str, Sequence[Dot]]], *, title: str, lowest: float, note: str = "") -> str:
    """Draw one panel for each group, its rows named at the left, a dot with its interval and its value in each row.

    The axis runs from `lowest` to 1 in every panel, so that panels compare.
    """
    rows = list(dict.fromkeys(dot.row for _, dots in panels for dot in dots))
    left, width, gap, row_height, top = 250, 210, 75, 24, 64
    height = top + row_height * len(rows) + 56
    total = left + len(panels) * (width + gap)
    parts = [_text(12, 24, title, size=15, weight="bold")]
    parts += [_text(12, top + row_height * (n + 0.65), row) for n, row in enumerate(rows)]
    for number, (name, dots) in enumerate(panels):
        x0 = left + number * (width + gap)
        parts.append(_text(x0, top - 12, name, weight="bold"))
        for tick in _ticks(lowest):
            x = x0 + width * (tick - lowest) / (1 - lowest)
            parts.append(_segment(x, top, x, top + row_height * len(rows), _PALE))
            parts.append(_text(x, top + row_height * len(rows) + 16, f"{tick:g}", anchor="middle"))
        for dot in dots:
            y = top + row_height * (rows.index(dot.row) + 0.5)
            low, x, high = (
                x0 + width * (max(value, lowest) - lowest) / (1 - lowest) for value in (dot.low, dot.value, dot.high)
            )
            parts.append(_segment(low, y, high, y, _COLOURS[0], 2))
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_COLOURS[0]}"/>')
            parts.append(_text(x0 + width + 10, y + 4, f"{dot.value:.3f}"))
    parts.append(_text(12, height - 12, note))
    return _svg(total, height, title, parts)


def line_chart(lines: Sequence[Line], *, title: str, x: str, y: str, diagonal: bool = False) -> str:
    """Draw curves over the unit square, with a legend; `diagonal` marks where x equals y."""
    left, top, side = 60, 48, 360
    bottom = top + side
    parts = [_text(left, 26, title, size=15, weight="bold")]
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        parts.append(_segment(left, bottom - side * tick, left + side, bottom - side * tick, _PALE))
        parts.append(_text(left - 8, bottom - side * tick + 4, f"{tick:g}", anchor="end"))
        parts.append(_text(left + side * tick, bottom + 18, f"{tick:g}", anchor="middle"))
    if diagonal:
        parts.append(_segment(left, bottom, left + side, top, "#888888", 1, dashed=True))
    for number, line in enumerate(lines):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(left + side * px, bottom - side * py) for px, py in line.points]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if line.dots:
            parts += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>' for px, py in places]
        key = top + 14 + 20 * number
        parts.append(_segment(left + side + 20, key - 4, left + side + 44, key - 4, colour, 3))
        parts.append(_text(left + side + 50, key, line.name))
    parts.append(_text(left + side / 2, bottom + 40, x, anchor="middle"))
    parts.append(
        f'<text x="18" y="{top + side / 2}" transform="rotate(-90 18 {top + side / 2})" {_FONT} '
        f'text-anchor="middle" fill="{_INK}">{escape(y)}</text>'
    )
    return _svg(left + side + 300, bottom + 56, title, parts)


def write_svg(path: Path, picture: str) -> Path:
    """Write a picture and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(picture, encoding="utf-8")
    return path


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="{escape(title)}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def _ticks(lowest: float) -> list[float]:
    step = 0.1 if lowest >= 0.5 else 0.2
    return [round(1 - step * n, 2) for n in range(11) if 1 - step * n >= lowest - 1e-9][::-1]


def _segment(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"{dash}/>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="system-ui, sans-serif" font-size="{size}" '
        f'font-weight="{weight}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'
    )
