"""Who may ask: whoever sends the token, as a bearer or as the password of basic authentication."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from monitor.export.problems import problem
from monitor.model.target import Secret

#: Paths that answer without the token: load balancers and kubelets ask them.
_OPEN_PATHS = frozenset({"/healthz", "/readyz"})
#: A browser asks for a password when it is told that one would do.
_CHALLENGE = 'Bearer, Basic realm="monitor", charset="UTF-8"'
_DETAIL = (
    "Send the configured token as 'Authorization: Bearer TOKEN', or as the password of basic "
    "authentication with any user name."
)


def guard(api: FastAPI, token: Secret) -> None:
    """Let nobody without the token in, but to the health checks."""
    expected = token.reveal().encode()

    @api.middleware("http")
    async def check(
        request: Request, proceed: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        given = _given(request.headers.get("authorization", ""))
        if request.scope["path"] in _OPEN_PATHS or hmac.compare_digest(given, expected):
            return await proceed(request)
        return problem(401, _DETAIL, headers={"www-authenticate": _CHALLENGE})


def _given(header: str) -> bytes:
    """Take the token out of the header; what is none is empty, which no token is.

    >>> _given("Bearer abc"), _given("Basic bWU6YTpiYw=="), _given("Digest abc")
    (b'abc', b'a:bc', b'')
    """
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.encode()
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(rest, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
