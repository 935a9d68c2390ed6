"""What stands in front of a text about it: YAML, TOML, title lines of pandoc, labels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from benchmarks.cases.case import Case

_BODY = (
    "Guvernul a aprobat joi construirea unui spital regional la Craiova, cu 807 paturi și 25 de săli de operație.\n\n"
    "Lucrările ar urma să înceapă în toamna acestui an și să dureze patru ani.\n"
)
_HOURS = timezone(timedelta(hours=2))


def _case(name: str, head: str, given: dict[str, Any]) -> Case:
    masked = [line for line in head.splitlines() if line.strip(" -+%")]
    return Case(
        name=name, file=f"{name}.md", data=(head + _BODY).encode(), has=[_BODY], masked=masked, given=given, open_=_BODY.split("\n\n")[:1],
    )  # fmt: skip


CASES = [
    _case(
        "clipper",
        '---\ntitle: "Spital regional: 807 paturi"\nsource: "https://o.example/spital"\nauthor:\n  - "[[Ioana Marin]]"\n'
        'published: 2026-02-03\ncreated: 2026-02-10\ndescription: "Guvernul a aprobat."\ntags:\n  - "clippings"\n---\n',
        {"title": "Spital regional: 807 paturi", "source": "https://o.example/spital", "author": "Ioana Marin", "published": date(2026, 2, 3)},
    ),
    _case(
        "hugo",
        '---\ntitle: "Spital la Iași"\ndate: 2026-02-04T09:30:00+02:00\ndraft: false\nauthor: "Vlad Rusu"\nlastmod: 2026-02-05\n---\n',
        {"title": "Spital la Iași", "author": "Vlad Rusu", "published": datetime(2026, 2, 4, 9, 30, tzinfo=_HOURS), "modified": date(2026, 2, 5)},
    ),
    _case(
        "toml",
        '+++\ntitle = "Spital la Cluj"\ndate = 2026-02-05T09:30:00+02:00\nauthor = "Dan Popa"\n+++\n\n',
        {"title": "Spital la Cluj", "author": "Dan Popa", "published": datetime(2026, 2, 5, 9, 30, tzinfo=_HOURS)},
    ),
    _case(
        "pandoc",
        "% Spital la Timișoara\n% Andrei Stan; Ana Pop\n% 7 februarie 2026\n\n",
        {"title": "Spital la Timișoara", "author": "Andrei Stan, Ana Pop", "published": date(2026, 2, 7)},
    ),
    _case(
        "joplin",
        "title: Spital la Brașov\nupdated: 2026-02-08 10:00:00Z\ncreated: 2026-02-08 09:00:00Z\nsource: https://b.example/s\n---\n\n",
        {"title": "Spital la Brașov", "source": "https://b.example/s", "published": datetime(2026, 2, 8, 9, tzinfo=UTC)},
    ),
    _case(
        "trafilatura",
        "---\ntitle: Spital la Oradea\nauthor: Mara Ilie\nurl: https://c.example/s\nhostname: c.example\nsitename: Crișana\ndate: 2026-02-06\n---\n",
        {"title": "Spital la Oradea", "outlet": "Crișana", "author": "Mara Ilie", "source": "https://c.example/s"},
    ),
    _case(
        "colon-without-quotes",
        "---\ntitle: Spital: 807 paturi\nauthor: 'Ana Pop'\n---\n",
        {"title": "Spital: 807 paturi", "author": "Ana Pop"},
    ),
    _case(
        "json",
        '{\n "title": "Spital la Iași",\n "date": "2026-02-03",\n "author": "Ana Pop"\n}\n\n',
        {"title": "Spital la Iași", "author": "Ana Pop", "published": date(2026, 2, 3)},
    ),
    _case(
        "org",
        "#+TITLE: Spital la Arad\n#+AUTHOR: Ana Pop\n#+DATE: 2026-02-03\n\n",
        {"title": "Spital la Arad", "author": "Ana Pop", "published": date(2026, 2, 3)},
    ),
    _case(
        "labels",
        "Titlu: Spital la Craiova\nAutor: Ana Pop\nSursa: Oltenia Azi\nData: 2026-02-03\n\n",
        {"title": "Spital la Craiova", "author": "Ana Pop", "outlet": "Oltenia Azi", "published": date(2026, 2, 3)},
    ),
]  # fmt: skip
