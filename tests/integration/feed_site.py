"""A routing feed of two groups, served for real."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from monitor.export.api import build_api
from monitor.export.guard import Access
from monitor.export.routing import RoutingFeed
from monitor.export.server import ApiServer, bind
from monitor.model.health import State, Transition
from monitor.model.target import Secret
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed
from tests.fakes import START, FakeClock
from tests.unit.export.pictures import make_snapshot
from tests.unit.export.test_metrics import make_metrics
from tests.unit.recorder.test_feed import picture, view

ROUTING = "/api/v1/routing"


class Told(NamedTuple):
    """An answer over HTTP."""

    status: int
    body: Any
    headers: dict[str, str]
    seconds: float


class Site:
    """A feed of two groups, served."""

    def __init__(self, clock: FakeClock, known: tuple[Transition, ...], token: str | None) -> None:
        self.feed, self.changes = Feed(clock), Changes(known)
        self.askers, self._drawn = ThreadPoolExecutor(1), 0
        snapshot = make_snapshot()
        api = build_api(
            snapshot=lambda: snapshot,
            metrics=make_metrics(snapshot),
            clock=clock,
            access=Access(Secret(token)) if token else None,
            routing=RoutingFeed(self.feed, self.changes),
        )
        self._server = ApiServer(api, bind("127.0.0.1:0"))
        self._server.start()
        self.address = self._server.address
        self.draw(State.UP)

    def draw(self, state: State) -> None:
        """Draw the next picture, a second later; one target of the large group is in a state."""
        self._drawn += 1
        large, small = view("a/x", state), view("c/y", group="acme/small")
        self.feed.draw(picture(large, view("b/x"), small, seconds=self._drawn))

    def get(self, path: str = ROUTING, **headers: str) -> Told:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        begun = monotonic()
        try:
            with urlopen(Request(f"http://{self.address}{path}", headers=given), timeout=60) as got:
                status, told, body = got.status, got.headers, got.read()
        except HTTPError as error:
            with error:
                status, told, body = error.code, error.headers, error.read()
        lower = {name.lower(): value for name, value in told.items()}
        return Told(status, json.loads(body or "null"), lower, monotonic() - begun)

    def connect(self) -> socket.socket:
        host, port = self.address.split(":")
        return socket.create_connection((host, int(port)), timeout=30)

    @property
    def held(self) -> int:
        """How many wait or follow."""
        return len(self.feed._listeners)

    def close(self) -> None:
        self._server.stop()
        self.askers.shutdown()


#: Opens a site, given the changes of an earlier life, and a token.
Open = Callable[..., Site]


@contextmanager
def sites(clock: FakeClock) -> Iterator[Open]:
    """Give what opens sites; they are closed at the end."""
    opened: list[Site] = []

    def begin(*known: Transition, token: str | None = None) -> Site:
        opened.append(Site(clock, known, token))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def change(minute: int) -> Transition:
    return Transition(
        target="a/x",
        vantage="here",
        at=START + timedelta(minutes=minute),
        old_state=State.UP,
        new_state=State.DOWN,
        reason="timeout",
        incident_at=None,
        result_id=f"result-{minute}",
    )
