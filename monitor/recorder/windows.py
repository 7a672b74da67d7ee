"""Pure: the windows of up to 24 hours, made of what one look into a target's memory found."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from monitor.health.availability import Availability
from monitor.health.coverage import Span, expected_slots
from monitor.health.recent import Recent
from monitor.health.stats import MIN_FOR_MEDIAN, ROOM, Tally, publish, quantile
from monitor.model.window import EXACT_WINDOWS, WindowStats


class Seen(NamedTuple):
    """What memory has, by window.

    Attributes:
        tallies: What the completion runs add up to.
        known: How long the target was available.
        speeds: The median speed, where throughput runs tell one.
        newer: Slots that are not settled, whose run is over already.
    """

    tallies: Mapping[str, Tally]
    known: Mapping[str, Availability]
    speeds: Mapping[str, float | None]
    newer: int


class Schedule(NamedTuple):
    """What was planned.

    Attributes:
        spans: The schedules that held.
        interval_seconds: Of completion runs, now.
        settled: Up to when every slot's run must be over, in seconds since the epoch.
    """

    spans: Sequence[Span]
    interval_seconds: float
    settled: float


def publish_windows(seen: Seen, schedule: Schedule, now: float) -> dict[str, WindowStats]:
    """Publish the windows, each with the slots that it should have had.

    Args:
        seen: What memory has.
        schedule: What was planned.
        now: Seconds since the epoch.
    """
    windows = {}
    for name, seconds in EXACT_WINDOWS.items():
        tally = seen.tallies[name]
        expected = expected_slots(schedule.spans, now - seconds, schedule.settled)
        windows[name] = publish(
            tally,
            expected + min(seen.newer, tally.counts.samples),
            planned=seconds / schedule.interval_seconds,
            availability_ratio=seen.known[name].ratio,
            output_tokens_per_second_median=seen.speeds.get(name),
        )
    return windows


def median_speeds(
    recent: Recent, now: float, interval_seconds: float | None
) -> dict[str, float | None]:
    """Give the median speed of each window that plans enough throughput runs to tell one.

    Args:
        recent: Remembers the runs.
        now: Seconds since the epoch.
        interval_seconds: Of throughput runs; None without any.
    """
    return {
        name: quantile(sorted(recent.speeds(now - seconds, now)), 0.5, MIN_FOR_MEDIAN)
        for name, seconds in EXACT_WINDOWS.items()
        if plans_speeds(seconds, interval_seconds)
    }


def plans_speeds(seconds: float, interval_seconds: float | None) -> bool:
    """Say whether a window of so many seconds plans enough throughput runs to tell a median."""
    return interval_seconds is not None and seconds >= ROOM * MIN_FOR_MEDIAN * interval_seconds
