"""For how long a target was available, by its rollups, is what its whole past says at once.

Random pasts, minute by minute: runs and gaps, changes of state dated back to their incidents, an
outage of the store after which all that waited is written, results that come late, intervals that
change, a clock that is set back, and folding at any time, also of hours that are not over.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.health.buckets import HOUR, Resolution
from monitor.model.health import State, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.store.buckets import read_buckets
from monitor.store.engine import Engine
from monitor.store.fleet import read_folded
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.databases import KINDS
from tests.factories import make_probe, make_result, make_target
from tests.fakes import START
from tests.integration.test_rollup_truth import store

KEY = "acme/large"
MINUTE = timedelta(minutes=1)
HORIZON = START + 60 * HOUR
INTERVALS = st.sampled_from((1, 7, 30, 60, 150))

DEEDS = st.one_of(
    *[st.tuples(st.just("probe"), st.integers(1, 5))] * 3,
    st.tuples(st.just("go_down"), st.integers(1, 4)),
    *[st.tuples(st.just("change"), st.sampled_from(State))] * 2,
    *[st.tuples(st.just("wait"), st.sampled_from((1, 10, 50, 200)))] * 2,
    *[st.tuples(st.just("fold_hours_over"), st.none())] * 3,
    st.tuples(st.just("fold"), st.sampled_from((0, 1, 50))),
    st.tuples(st.just("miss"), st.none()),
    st.tuples(st.just("come_late"), st.integers(1, 600)),
    st.tuples(st.just("break_store"), st.booleans()),
    st.tuples(st.just("change_interval"), INTERVALS),
    st.tuples(st.just("set_clock_back"), st.tuples(st.integers(1, 200), st.sampled_from(State))),
)


class Past:
    """Lives a target's life into a store, and remembers by itself what happened."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._now = START
        self._waiting: list[Triple] = []
        self._is_broken = False
        self._results: dict[str, Result] = {}
        self._transitions: list[Transition] = []
        self._intervals: list[tuple[datetime, timedelta]] = []
        with engine.begin() as connection:
            self._ids = sync_targets(connection, [make_target(KEY)], START)
        self.change_interval(20)
        self.change(State.UP)

    def do(self, deed: str, given_thing: Any) -> None:
        """Do one of `DEEDS`, unless the end has come."""
        if self._now < HORIZON - 12 * HOUR:
            getattr(self, deed)(given_thing)

    def wait(self, minutes: int) -> None:
        self._now += minutes * MINUTE

    def probe(self, count: int) -> None:
        """Run so many probes, one an interval."""
        for _ in range(count):
            self.change(None)
            self._now += self._intervals[-1][1]

    def go_down(self, failures: int) -> None:
        """Fail so many times, and only then believe that it is down since the first time."""
        incident_at = self._now
        self.probe(failures)
        self.fold(0, limit=100)
        self.change(State.DOWN, incident_at)

    def change(self, state: State | None, incident_at: datetime | None = None) -> None:
        """Run a probe, which changes what is believed of the target a minute later."""
        result = make_result(slot_at=self._now, started_at=self._now)
        if result.id in self._results:
            return
        change = None
        if state is not None:
            change = Transition(
                target=KEY,
                vantage="here",
                at=self._now + MINUTE,
                old_state=State.UP,
                new_state=state,
                reason="test",
                incident_at=incident_at,
                result_id=result.id,
            )
        self._put(Triple(result=result, transition=change))

    def miss(self, _: None) -> None:
        """Leave a slot out; that tells nothing."""
        missed = make_result(Outcome.MISSED, slot_at=self._now, started_at=None)
        if missed.id not in self._results:
            self._put(Triple(result=missed))

    def come_late(self, minutes: int) -> None:
        """Write a result of long ago."""
        at = self._now - minutes * MINUTE
        late = make_result(slot_at=at, started_at=at, confirm=1)
        if late.id not in self._results and at >= START:
            self._put(Triple(result=late))

    def break_store(self, is_broken: bool) -> None:
        self._is_broken = is_broken
        self._flush()

    def change_interval(self, minutes: int) -> None:
        if self._results and self._now < max(each.slot_at for each in self._results.values()):
            return  # while the clock is set back, nobody changes the configuration
        probe = make_probe(KEY, interval_seconds=60.0 * minutes)
        with self._engine.begin() as connection:
            sync_schedule(connection, [probe], "here", self._now)
        self._intervals.append((self._now, minutes * MINUTE))

    def set_clock_back(self, how: tuple[int, State]) -> None:
        """Live some time again, and believe something else of it."""
        minutes, state = how
        self._now = max(self._now - minutes * MINUTE, START)
        self.change(state)

    def fold_hours_over(self, _: None) -> None:
        """Let the hour pass, and fold all that is over."""
        self._now = Resolution.HOUR.begin_of(self._now) + HOUR + MINUTE
        self.fold(0, limit=100)

    def fold(self, ahead_hours: int, limit: int = 3) -> None:
        before_at = Resolution.HOUR.begin_of(self._now) + ahead_hours * HOUR
        with self._engine.begin() as connection:
            fold_due(connection, before_at, limit)

    def finish(self) -> None:
        """Write and fold all that is left."""
        self.break_store(False)
        while True:
            with self._engine.begin() as connection:
                if not fold_due(connection, HORIZON, limit=7):
                    return

    def available(self, begin_at: datetime, end_at: datetime) -> tuple[float, float]:
        """Give the seconds for which the target was available, and those for which it was not."""
        minutes = (end_at - begin_at) // MINUTE
        states = [self._state(begin_at + (n + 0.5) * MINUTE) for n in range(minutes)]
        down = sum(1 for state in states if state is State.DOWN)
        left_out = sum(1 for state in states if state in (None, State.UNKNOWN, State.BLOCKED))
        return 60.0 * (minutes - down - left_out), 60.0 * down

    def _put(self, triple: Triple) -> None:
        self._results[triple.result.id] = triple.result
        if triple.transition:
            self._transitions.append(triple.transition)
        self._waiting.append(triple)
        self._flush()

    def _flush(self) -> None:
        if self._waiting and not self._is_broken:
            with self._engine.begin() as connection:
                write_triples(connection, self._ids, self._waiting)
            self._waiting = []

    def _state(self, at: datetime) -> State | None:
        """Say what was believed; None if no run told anything."""
        if not any(self._tells(each, at) for each in self._results.values()):
            return None
        changes = [each for each in self._transitions if (each.incident_at or each.at) <= at]
        return changes[-1].new_state if changes else State.UNKNOWN

    def _tells(self, result: Result, at: datetime) -> bool:
        if result.started_at is None or result.slot_at > at:
            return False
        held = [each for since_at, each in self._intervals if since_at <= result.slot_at]
        return at < result.slot_at + 3 * held[-1]


@pytest.mark.parametrize("kind", KINDS)
@given(deeds=st.lists(DEEDS, min_size=5, max_size=40), first=st.integers(0, 59))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
def test_hours_add_up_to_the_whole_past(
    kind: str, deeds: list[tuple[str, Any]], first: int
) -> None:
    with store(kind) as engine:
        past = Past(engine)
        for deed, thing in deeds:
            past.do(deed, thing)
        past.finish()
        begin_at = START + first * HOUR
        with engine.connect() as connection:
            hours, days = (
                read_buckets(connection, "here", KEY, (begin_at, HORIZON), resolution=each)
                for each in (Resolution.HOUR, Resolution.DAY)
            )
            folded = read_folded(connection, "here", begin_at)[KEY]

    assert folded.due == ()
    for hour_at, bucket in hours:
        told = past.available(hour_at, hour_at + HOUR)
        assert bucket.availability == pytest.approx(told, abs=1e-3), hour_at
    whole = pytest.approx(past.available(begin_at, HORIZON), abs=1e-3)
    assert folded.bucket.availability == whole
    for buckets in (hours, days):
        seconds = zip((0.0, 0.0), *(each.bucket.availability for each in buckets), strict=True)
        assert tuple(map(sum, seconds)) == whole
