"""The median speed of a window: of throughput runs, where it plans enough of them."""

from datetime import timedelta

import pytest

from monitor.health.buckets import window_begin
from monitor.health.past import Past, not_in, pack
from monitor.health.recent import Recent
from monitor.health.rollup import Bucket
from monitor.model.health import Health
from monitor.model.target import Kind
from monitor.model.window import LONG_WINDOWS
from monitor.recorder.memory import TargetMemory
from monitor.recorder.windows import median_speeds
from tests.factories import make_probe, make_result
from tests.fakes import START

NOW = START.timestamp()


def recent(*minutes_ago: float) -> Recent:
    """Remember runs at so many tokens a second as they are minutes old."""
    remembered = Recent()
    for minutes in sorted(minutes_ago, reverse=True):
        remembered.add_speed(NOW - 60 * minutes, minutes)
    return remembered


@pytest.mark.parametrize(
    ("interval_seconds", "windows"),
    [
        (None, set()),
        (30, {"5m", "30m", "1h", "24h"}),
        (180, {"30m", "1h", "24h"}),
        (181, {"1h", "24h"}),
        (900, {"24h"}),
        (8640, {"24h"}),
        (8641, set()),
    ],
)
def test_a_window_that_plans_fewer_than_ten_runs_has_no_speed(
    interval_seconds: float | None, windows: set[str]
) -> None:
    assert median_speeds(recent(1), NOW, interval_seconds).keys() == windows


def test_a_window_tells_the_median_of_its_runs_from_five_on() -> None:
    found = median_speeds(recent(1, 2, 3, 4, 40, 50, 600, 700, 800), NOW, 30)

    assert found == {"5m": None, "30m": None, "1h": 3.5, "24h": 40.0}


def test_the_picture_shows_the_speed_of_short_windows_and_of_long_ones() -> None:
    memory = TargetMemory(
        probe=make_probe(),
        health=Health(),
        spans=(),
        begun_at=START,
        speed_interval_seconds=900.0,
    )
    for minute in range(5):
        fast = make_result(
            minute=minute, kind=Kind.THROUGHPUT, output_tokens_per_second=60.0 + minute
        )
        memory.take(fast, START)
    now = START + timedelta(minutes=5)
    begins = {name: window_begin(now, seconds) for name, seconds in LONG_WINDOWS.items()}
    packed = (pack(Bucket()),) * len(begins)
    memory.reckon(Past(begins, packed, not_in((), now), {"30d": 55.0}), now)

    windows = memory.view(now).windows

    assert {
        name: stats.output_tokens_per_second_median
        for name, stats in windows.items()
        if stats.output_tokens_per_second_median is not None
    } == {"24h": 62.0, "30d": 55.0}
