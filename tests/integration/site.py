"""The API over a database, served for real; what the store executes passes a gate."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from sqlalchemy import event

from monitor.export.api import build_api
from monitor.export.history import History
from monitor.export.questions import Questions
from monitor.export.server import ApiServer, bind
from monitor.health.buckets import DAY
from monitor.model.clock import SystemClock
from monitor.model.health import State
from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store.engine import open_engine, open_reader
from monitor.store.patience import Patience
from monitor.store.reader import Answers
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.test_metrics import make_metrics
from tests.waiting import wait_until

KEY = "acme/large"


@dataclass(frozen=True)
class Told:
    """An answer over HTTP."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]
    seconds: float


class Site:
    """The API over a database, on a port of its own; what the store executes passes a gate."""

    def __init__(self, url: str, patience: Patience, state: State = State.UP) -> None:
        self.reader = open_reader(url)
        self.statements: list[str] = []
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        event.listen(self.reader, "before_cursor_execute", self._pass)
        self.errors: list[Exception] = []
        clock = SystemClock()
        self.answers = Answers(self.reader, clock, patience, self.errors.append)
        picture = make_snapshot(make_view(KEY, state))
        questions = Questions("here", clock, lambda _target: ())
        history = History(self.answers, questions, lambda: picture, clock, Retention)
        api = build_api(
            snapshot=lambda: picture, metrics=make_metrics(picture), clock=clock, history=history
        )
        self._server = ApiServer(api, bind("127.0.0.1:0"))
        self._server.start()

    def _pass(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)
        assert self.gate.wait(60)
        if self.failure:
            raise self.failure

    @property
    def waiting(self) -> int:
        """How many requests wait for a first answer."""
        return sum(len(each.waiters) for each in self.answers._new.values())

    def get(self, path: str) -> Told:
        begun = monotonic()
        try:
            with urlopen(f"http://{self._server.address}{path}", timeout=60) as answer:
                status, headers, body = answer.status, dict(answer.headers), answer.read()
        except HTTPError as error:
            with error:
                status, headers, body = error.code, dict(error.headers), error.read()
        return Told(status, json.loads(body), headers, monotonic() - begun)

    def first(self, path: str) -> Told:
        """Ask until there is an answer: a busy machine may take longer than anybody waits."""
        wait_until(lambda: self.get(path).status == 200)
        return self.get(path)

    def wait_for_news(self, path: str) -> None:
        """Wait for an answer that the store gave from now on."""
        begun = monotonic()
        wait_until(lambda: self.get(path).body["age_seconds"] < monotonic() - begun)

    def close(self) -> None:
        self.gate.set()
        self._server.stop()
        wait_until(lambda: not self.answers._working)
        self.reader.dispose()


@contextmanager
def site(url: str, patience: Patience | None = None, state: State = State.UP) -> Iterator[Site]:
    opened = Site(url, patience or Patience(), state)
    try:
        yield opened
    finally:
        opened.close()


def fill(url: str) -> None:
    """Write ten days of the past, folded but for today."""
    engine, now = open_engine(url), SystemClock().now()
    runs = [
        make_result(slot_at=now - number * DAY / 24, ttft_seconds=0.25) for number in range(240)
    ]
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY)], now)
        write_triples(connection, ids, [Triple(result=each) for each in runs])
        fold_due(connection, now - DAY / 2, limit=1000)
    engine.dispose()


def medians(told: Told) -> list[float]:
    return [
        step["ttft_median_seconds"] for step in told.body["steps"] if step["ttft_median_seconds"]
    ]
