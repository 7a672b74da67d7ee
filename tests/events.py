"""A follower of server-sent events, as a browser is one."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from time import monotonic_ns
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event, or a comment.

    Attributes:
        name: Empty for a comment.
        id: As sent.
        data: Decoded; of a comment its words.
        at_ns: When it was here, by the monotonic clock.
    """

    name: str
    id: str
    data: Any
    at_ns: int


@dataclass
class Follower:
    """What was heard; reading goes on with each event that is asked for."""

    answer: HTTPResponse
    lines: Iterator[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = iter(self.answer)

    def next(self, name: str | None = None) -> Event:
        """Wait for an event, or for one of a name; an empty name is a comment's."""
        while True:
            event = self._read()
            if name is None or event.name == name:
                return event

    def _read(self) -> Event:
        told: dict[str, str] = {}
        for line in self.lines:
            words = line.decode().rstrip("\n")
            if words:
                member, _, value = words.partition(": ")
                told[member] = value
            elif told:
                break
        assert told, "the stream ended"
        comment = told.get("")
        data = json.loads(told["data"]) if comment is None else comment.removeprefix(" ")
        return Event(told.get("event", ""), told.get("id", ""), data, monotonic_ns())


@contextmanager
def following(
    address: str,
    last_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    path: str = "/api/v1/events",
) -> Iterator[Follower]:
    """Follow until the end of the block, and then hang up."""
    connection = HTTPConnection(address, timeout=60)
    given = dict(headers or {}) | ({"last-event-id": last_id} if last_id is not None else {})
    connection.request("GET", path, headers=given)
    sock: socket.socket = connection.sock
    answer = connection.getresponse()
    try:
        yield Follower(answer)
    finally:
        answer.close()
        sock.close()
        connection.close()
