"""What the surfaces show goes on: over restarts, pruning, renamed labels and a target's absence."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.app.parts import memories_of
from monitor.app.persistence import Persistence, open_persistence, warm
from monitor.config.settings import Settings
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.retention import Retention
from monitor.model.snapshot import TargetView
from monitor.model.target import Probe
from monitor.recorder.recorder import Recorder
from monitor.store.retention import prune
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock, ListSink

ACME, BOLT = make_probe("acme/large"), make_probe("bolt/large")


class Life:
    """One life of a daemon, as far as it remembers and records."""

    def __init__(self, url: str, at: datetime, *probes: Probe, vantage: str = "here") -> None:
        settings = Settings(probes=probes, vantage=vantage, database=url)
        self.clock, self.sink, self.vantage = FakeClock(at), ListSink(), vantage
        self.store: Persistence = open_persistence(settings, at)
        memories = memories_of(probes, self.store, at)
        warm(self.store, memories, vantage, at)
        self.recorder = Recorder(memories, self.sink, self.clock, vantage)

    def run(self, *outcomes: Outcome, target: str = "acme/large", cost_usd: float = 0.1) -> None:
        """Let runs end, a minute apart."""
        for outcome in outcomes:
            self.recorder.record(
                make_result(
                    outcome,
                    target=target,
                    vantage=self.vantage,
                    slot_at=self.clock.at,
                    started_at=self.clock.at,
                    ttft_seconds=0.3,
                    cost_usd=cost_usd,
                )
            )
            self.clock.advance(60.0)

    def flush(self) -> None:
        """Write what waits."""
        self.store.write(self.sink.triples)
        self.recorder.keep(self.sink.triples)
        self.sink.triples.clear()

    def view(self, target: str = "acme/large") -> TargetView:
        views = {each.target.key: each for each in self.recorder.refresh().targets}
        return views[target]

    def shown(self) -> set[str]:
        return {each.target.key for each in self.recorder.refresh().targets}


Start = Callable[..., Life]


@pytest.fixture
def start(migrated_database: str) -> Iterator[Start]:
    lives: list[Life] = []

    def begin(minutes: float, *probes: Probe, vantage: str = "here") -> Life:
        at = START + timedelta(minutes=minutes)
        lives.append(Life(migrated_database, at, *probes, vantage=vantage))
        return lives[-1]

    yield begin
    for each in lives:
        each.store.engine.dispose()


def test_counters_go_on_where_they_ended(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, Outcome.OVERLOADED, Outcome.UNAUTHORIZED)
    life.flush()
    ended = life.view().totals

    again = start(5, ACME)
    assert again.view().totals == ended
    again.run(Outcome.OK)
    again.flush()

    assert again.view().totals.valid == {"completion": 3}
    assert again.view().totals.cost_usd == 0.4


def test_over_many_restarts_no_counter_ever_steps_back(start: Start) -> None:
    shown = [0.0]
    for number in range(12):
        life = start(10 * number, ACME)
        assert life.view().totals.cost_usd >= shown[-1]
        life.run(Outcome.OK, Outcome.OK, Outcome.OK, cost_usd=0.1 / 3)
        life.flush()
        shown.append(life.view().totals.cost_usd)

    assert start(200, ACME).view().totals.cost_usd == shown[-1]


def test_a_kill_takes_back_nothing_that_counters_have_shown(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, Outcome.OK)
    life.flush()
    life.run(Outcome.OK)
    shown = life.view().totals
    assert shown.valid == {"completion": 2}

    assert start(5, ACME).view().totals == shown


def test_what_is_written_again_is_not_counted_again(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, Outcome.OK)
    replayed = list(life.sink.triples)
    life.flush()
    life.store.write(replayed)

    assert start(5, ACME).view().totals.valid == {"completion": 2}


def test_counters_and_health_outlive_their_results(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, *[Outcome.SERVER_ERROR] * 5)
    life.flush()
    before = life.view()
    at = START + timedelta(days=40)
    assert sum(step.rows for step in prune(life.store.engine, Retention(), at)) == 6

    after = start(40 * 24 * 60, ACME).view()

    assert (after.totals, after.health) == (before.totals, before.health)
    assert after.health.state is not State.UNKNOWN


def test_a_target_that_comes_back_has_its_history(start: Start) -> None:
    life = start(0, ACME, BOLT)
    life.run(Outcome.OK, Outcome.OK)
    life.flush()
    before = life.view()

    absent = start(5, BOLT)
    assert absent.shown() == {"bolt/large"}

    back = start(10, ACME, BOLT)
    after = back.view()
    assert (after.totals, after.health) == (before.totals, before.health)
    assert after.windows["24h"].valid == 2
    assert back.store.target_ids == life.store.target_ids


def test_renaming_labels_keeps_history(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, Outcome.OK)
    life.flush()
    before = life.view()
    target = replace(ACME.target, provider="acme-inc", model="large-2", group="acme/huge")
    renamed = replace(ACME, target=replace(target, region="eu"))

    after = start(5, renamed).view()

    assert after.target.group == "acme/huge"
    assert (after.totals, after.health) == (before.totals, before.health)
    assert after.windows["24h"].valid == 2


def test_vantages_share_a_database_and_neither_history_nor_targets(start: Start) -> None:
    here, there = start(0, ACME), start(0, BOLT, vantage="there")
    here.run(Outcome.OK)
    there.run(*[Outcome.TIMEOUT] * 3, target="bolt/large")
    here.flush()
    there.flush()

    again = start(5, ACME, BOLT)

    assert again.view().totals.valid == {"completion": 1}
    assert again.view("bolt/large").health.state is State.UNKNOWN
    assert start(5, BOLT, vantage="there").view("bolt/large").health.state is State.DOWN


def test_a_clock_that_is_set_back_takes_nothing_from_the_counters(start: Start) -> None:
    life = start(0, ACME)
    life.run(Outcome.OK, Outcome.OK)
    life.clock.step(-3600.0)
    life.run(Outcome.OK)
    life.flush()
    assert life.view().totals.valid == {"completion": 3}
    assert start(1, ACME).view().totals.valid == {"completion": 3}


@pytest.mark.parametrize(
    "step_seconds",
    [
        pytest.param(86_400.0 * 3, id="asleep for days, or set forward"),
        pytest.param(-3600.0, id="set back by an hour"),
        pytest.param(-0.4, id="slewed"),
    ],
)
def test_a_clock_that_steps_and_steps_back_costs_no_figure(
    start: Start, step_seconds: float
) -> None:
    life = start(0, ACME)
    for step in (0.0, step_seconds, -step_seconds):
        life.clock.step(step)
        life.run(Outcome.OK, Outcome.TIMEOUT)
        life.flush()
    before = life.view()
    assert before.totals.valid == {"completion": 6}
    assert before.totals.failures == {("completion", "timeout"): 3}

    after = start(7, ACME).view()

    assert (after.totals, after.health) == (before.totals, before.health)
    assert after.windows["24h"].valid == before.windows["24h"].valid
