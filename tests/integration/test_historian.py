"""The historian at work: long windows over restarts, beside a writer, and without the store."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from monitor.app import historian as module
from monitor.app.folder import fold_step
from monitor.app.historian import Historian, reading
from monitor.app.parts import memories_of
from monitor.app.persistence import open_persistence, warm
from monitor.config.settings import Settings
from monitor.health.buckets import Resolution
from monitor.model.outcome import Outcome
from monitor.model.window import LONG_WINDOWS, WindowStats
from monitor.recorder.recorder import Recorder
from monitor.store import tables
from monitor.store.engine import open_reader
from monitor.store.pasts import read_pasts
from tests.databases import locked
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock, ListSink
from tests.waiting import wait_until

KEY = "acme/large"


class Life:
    """One life of a daemon that is told what its runs end in."""

    def __init__(self, url: str, at: datetime) -> None:
        settings = Settings(probes=(make_probe(KEY),), vantage="here", database=url)
        self.clock, self.sink = FakeClock(at), ListSink()
        self.errors: list[Exception] = []
        self.store = open_persistence(settings, at)
        memories = memories_of(settings.probes, self.store, at)
        warm(self.store, memories, "here", at)
        self.recorder = Recorder(memories, self.sink, self.clock, "here")
        self.archive = open_reader(url)
        self.historian = Historian(
            reading(self.archive, "here"), self.recorder, self.clock, self.errors.append
        )

    def run(self, *outcomes: Outcome) -> None:
        """Let runs end, a minute apart, and write them."""
        for outcome in outcomes:
            at = self.clock.at
            result = make_result(
                outcome, slot_at=at, started_at=at, ttft_seconds=0.3, duration_seconds=0.9
            )
            self.recorder.record(result)
            self.clock.advance(60.0)
        self.store.write(self.sink.triples)
        self.sink.triples.clear()

    def fold(self) -> None:
        """Fold all hours that are over."""
        while fold_step(self.store.engine, Resolution.HOUR.begin_of(self.clock.at)):
            pass

    def shown(self) -> dict[str, WindowStats]:
        (view,) = self.recorder.refresh().targets
        return dict(view.windows)

    def told(self) -> dict[str, WindowStats]:
        """The windows after a round."""
        self.historian.go_round()
        self.clock.advance(15.0)  # when views are drawn anew
        return self.shown()

    def end(self) -> None:
        self.historian.stop()
        self.archive.dispose()
        self.store.engine.dispose()


Start = Callable[[datetime], Life]


@pytest.fixture
def start(migrated_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    lives: list[Life] = []

    def begin(at: datetime) -> Life:
        lives.append(Life(migrated_database, at))
        return lives[-1]

    yield begin
    for each in lives:
        each.end()


OUTAGE = [Outcome.OK] * 10 + [Outcome.SERVER_ERROR] * 10 + [Outcome.OK] * 10


def test_windows_reach_back_over_folding_restarts_and_pauses(start: Start) -> None:
    life = start(START)
    life.run(*OUTAGE)
    again = start(START + timedelta(days=8))
    again.run(*[Outcome.OK] * 90)
    by_hand = again.told()
    again.fold()
    last = start(again.clock.at)

    for windows in (by_hand, again.told(), last.told()):
        assert [windows[name].valid for name in ("24h", "7d", "30d", "90d")] == [90, 90, 120, 120]
        assert windows["30d"].good == 110
        assert windows["30d"].ttft_median_seconds == pytest.approx(0.3, rel=0.01)
        # Down from the first failure to the first success after it; stale since three minutes
        # after the newest run.
        whole, down = 29 * 60 + 180 + 90 * 60, 10 * 60
        assert windows["30d"].availability_ratio == pytest.approx((whole - down) / whole, rel=1e-3)
        assert windows["7d"].availability_ratio == windows["24h"].availability_ratio == 1.0
    assert again.errors == last.errors == []


def test_a_young_monitor_tells_its_long_windows_too(start: Start) -> None:
    life = start(START)
    life.run(*[Outcome.OK] * 30)

    windows = life.told()

    assert {name: windows[name].valid for name in LONG_WINDOWS} == dict.fromkeys(LONG_WINDOWS, 30)
    assert windows["30d"].coverage_ratio == 1.0
    assert windows["30d"].ttft_median_seconds == pytest.approx(0.3, rel=0.01)


def test_it_waits_for_nobody_who_writes_and_keeps_nobody_out(
    start: Start, migrated_database: str
) -> None:
    life = start(START)
    life.run(*OUTAGE)

    with locked(migrated_database):
        assert life.told()["90d"].valid == 30

    with life.archive.connect() as connection:
        read_pasts(connection, "here", [KEY], life.clock.at)
        life.run(Outcome.OK)
    assert life.told()["90d"].valid == 31
    assert life.errors == []


def test_a_store_that_is_lost_takes_no_window_away(start: Start) -> None:
    life = start(START)
    life.run(*OUTAGE)
    known = life.told()["30d"].valid
    with life.store.engine.begin() as connection:
        tables.metadata.drop_all(connection)
    at = life.clock.at
    life.recorder.record(make_result(slot_at=at, started_at=at))

    told = [life.told() for _ in range(10)]

    assert told[-1]["30d"].valid == known + 1
    assert len(life.errors) == 1


def test_it_goes_round_by_itself(start: Start) -> None:
    life = start(START)
    life.run(*OUTAGE)

    def shown() -> dict[str, WindowStats]:
        life.clock.advance(15.0)  # when views are drawn anew
        return life.shown()

    life.historian.start()
    wait_until(lambda: "90d" in shown())
    life.historian.stop()

    assert shown()["90d"].valid == 30
