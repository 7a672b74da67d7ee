"""Long windows of all targets at once, from rollups, with what is left to be added."""

from datetime import datetime

import pytest

from monitor.health.buckets import DAY, HOUR
from monitor.health.rollup import Bucket, Quantity, Run, fold, merge_buckets
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store.engine import Engine
from monitor.store.fleet import fold_rest, read_folded
from tests.factories import make_result
from tests.fakes import START
from tests.unit.store.test_rollups import KEY, fold_all, write

OLD = [make_result(minute=each, ttft_seconds=0.5, input_tokens=20) for each in (0, 1, 70, 1500)]
NEW = [make_result(minute=each, ttft_seconds=0.7, cost_usd=0.25) for each in (2900, 2901)]
RUNNING_AT = START + 48 * HOUR


def folded(*results: Result) -> Bucket:
    whole = fold(Kind.COMPLETION, map(Run.of, results))
    return Bucket(counts=whole.counts, sketches=whole.sketches)


def read(engine: Engine, begin_at: datetime) -> tuple[Bucket, tuple[datetime, ...], Bucket]:
    """Read the window of the target: what was folded, what is due, and both together."""
    with engine.connect() as connection:
        found = read_folded(connection, "here", begin_at)[KEY]
        rest = fold_rest(connection, "here", {KEY: found.due, "of/nobody": ()})
    whole = merge_buckets([found.bucket, rest[KEY]])
    bare = Bucket(counts=whole.counts, sketches=whole.sketches)
    return found.bucket, found.due, bare


@pytest.mark.parametrize(
    ("begin_at", "first"),
    [
        pytest.param(START, 0, id="hours before the first midnight"),
        pytest.param(START + HOUR, 2, id="some of these"),
        pytest.param(START + DAY / 2, 3, id="days only"),
    ],
)
def test_a_window_is_made_of_days_and_of_the_hours_before(
    engine: Engine, begin_at: datetime, first: int
) -> None:
    write(engine, *OLD, *NEW, make_result(target="b/c"), make_result(vantage="there"))
    fold_all(engine, RUNNING_AT)

    found, due, whole = read(engine, begin_at)

    assert found == folded(*OLD[first:])
    assert due == (RUNNING_AT,)
    assert whole == folded(*OLD[first:], *NEW)


def test_a_late_result_is_left_out_with_its_hour_until_it_is_folded(engine: Engine) -> None:
    write(engine, *OLD, *NEW)
    fold_all(engine, RUNNING_AT)
    late = make_result(minute=1510, ttft_seconds=9.0)
    write(engine, late)

    found, due, whole = read(engine, START)

    assert found == folded(*OLD[:3])
    assert due == (START + 25 * HOUR, RUNNING_AT)
    assert whole == folded(*OLD, late, *NEW)


def test_each_target_that_was_ever_seen_has_an_answer(engine: Engine) -> None:
    write(engine, make_result(target="b/c"))
    fold_all(engine)

    with engine.connect() as connection:
        found = read_folded(connection, "here", START, quantities=(Quantity.CONNECT,))

    assert found[KEY] == (Bucket(), ())
    assert found["b/c"].bucket.counts.good == 1
