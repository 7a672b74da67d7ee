"""Targets in URL paths: a key holds slashes, and counts as one segment all the same.

`/api/v1/targets/acme%2Flarge/results` is the exact spelling. `…/acme/large/results` means the same;
a key that itself ends in `/results` has to have its slashes encoded.
"""

from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_PREFIX = "/api/v1/targets/"
#: What is shown of a target, as the last segment of a path.
VIEWS = ("results", "series", "window")


def in_one_segment(raw_path: str) -> str:
    """Encode the key in a path, as it was sent, so that it is one segment.

    >>> in_one_segment("/api/v1/targets/acme/large@eu/series")
    '/api/v1/targets/acme%2Flarge%40eu/series'
    >>> in_one_segment("/api/v1/targets/acme%2Fseries")
    '/api/v1/targets/acme%2Fseries'
    """
    rest = raw_path.removeprefix(_PREFIX)
    if rest in ("", raw_path):
        return raw_path
    head, _, last = rest.rpartition("/")
    # Every key has a slash, so `acme/results` is one, and not the results of `acme`.
    has_view = last in VIEWS and "/" in unquote(head)
    key = quote(unquote(head if has_view else rest), safe="")
    return f"{_PREFIX}{key}/{last}" if has_view else f"{_PREFIX}{key}"


class KeysInOneSegment:
    """Middleware that does it to each request, before the routes are looked at."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request on its way to the routes."""
        if scope["type"] == "http" and scope["path"].startswith(_PREFIX):
            raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
            scope = {**scope, "path": in_one_segment(raw_path.decode("ascii", "replace"))}
        await self._app(scope, receive, send)
