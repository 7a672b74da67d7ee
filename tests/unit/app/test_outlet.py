"""From the daemon's settings to a spool of its own, and everything in the store in the end."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from monitor.app.observers import Observers
from monitor.app.outlet import Outlet, open_spool, spool_folder
from monitor.config.settings import Settings, SpoolSettings
from monitor.export.metrics import Metrics
from monitor.model.triple import Triple
from monitor.recorder.spool import Spool
from tests.fakes import FakeClock
from tests.unit.recorder.disk import triples

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
