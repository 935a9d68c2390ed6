"""An address that exists, asked by a method it does not take: 405, with those it does take.

Gradio takes every address that nothing else takes, so that Starlette never comes to say this by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


class WrongMethod(BaseRoute):
    """To be put after the routes that it speaks for, and before what takes everything.

    Args:
        routes: those before it.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = tuple(routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what one of the routes would take by another method."""
        if scope["type"] != "http":
            return Match.NONE, {}
        near = [route for route in self._routes if _match(route, scope, scope["method"]) is Match.PARTIAL]
        # asked, not looked up: FastAPI's routers keep what they hold to themselves
        methods = [name for name in _METHODS if any(_match(route, scope, name) is Match.FULL for route in near)]
        return (Match.FULL, {"methods": methods}) if methods else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse it."""
        allowed = ", ".join(scope["methods"])
        said = f"{scope['method']} is not taken here. Use: {allowed}"
        raise HTTPException(405, said, headers={"Allow": allowed})


def _match(route: BaseRoute, scope: Scope, method: str) -> Match:
    # a copy: what a route finds out about a request it writes into its scope
    return route.matches({**{key: value for key, value in scope.items() if key != "fastapi"}, "method": method})[0]
