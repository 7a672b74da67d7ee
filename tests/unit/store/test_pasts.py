"""What is read of the long windows of some targets, and of which hours it is not."""

import math
from datetime import timedelta

import pytest

from monitor.health.buckets import DAY, HOUR, window_begin
from monitor.health.past import HELD_HOURS, pack, unpack
from monitor.health.rollup import Bucket
from monitor.model.target import Kind
from monitor.model.window import LONG_WINDOWS
from monitor.store.engine import Engine
from monitor.store.pasts import read_pasts
from monitor.store.rollups import fold_due
from tests.factories import make_result
from tests.fakes import START
from tests.unit.store.test_rollups import KEY, write

NOW = START + timedelta(minutes=20)
RUNNING = START.timestamp()


def samples(engine: Engine, *targets: str) -> dict[str, dict[str, int]]:
    """How many samples each window has that is known."""
    with engine.connect() as connection:
        found = read_pasts(connection, "here", targets or (KEY,), NOW)
    return {
        key: {
            name: unpack(packed).counts.samples
            for name, packed in zip(past.begins, past.sums, strict=True)
        }
        for key, past in found.items()
    }


def ago(days: float, minute: float = 0) -> float:
    """Minutes from `START` to a minute of an hour that is so many days old."""
    return minute - 1440 * days


def test_each_window_has_what_was_folded_since_its_begin(engine: Engine) -> None:
    minutes = (ago(100), ago(90), ago(90, 59), ago(31), ago(29), ago(8), ago(6), ago(1))
    write(engine, *(make_result(minute=each) for each in minutes))
    with engine.begin() as connection:
        fold_due(connection, START, 100)

    assert samples(engine) == {KEY: {"7d": 2, "30d": 4, "90d": 7}}
    with engine.connect() as connection:
        past = read_pasts(connection, "here", [KEY], NOW)[KEY]
    assert past.begins == {name: window_begin(NOW, each) for name, each in LONG_WINDOWS.items()}


def test_each_window_has_the_median_speed_of_its_throughput_runs(engine: Engine) -> None:
    speeds = [(ago(40, minute), 500.0) for minute in range(5)]
    speeds += [(ago(20, minute), 100.0 + minute) for minute in range(5)]
    speeds += [(ago(2, minute), 40.0) for minute in range(4)]
    write(
        engine,
        make_result(output_tokens_per_second=9.0),
        *(
            make_result(minute=minute, kind=Kind.THROUGHPUT, output_tokens_per_second=speed)
            for minute, speed in speeds
        ),
    )
    with engine.begin() as connection:
        fold_due(connection, START, 100)

    with engine.connect() as connection:
        past = read_pasts(connection, "here", [KEY, "b/c"], NOW)

    assert past["b/c"].speeds == {}
    # Of four there is no median.
    assert past[KEY].speeds == pytest.approx({"30d": 100.0, "90d": 103.5}, rel=0.011)


def test_hours_that_are_not_folded_are_waited_for_or_folded_if_memory_has_them_not(
    engine: Engine,
) -> None:
    old, held = ago(0, -60 * (HELD_HOURS + 1)), ago(0, -60 * HELD_HOURS)
    write(engine, *(make_result(minute=each) for each in (old, held, -60, 1)))

    assert samples(engine) == {KEY: {"7d": 1, "30d": 1, "90d": 1}}

    with engine.begin() as connection:
        fold_due(connection, START, 2)
    with engine.connect() as connection:
        past = read_pasts(connection, "here", [KEY], NOW)[KEY]
    assert samples(engine)[KEY]["7d"] == 2
    assert past.waiting[-1] == (RUNNING - 3600 * (HELD_HOURS - 1), math.inf)


def test_a_late_result_takes_its_hour_back_until_it_is_folded_again(engine: Engine) -> None:
    write(engine, make_result(minute=-120), make_result(minute=-60))
    with engine.begin() as connection:
        fold_due(connection, START, 100)
    write(engine, make_result(minute=-119))

    with engine.connect() as connection:
        past = read_pasts(connection, "here", [KEY], NOW)[KEY]

    hour = RUNNING - 7200
    assert samples(engine)[KEY]["7d"] == 1
    assert any(begin <= hour and end >= hour + 3600 for begin, end in past.waiting)


def test_who_has_a_lot_to_be_folded_is_told_later(engine: Engine) -> None:
    """As after the upgrade of an old database: nobody folds a month of it for a page."""
    write(engine, *(make_result(minute=ago(each)) for each in (3, 4, 5, 6)))
    write(engine, make_result(minute=ago(3), target="b/c"))
    assert samples(engine, KEY, "b/c") == {"b/c": {"7d": 1, "30d": 1, "90d": 1}}

    with engine.begin() as connection:
        fold_due(connection, START - 4 * DAY, 100)

    assert samples(engine, KEY, "b/c").keys() == {KEY, "b/c"}


def test_who_never_ran_has_nothing_and_who_is_not_stored_is_left_out(engine: Engine) -> None:
    write(engine, make_result(target="b/c", minute=1))

    with engine.connect() as connection:
        found = read_pasts(connection, "here", [KEY, "of/nobody"], NOW)

    assert found.keys() == {KEY}
    assert set(found[KEY].sums) == {pack(Bucket())}
    assert found[KEY].waiting == ((RUNNING - HELD_HOURS * HOUR.total_seconds(), math.inf),)
