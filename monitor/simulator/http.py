"""HTTP/1.1 as far as a provider needs it: requests read, responses worded; no I/O."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_HEAD_BYTES = 64 << 10
MAX_BODY_BYTES = 4 << 20

#: The end of a chunked body.
LAST_CHUNK = b"0\r\n\r\n"

_REASONS = {status.value: status.phrase for status in HTTPStatus} | {529: "Site is overloaded"}


class BadRequestError(Exception):
    """The bytes are no request that this server takes.

    Attributes:
        status: What to answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, read to its last byte.

    Attributes:
        method: In upper case.
        path: Without the query.
        query: Its parameters.
        headers: Names in lower case; of a repeated header the last counts.
        body: As many bytes as the client announced.
        received_ns: The instant at which the last byte was read.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_ns: int

    @property
    def closes(self) -> bool:
        """The client wants the connection closed after the response."""
        return "close" in self.headers.get("connection", "").lower()

    def json(self) -> object:
        """The decoded body.

        Raises:
            ValueError: It is not JSON.
        """
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response whose body is known from the start."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def json_answer(
    status: int, body: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """An answer that carries *body* as JSON."""
    return Answer(status=status, body=json.dumps(body).encode(), headers=headers)


def head(status: int, headers: tuple[tuple[str, str], ...]) -> bytes:
    r"""Status line and headers, with the empty line that ends them.

    >>> head(204, (("x-a", "b"),))
    b'HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n'
    """
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines.extend(f"{name}: {value}" for name, value in headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    r"""One chunk of a chunked body.

    >>> chunk(b"hello")
    b'5\r\nhello\r\n'
    """
    return b"%x\r\n%b\r\n" % (len(data), data)


class RequestParser:
    """Collects bytes of one connection and gives the requests they make up."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes, at_ns: int) -> Iterator[Request]:
        """Give the requests that are complete with *data*, which was read at *at_ns*.

        Raises:
            BadRequestError: What came is no request that this server takes.
        """
        self._buffer += data
        while request := self._next(at_ns):
            yield request

    def _next(self, at_ns: int) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise BadRequestError(431, "the headers are too long")
            return None
        method, target, headers = _parse_head(bytes(self._buffer[:end]))
        length = _body_length(headers)
        start = end + 4
        if len(self._buffer) < start + length:
            return None
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        parts = urlsplit(target)
        return Request(
            method=method,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers=headers,
            body=body,
            received_ns=at_ns,
        )


def _parse_head(data: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = data.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:  # noqa: PLR2004 - method, target, version
        raise BadRequestError(400, "the request line is not one")
    if words[2] != "HTTP/1.1":
        raise BadRequestError(505, "only HTTP/1.1 is spoken here")
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError(400, "a header has no colon")
        headers[name.strip().lower()] = value.strip()
    return words[0].upper(), words[1], headers


def _body_length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadRequestError(411, "a request body needs a Content-Length")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise BadRequestError(400, "the Content-Length is not a number")
    if len(text) > len(str(MAX_BODY_BYTES)) or int(text) > MAX_BODY_BYTES:
        raise BadRequestError(413, "the request body is too long")
    return int(text)
