"""Who may ask: whoever sends the token, as a bearer or as the password of basic authentication."""

import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from monitor.export.problems import problem
from monitor.export.public import is_public_path, published
from monitor.model.target import Secret

#: Paths that answer without the token: load balancers and kubelets ask them.
_OPEN_PATHS = frozenset({"/healthz", "/readyz"})
#: A browser asks for a password when it is told that one would do.
_CHALLENGE = 'Bearer, Basic realm="monitor", charset="UTF-8"'
_DETAIL = (
    "Send the configured token as 'Authorization: Bearer TOKEN', or as the password of basic "
    "authentication with any user name."
)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see what.

    Attributes:
        token: Who sends it sees everything.
        is_public: Who does not send it sees what anybody may see, and not only the health checks.
    """

    token: Secret
    is_public: bool = False


def is_public(request: Request) -> bool:
    """Say whether whoever asks may see only what anybody may see."""
    return bool(getattr(request.state, "is_public", False))


def guard(api: FastAPI, access: Access) -> None:
    """Let nobody without the token in, but to what is open."""
    expected = access.token.reveal().encode()

    @api.middleware("http")
    async def check(
        request: Request, proceed: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        given = _given(request.headers.get("authorization", ""))
        is_known = hmac.compare_digest(given, expected)
        is_open = request.scope["path"] in _OPEN_PATHS
        if is_known or (is_open and not access.is_public):
            return await proceed(request)
        if access.is_public and (is_open or is_public_path(_raw_path(request))):
            request.state.is_public = True
            return await _published(await proceed(request))
        return problem(401, _DETAIL, headers={"www-authenticate": _CHALLENGE})


def _raw_path(request: Request) -> str:
    return (request.scope.get("raw_path") or b"").decode("ascii", "replace")


async def _published(answer: Response) -> Response:
    """Leave out of an answer in JSON what is nobody's business; the others are made without it."""
    answer.headers.append("vary", "Authorization")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not kind.endswith("json"):
        return answer
    body = b"".join([part async for part in getattr(answer, "body_iterator")])  # noqa: B009
    headers = {
        name: value for name, value in answer.headers.items() if name.lower() != "content-length"
    }
    told = json.dumps(published(json.loads(body)), separators=(",", ":"))
    return Response(told, status_code=answer.status_code, headers=headers)


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
    except ValueError:  # as of what is not even ASCII
        return b""
