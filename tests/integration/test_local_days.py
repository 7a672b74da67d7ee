"""Where the monitor and its database run, and when clocks change there, moves no bucket and no day.

On 2026-03-29 a day in Berlin has 23 hours, on 2026-10-25 it has 25; India is half an hour off
every hour of UTC.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from monitor.app.persistence import Persistence, open_persistence
from monitor.config.settings import Settings
from monitor.health.buckets import DAY, HOUR, Resolution
from monitor.health.coverage import Span
from monitor.health.series import Point, series
from monitor.model.health import Health, State
from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store.buckets import read_buckets
from monitor.store.engine import Engine, open_engine
from monitor.store.inventory import take_inventory
from monitor.store.results import read_results
from monitor.store.retention import prune
from monitor.store.rollups import fold_due
from tests.factories import make_probe, make_result

KEY = "acme/large"
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
SCENES = (
    pytest.param(("Europe/Berlin", SPRING), id="a day of 23 hours"),
    pytest.param(("Europe/Berlin", AUTUMN), id="a day of 25 hours"),
    pytest.param(("Asia/Kolkata", SPRING), id="hours between those of UTC"),
)
EVERY = timedelta(minutes=30)
PER_DAY = DAY // EVERY
DAYS = 3
COST_USD = 0.01


@pytest.fixture(params=SCENES)
def scene(request: pytest.FixtureRequest) -> tuple[str, datetime]:
    """Give the name of a time zone, and the midnight of UTC before clocks change."""
    where: tuple[str, datetime] = request.param
    return where


@pytest.fixture
def zone(scene: tuple[str, datetime], monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """Let this process live in the time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", scene[0])
        time.tzset()
        yield ZoneInfo(scene[0])
    time.tzset()


@pytest.fixture
def url(migrated_database: str, zone: ZoneInfo) -> str:
    """Let the server live there too."""
    engine = open_engine(migrated_database)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(
                text(f"ALTER DATABASE {engine.url.database} SET timezone = '{zone}'")
            )
    engine.dispose()
    return migrated_database


@pytest.fixture
def middle(scene: tuple[str, datetime]) -> datetime:
    return scene[1]


@pytest.fixture
def store(url: str, zone: ZoneInfo, middle: datetime) -> Iterator[Persistence]:
    """What three days left behind, one of which has 23 or 25 hours there, by its own clock."""
    probe = replace(make_probe(KEY), interval_seconds=EVERY.total_seconds())
    begun_at = (middle - DAY).astimezone(zone)
    store = open_persistence(Settings(probes=(probe,), vantage="here", database=url), begun_at)
    slots = [middle - DAY + number * EVERY for number in range(DAYS * PER_DAY)]
    for day in range(DAYS):
        wanted = [at for at in slots if middle + (day - 1) * DAY <= at < middle + day * DAY]
        store.write([triple(at.astimezone(zone)) for at in wanted])
    yield store
    store.engine.dispose()


def triple(slot_at: datetime) -> Triple:
    result = make_result(slot_at=slot_at, started_at=slot_at, ttft_seconds=0.3, cost_usd=COST_USD)
    return Triple(result=result, health=Health(state=State.UP, last_result_at=slot_at))


def fold_before(engine: Engine, before_at: datetime) -> int:
    with engine.begin() as connection:
        return fold_due(connection, before_at, limit=1000)


def points(engine: Engine, resolution: Resolution, middle: datetime) -> list[Point]:
    """Ask by local instants."""
    stretch = (middle - DAY).astimezone(), (middle + 2 * DAY).astimezone()
    with engine.connect() as connection:
        found = read_buckets(connection, "here", KEY, stretch, resolution=resolution)
    every = EVERY.total_seconds()
    span = Span(
        begin_at=stretch[0].timestamp(),
        end_at=None,
        count=lambda begin, end: round((end - begin) / every),
    )
    return series(found, resolution, stretch, [span], stretch[1])


@pytest.mark.parametrize("resolution", Resolution)
@pytest.mark.parametrize("is_folded", [True, False], ids=["folded", "not yet folded"])
def test_series_are_by_dates_and_hours_of_utc(
    store: Persistence, middle: datetime, resolution: Resolution, is_folded: bool
) -> None:
    if is_folded:
        assert fold_before(store.engine, (middle + 2 * DAY).astimezone()) == DAYS * 24

    found = points(store.engine, resolution, middle)

    steps = range(int(DAYS * DAY / resolution.length))
    assert [each.begin_at for each in found] == [
        middle - DAY + n * resolution.length for n in steps
    ]
    assert {each.bucket.counts.samples for each in found} == {resolution.length // EVERY}
    assert {each.stats.coverage_ratio for each in found} == {1.0}
    assert {each.stats.uptime_ratio for each in found} == {1.0}


def test_the_running_hour_is_one_of_utc(store: Persistence, middle: datetime) -> None:
    now = (middle + HOUR + timedelta(minutes=40)).astimezone()

    assert fold_before(store.engine, Resolution.HOUR.begin_of(now)) == 25


def test_a_restart_knows_what_the_day_of_utc_has_cost(
    store: Persistence, url: str, zone: ZoneInfo, middle: datetime
) -> None:
    probes = (make_probe(KEY),)
    now = (middle + DAY + timedelta(hours=1)).astimezone(zone)
    again = open_persistence(Settings(probes=probes, vantage="here", database=url), now)

    # The last day has no end yet: all of it counts, and nothing of the days before.
    assert again.spending.day == (middle + DAY).date()
    assert again.spending.by_provider == {"acme": pytest.approx(PER_DAY * COST_USD)}
    assert again.healths[KEY].last_result_at == middle + 2 * DAY - EVERY
    again.engine.dispose()


def test_whole_days_of_utc_are_pruned(store: Persistence, middle: datetime) -> None:
    now = (middle + 3 * DAY + HOUR).astimezone()

    gone = sum(step.rows for step in prune(store.engine, Retention(raw_days=2), now))

    assert gone == 2 * PER_DAY
    with store.engine.connect() as connection:
        left = [each.slot_at for each in read_results(connection, "here", middle - DAY)]
    assert (min(left), len(left)) == (middle + DAY, PER_DAY)
    result = {each.table: each for each in take_inventory(store.engine).tables}["result"]
    assert result.oldest_at == middle + DAY
