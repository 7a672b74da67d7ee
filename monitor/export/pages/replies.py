"""Pages and files as answers: what a browser may do with them, and how long it may keep them."""

import gzip
from collections.abc import Mapping
from hashlib import blake2s
from typing import NamedTuple, Self

from fastapi import Request, Response

#: Nothing but our own files, which the page names itself; no inline script or style.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
_HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"
#: A third of the time of the usual level for a twentieth more bytes.
_LEVEL = 4


class Body(NamedTuple):
    """A page that was written, to be given to all who ask for it.

    Attributes:
        plain: Its bytes.
        packed: The same, gzipped.
        tag: Names them.
    """

    plain: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """Pack a page; other threads go on meanwhile."""
        tag = f'W/"{blake2s(plain, digest_size=10).hexdigest()}"'
        return cls(plain, gzip.compress(plain, _LEVEL, mtime=0), tag)


def reply(request: Request, body: Body, status: int = 200) -> Response:
    """Give a page; that it is known already, if it is."""
    headers = {
        **_SAFE,
        "etag": body.tag,
        "cache-control": "no-cache",
        "vary": "accept, accept-encoding",
    }
    known = request.headers.get("if-none-match", "")
    if status == 200 and body.tag in (each.strip() for each in known.split(",")):  # noqa: PLR2004
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(body.packed, status, headers, _HTML)
    return Response(body.plain, status, headers, _HTML)


def keep(body: bytes, media_type: str) -> Response:
    """Give a file whose name says what is in it, so that it may be kept for good."""
    headers: Mapping[str, str] = {**_SAFE, "cache-control": _FOR_EVER}
    return Response(body, headers=dict(headers), media_type=media_type)


def wants_html(request: Request) -> bool:
    """Tell whether somebody looks: a browser says so, and asks for no part of the API."""
    path = request.scope["path"]
    is_data = path.startswith("/api/v1") or path in ("/metrics", "/healthz", "/readyz")
    return "text/html" in request.headers.get("accept", "") and not is_data
