"""A store with a past, and the API over it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from monitor.export.api import build_api
from monitor.export.history import History
from monitor.export.questions import Questions
from monitor.health.buckets import DAY
from monitor.model.health import State, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store.engine import open_engine, open_reader
from monitor.store.reader import Answers
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_result, make_target
from tests.fakes import START, FakeClock
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.test_metrics import make_metrics

KEY = "acme/large"
ODD = "acme/large/series"
GONE = "old/model@eu"
MIDNIGHT = START.replace(hour=0)


class Scene:
    """A store with a past, and the API over it."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        self.clock, self.engine = clock, open_engine(url)
        self.reader = open_reader(url)
        self.answers = Answers(self.reader, clock)
        self.picture = make_snapshot(make_view(KEY), make_view(ODD))
        questions = Questions("here", clock, lambda _target: ())
        self.history = History(self.answers, questions, lambda: self.picture, clock, Retention)
        api = build_api(
            snapshot=lambda: self.picture,
            metrics=make_metrics(self.picture),
            clock=clock,
            history=self.history,
        )
        self.client = TestClient(api)
        with self.engine.begin() as connection:
            keys = (KEY, ODD, GONE)
            self.ids = sync_targets(connection, map(make_target, keys), START - DAY)
            sync_schedule(connection, [make_probe(key) for key in keys], "here", START)
            sync_targets(connection, map(make_target, (KEY, ODD)), START, (), "here")

    def close(self) -> None:
        self.reader.dispose()
        self.engine.dispose()

    def write(self, *triples: Triple | Result) -> None:
        whole = [each if isinstance(each, Triple) else Triple(result=each) for each in triples]
        with self.engine.begin() as connection:
            write_triples(connection, self.ids, whole)

    def fold(self) -> None:
        with self.engine.begin() as connection:
            fold_due(connection, self.clock.now(), limit=10_000)

    def get(self, view: str, key: str = KEY, **asked: Any) -> Any:
        """Ask for a view of a target; it must be there."""
        answer = self.client.get(f"/api/v1/targets/{quote(key, safe='')}/{view}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def incidents(self, **asked: Any) -> Any:
        answer = self.client.get("/api/v1/incidents", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **asked: Any) -> Any:
        """Ask for what makes no sense; give the status and the problem."""
        answer = self.client.get(f"/api/v1/{path}", params=asked or None)
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == answer.status_code
        return told


def change(
    result: Result, state: State, incident_at: datetime | None = None, old: State = State.UP
) -> Triple:
    transition = Transition(
        target=result.target,
        vantage=result.vantage,
        at=result.at + timedelta(seconds=1),
        old_state=old,
        new_state=state,
        reason=result.verdict.outcome.value,
        incident_at=incident_at,
        result_id=result.id,
    )
    return Triple(result=result, transition=transition)


def a_day() -> Sequence[Result]:
    """A run a minute, every tenth of which is overloaded; each costs something."""
    return [
        make_result(
            Outcome.OVERLOADED if minute % 10 == 9 else Outcome.OK,
            minute=minute,
            ttft_seconds=0.25,
            ttfat_seconds=0.5,
            duration_seconds=0.75,
            connect_seconds=0.01,
            input_tokens=20,
            output_tokens=16,
            cost_usd=0.001,
        )
        for minute in range(240)
    ]
