"""The availability of a group over folding and restarts: of the store, of memory, and of both."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from monitor.app.folder import fold_step
from monitor.app.groups import Groups, reading
from monitor.app.parts import memories_of
from monitor.app.persistence import open_persistence, warm
from monitor.config.settings import Settings
from monitor.health.buckets import Resolution
from monitor.model.outcome import Outcome
from monitor.model.target import Probe
from monitor.recorder.recorder import Recorder
from monitor.store.engine import open_reader
from tests.factories import make_result, make_target
from tests.fakes import START, FakeClock, ListSink

GROUP = "lab/large"
EAST, WEST = "east/large", "west/large"
GOOD, BAD = Outcome.OK, Outcome.SERVER_ERROR


def probe_of(key: str) -> Probe:
    return Probe(target=make_target(key, group=GROUP), jitter_seconds=0.0)


class Life:
    """One life of a daemon that is told what its runs end in."""

    def __init__(self, url: str, at: datetime) -> None:
        probes = (probe_of(EAST), probe_of(WEST))
        settings = Settings(probes=probes, vantage="here", database=url)
        self.clock, self.sink = FakeClock(at), ListSink()
        self.errors: list[Exception] = []
        self.store = open_persistence(settings, at)
        memories = memories_of(settings.probes, self.store, at)
        warm(self.store, memories, "here", at)
        self.recorder = Recorder(memories, self.sink, self.clock, "here")
        self.archive = open_reader(url)
        read = reading(self.archive, "here")
        self.groups = Groups(read, self.recorder, self.clock, self.errors.append)

    def run(self, east: list[Outcome], west: list[Outcome]) -> None:
        """Let runs of both end, a minute apart, and write them."""
        for outcomes in zip(east, west, strict=True):
            at = self.clock.at
            for key, outcome in zip((EAST, WEST), outcomes, strict=True):
                result = make_result(outcome, target=key, slot_at=at, started_at=at)
                self.recorder.record(result)
            self.clock.advance(60.0)
        self.store.write(self.sink.triples)
        self.sink.triples.clear()

    def fold(self) -> None:
        """Fold all hours that are over."""
        while fold_step(self.store.engine, Resolution.HOUR.begin_of(self.clock.at)):
            pass

    def told(self) -> dict[str, float]:
        self.recorder.refresh()
        self.groups.go_round()
        assert self.errors == []
        return dict(self.groups.ratios[GROUP])

    def end(self) -> None:
        self.archive.dispose()
        self.store.engine.dispose()


Start = Callable[[datetime], Life]


@pytest.fixture
def start(migrated_database: str) -> Iterator[Start]:
    lives: list[Life] = []

    def begin(at: datetime) -> Life:
        lives.append(Life(migrated_database, at))
        return lives[-1]

    yield begin
    for each in lives:
        each.end()


#: East is down from minute 10 to 20, west from 15 to 25: both for 5 minutes.
EASTS = [GOOD] * 10 + [BAD] * 10 + [GOOD] * 20
WESTS = [GOOD] * 15 + [BAD] * 10 + [GOOD] * 15
KNOWN_SECONDS, DOWN_SECONDS = 40 * 60 + 120, 5 * 60


def test_an_outage_in_common_is_the_groups(start: Start) -> None:
    life = start(START)
    life.run(EASTS, WESTS)
    told = life.told()

    assert told["5m"] == 1.0
    assert told["1h"] == told["24h"] == told["30d"] == pytest.approx(1 - 5 / 40)


def test_it_stays_in_the_longest_window_after_folding_and_restarts(start: Start) -> None:
    first = start(START)
    first.run(EASTS, WESTS)
    second = start(START + timedelta(days=8))
    second.run([GOOD] * 90, [BAD] * 90)
    second.fold()
    third = start(second.clock.at)

    known = KNOWN_SECONDS + 90 * 60
    for told in (second.told(), third.told()):
        assert told["5m"] == told["1h"] == told["24h"] == 1.0
        assert told["30d"] == pytest.approx(1 - DOWN_SECONDS / known, rel=1e-6)


def test_a_restart_in_an_outage_goes_on_with_it(start: Start) -> None:
    life = start(START)
    life.run([GOOD] * 30 + [BAD] * 15, [GOOD] * 30 + [BAD] * 15)
    before = life.told()

    assert start(life.clock.at).told() == before
    assert before["1h"] == pytest.approx(30 / 45)
    assert before["5m"] == 0.0
