"""Long windows of a fleet, and three months of one target, over ten million results."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from monitor.health.buckets import DAY, Resolution, window_begin
from monitor.health.coverage import Span
from monitor.health.rollup import Quantity
from monitor.health.series import Point, series, window
from monitor.health.sketch import RELATIVE_ERROR
from monitor.model.window import WindowStats
from monitor.scheduling.scheduler import micros
from monitor.store import tables
from monitor.store.buckets import read_buckets
from monitor.store.engine import Connection, Engine, open_reader
from monitor.store.fleet import read_folded
from monitor.store.inventory import take_inventory
from monitor.store.postgresql import unhurried
from monitor.store.targets import read_target_ids
from tests.benchmarks.effort import IS_SMALL, REPETITIONS, effort
from tests.benchmarks.pasts import INTERVAL, NOW, VANTAGE, Past
from tests.benchmarks.server import Row, show
from tests.benchmarks.stores import store
from tests.databases import KINDS

pytestmark = pytest.mark.timeout(1800)

PAST = Past(targets=effort(200, 8), raw_days=effort(35, 2), days=effort(90, 4))
TIMES = effort(100, 3)
WINDOW_DAYS, SERIES_DAYS, MONTH_DAYS = effort(30), effort(90, 2), 30
MOST_WINDOW_MS, MOST_SERIES_MS = 50.0, 20.0
LEAST_RATIO = {"sqlite": 300, "postgresql": 50}

BEGIN_AT = window_begin(NOW, WINDOW_DAYS * DAY.total_seconds())
#: The running hour is not folded: the daemon has it in memory.
END_AT = Resolution.HOUR.begin_of(NOW)
SPAN = Span(
    begin_at=PAST.begin_at.timestamp(),
    end_at=None,
    count=lambda begin, end: round((end - begin) / INTERVAL.total_seconds()),
)

_WANTED = """
kind = 'completion' AND vantage = :vantage AND confirm = 0 AND outcome = 'ok' AND NOT tainted
AND ttft_seconds IS NOT NULL AND slot_at >= :begin_at AND slot_at < :end_at
"""
#: The median of raw rows in plain SQL, in each way that may be the fastest.
_PLAIN = {
    "sqlite": (
        f"""
        SELECT target_id, avg(ttft_seconds) FROM (
            SELECT target_id, ttft_seconds,
                row_number() OVER (PARTITION BY target_id ORDER BY ttft_seconds) AS place,
                count(*) OVER (PARTITION BY target_id) AS size
            FROM result WHERE target_id IN (SELECT id FROM target) AND {_WANTED}
        ) WHERE place IN ((size + 1) / 2, (size + 2) / 2) GROUP BY target_id
        """,  # noqa: S608 - no input
    ),
    "postgresql": (
        f"""
        SELECT target_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY ttft_seconds)
        FROM result WHERE {_WANTED} GROUP BY target_id
        """,  # noqa: S608
        f"""
        SELECT id, median FROM target CROSS JOIN LATERAL (
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ttft_seconds) AS median
            FROM result WHERE target_id = id AND {_WANTED}
        ) AS its
        """,  # noqa: S608
    ),
}


@pytest.fixture(scope="module")
def seed() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield PAST.seed(Path(folder) / "seed")


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def engine(kind: str, seed: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder, store(kind, Path(folder)) as url:
        begin = time.perf_counter()
        PAST.fill(url, seed)
        show(f"{kind}: filled", {"seconds": time.perf_counter() - begin})
        reader = open_reader(url)
        yield reader
        reader.dispose()


def _timed(work: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds that each of *times* takes, ascending."""
    costs = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        costs.append((time.perf_counter() - begin) * 1e3)
    return sorted(costs)


def _tell(
    engine: Engine, begin_at: datetime, *quantities: Quantity
) -> tuple[dict[str, WindowStats], float]:
    """Tell the window of each target; and how many milliseconds of it were reading."""
    begin = time.perf_counter()
    with engine.connect() as connection:
        folded = read_folded(connection, VANTAGE, begin_at, quantities)
    read_ms = (time.perf_counter() - begin) * 1e3
    span = (begin_at, END_AT)
    told = {key: window(each.bucket, span, (SPAN,), END_AT) for key, each in folded.items()}
    return told, read_ms


def _cost(engine: Engine, begin_at: datetime, *quantities: Quantity) -> Row:
    _tell(engine, begin_at, *quantities)
    reading: list[float] = []
    whole = _timed(lambda: reading.append(_tell(engine, begin_at, *quantities)[1]), TIMES)
    return {
        "begins at": f"{begin_at:%H:%M}",
        "quantities": len(quantities),
        "best ms": whole[0],
        "median ms": statistics.median(whole),
        "of which reading": statistics.median(reading),
        "longest ms": whole[-1],
    }


def _plainly(connection: Connection, query: str) -> dict[int, float]:
    """Let the database find the median of the rows of each target, by its number."""
    is_sqlite = connection.dialect.name == "sqlite"
    span = {"begin_at": BEGIN_AT, "end_at": END_AT}
    given = {name: micros(at) if is_sqlite else at for name, at in span.items()}
    rows = connection.execute(text(query), {"vantage": VANTAGE, **given})
    return {number: median for number, median in rows if median is not None}


def _plainest(connection: Connection, queries: Sequence[str]) -> tuple[float, dict[int, float]]:
    """Give the milliseconds of the fastest of queries in the best of its runs, and its answer."""
    medians: dict[int, float] = {}
    costs = [
        _timed(lambda query=query: medians.update(_plainly(connection, query)), REPETITIONS)[0]  # type: ignore[misc]
        for query in queries
    ]
    return min(costs), medians


def _uptimes(connection: Connection) -> dict[str, tuple[int, int]]:
    """Count good and valid rows of each target, by its key."""
    result, known = tables.result.c, tables.target.c
    valid = func.count().filter(result.fault.in_(("none", "provider")))
    query = (
        select(known.key, func.count().filter(result.fault == "none"), valid)
        .join_from(tables.result, tables.target)
        .where(result.confirm == 0, result.slot_at >= BEGIN_AT, result.slot_at < END_AT)
        .group_by(known.key)
    )
    return {key: (good, valid) for key, good, valid in connection.execute(query)}


def test_30_days_of_200_targets_are_told_at_once_and_rightly(kind: str, engine: Engine) -> None:
    midnight = Resolution.DAY.end_of(BEGIN_AT)
    costs = [
        _cost(engine, BEGIN_AT, Quantity.TTFT),
        _cost(engine, BEGIN_AT, Quantity.TTFT, Quantity.DURATION),
        _cost(engine, midnight, Quantity.TTFT),
    ]
    show(f"{kind}: uptime, median and p95 of {WINDOW_DAYS} days, {PAST.targets} targets", costs)

    told, _ = _tell(engine, BEGIN_AT, Quantity.TTFT)
    with engine.connect() as connection:
        unhurried(connection)
        plain, medians = _plainest(connection, _PLAIN[kind])
        uptimes = _uptimes(connection)
        keys = {number: key for key, number in read_target_ids(connection).items()}
        rows = connection.execute(select(func.count()).select_from(tables.result)).scalar_one()
    ratio = plain / costs[0]["best ms"]
    show(
        f"{kind}: the same by plain SQL",
        {
            "results": rows,
            "of the window": sum(each.valid + each.excluded for each in told.values()),
            "median of raw rows ms": plain,
            "ratio": ratio,
        },
    )

    assert {key: (each.good, each.valid) for key, each in told.items()} == uptimes
    assert {keys[number]: median for number, median in medians.items()} == {
        key: pytest.approx(each.ttft_median_seconds, rel=1.01 * RELATIVE_ERROR)
        for key, each in told.items()
    }
    # The machine is shared: what it can do shows when the others let it.
    assert IS_SMALL or costs[0]["best ms"] <= MOST_WINDOW_MS
    assert IS_SMALL or ratio >= LEAST_RATIO[kind]


def _by_date(engine: Engine, key: str) -> list[Point]:
    stretch = NOW - SERIES_DAYS * DAY, NOW
    with engine.connect() as connection:
        buckets = read_buckets(connection, VANTAGE, key, stretch)
    return series(buckets, Resolution.DAY, stretch, (SPAN,), NOW)


def test_90_days_by_date_of_one_target_are_told_at_once(kind: str, engine: Engine) -> None:
    points = _by_date(engine, PAST.keys[0])
    keys = cycle(PAST.keys)
    costs = _timed(lambda: _by_date(engine, next(keys)), TIMES)
    show(
        f"{kind}: {SERIES_DAYS} days of one target, by date",
        {
            "points": len(points),
            "best ms": costs[0],
            "median ms": statistics.median(costs),
            "longest ms": costs[-1],
        },
    )

    assert len(points) == SERIES_DAYS + 1
    assert [each.bucket.counts.samples for each in points[-2:]] == [1440, 90]
    assert points[-1].stats.ttft_median_seconds
    assert IS_SMALL or costs[0] <= MOST_SERIES_MS


def test_how_large_it_grows(kind: str, engine: Engine) -> None:
    of = {each.table: each for each in take_inventory(engine).tables}
    result, rollup, sketch = (of[name] for name in ("result", "rollup", "rollup_sketch"))
    assert result.bytes
    assert rollup.bytes
    assert sketch.bytes
    each_bytes = result.bytes / result.rows
    months = PAST.targets * (NOW - PAST.begin_at) / DAY / MONTH_DAYS
    lengths = select(
        tables.rollup_sketch.c.resolution, func.avg(func.length(tables.rollup_sketch.c.data))
    )
    with engine.connect() as connection:
        rows = connection.execute(lengths.group_by(tables.rollup_sketch.c.resolution))
        mean = {resolution: float(length) for resolution, length in rows}
    show(
        f"{kind}: what it takes",
        {
            "results": result.rows,
            "bytes a result": each_bytes,
            "MB a target-month of results": each_bytes * MONTH_DAYS * (DAY / INTERVAL) / 1e6,
            "hours and days": rollup.rows,
            "bytes an hour, with its share of the day": (rollup.bytes + sketch.bytes)
            / (rollup.rows * 24 / 25),
            "of which sketches": sketch.bytes / (rollup.rows * 24 / 25),
            "MB a target-month of rollups": (rollup.bytes + sketch.bytes) / months / 1e6,
            "bytes of an hour's sketch": mean["hour"],
            "bytes of a day's sketch": mean["day"],
        },
    )
