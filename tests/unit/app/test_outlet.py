"""From the daemon's settings to a spool of its own, and everything in the store in the end."""

import io
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from monitor import log
from monitor.app.observers import Observers
from monitor.app.outlet import Outlet, open_spool, spool_folder
from monitor.config.settings import Settings, SpoolSettings
from monitor.export.metrics import Metrics
from monitor.model.triple import Triple
from monitor.recorder.spool import Spool
from tests.fakes import FakeClock
from tests.unit.recorder.disk import triples
from tests.waiting import wait_until

PATIENCE_SECONDS = 20.0


@pytest.fixture
def metrics(clock: FakeClock) -> Metrics:
    return Metrics(clock)


@pytest.fixture
def observers(metrics: Metrics) -> Observers:
    return Observers(metrics)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(probes=(), database=f"sqlite:///{tmp_path}/monitor.db", vantage="here")


@pytest.fixture
def spool(settings: Settings, observers: Observers) -> Iterator[Spool]:
    spool = open_spool(settings, observers)
    yield spool
    spool.close()


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({"database": "sqlite:///data/monitor.db"}, "data/monitor.db-spool/vantage-local"),
        ({"database": "postgresql://host/name"}, "monitor-spool/vantage-local"),
        ({"spool": SpoolSettings(path="elsewhere")}, "elsewhere/vantage-local"),
        ({"vantage": "../fra/1"}, "monitor.db-spool/vantage-..%2Ffra%2F1"),
    ],
    ids=["SQLite", "PostgreSQL", "told", "an odd vantage"],
)
def test_each_vantage_has_a_folder_of_its_own(given: dict[str, str], folder: str) -> None:
    assert spool_folder(Settings(probes=(), **given)) == Path(folder)  # type: ignore[arg-type]


def test_what_the_store_does_not_take_is_there_for_the_next_life(
    settings: Settings, observers: Observers, spool: Spool
) -> None:
    def fail(_batch: Sequence[Triple]) -> None:
        raise OSError("the disk is full")

    outlet = Outlet(fail, spool, observers)
    outlet.start()
    for triple in triples(5):
        outlet.put(triple)
    assert not outlet.stop(PATIENCE_SECONDS)
    assert (outlet.pending, outlet.spooled, outlet.dropped) == (0, 5, 0)

    written: list[Triple] = []
    again = open_spool(settings, observers)
    second = Outlet(written.extend, again, observers)
    second.put(triples(1, first=5)[0])
    second.start()
    assert second.stop(PATIENCE_SECONDS)
    assert written == triples(6)


def test_a_spool_that_another_monitor_uses_is_told_and_stops_nobody(
    settings: Settings, observers: Observers, metrics: Metrics, spool: Spool
) -> None:
    spool.append(triples(1))

    other = open_spool(settings, observers)

    assert other.count == 0
    assert b"llmprobe_spool_writable 0.0" in metrics.render("")[0]


def test_the_end_of_an_outage_is_told_once(
    settings: Settings, observers: Observers, spool: Spool
) -> None:
    stream, written, is_broken = io.StringIO(), list[Triple](), True

    def write(batch: Sequence[Triple]) -> None:
        if is_broken:
            raise OSError("the disk is full")
        written.extend(batch)

    lines = log.set_up(as_json=True, stream=stream)
    outlet = Outlet(write, spool, Observers(Metrics(FakeClock())))
    outlet.start()
    outlet.put(triples(1)[0])
    wait_until(lambda: outlet.spooled == 1)
    is_broken = False
    for number in range(1, 4):
        outlet.put(triples(1, first=number)[0])
        wait_until(lambda n=number: len(written) > n)  # type: ignore[misc]
    assert outlet.stop(PATIENCE_SECONDS)
    lines.close()

    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    told = [each for each in events if each != "store_write_failed"]
    assert told[:2] == ["results_spooled", "spool_written"]


def test_a_spool_that_hangs_at_the_stop_is_not_closed_under_it(
    observers: Observers, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.app.outlet._SPOOL_SECONDS", 0.01)
    entered, gate, closed = threading.Event(), threading.Event(), list[bool]()
    append, close = spool.append, spool.close

    def hang(these: Sequence[Triple]) -> int:
        entered.set()
        assert gate.wait(PATIENCE_SECONDS)
        return append(these)

    def fail(_batch: Sequence[Triple]) -> None:
        assert entered.wait(PATIENCE_SECONDS)
        raise OSError("the disk is full")

    monkeypatch.setattr(spool, "append", hang)
    monkeypatch.setattr(spool, "close", lambda: closed.append(True))
    outlet = Outlet(fail, spool, observers)
    outlet.start()
    outlet.put(triples(1)[0])
    assert entered.wait(PATIENCE_SECONDS)

    assert not outlet.stop(0.01)
    assert closed == []
    gate.set()
    wait_until(lambda: outlet.spooled == 1)
    close()
