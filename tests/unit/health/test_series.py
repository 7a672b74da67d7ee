"""Series by hour and by date agree with the runs and the slots counted one by one."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.health.buckets import DAY, HOUR, Resolution
from monitor.health.coverage import Span
from monitor.health.rollup import Bucket, Dated, Run, fold, merge_buckets
from monitor.health.series import series, window
from monitor.health.stats import Counts, sample, summarize
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.scheduling.grid import Grid
from tests.factories import make_result
from tests.fakes import START
from tests.histories import assert_stats_agree, results

_MICRO = 1_000_000
MIDNIGHT = START.replace(hour=0)
LATER = START + 9 * DAY


def on_grid(begin_at: datetime, end_at: datetime | None, interval_seconds: float) -> Span:
    grid = Grid.of("acme/large#completion", interval_seconds, interval_seconds / 10)

    def count(begin: float, end: float) -> int:
        return grid.latest(int(end * _MICRO)) - grid.latest(int(begin * _MICRO))

    end = end_at.timestamp() if end_at else None
    return Span(begin_at=begin_at.timestamp(), end_at=end, count=count)


def slots(interval_seconds: float, begin_at: datetime, end_at: datetime) -> int:
    """Count slots one by one."""
    grid = Grid.of("acme/large#completion", interval_seconds, interval_seconds / 10)
    begin_us, end_us = (round(at.timestamp() * _MICRO) for at in (begin_at, end_at))
    numbers = range(grid.latest(begin_us) - 2, grid.latest(end_us) + 2)
    return sum(1 for k in numbers if begin_us <= grid.slot_us(k) < end_us)


def hours_of(history: list[Result]) -> list[Dated]:
    """Fold a history hour by hour."""
    hours = sorted({Resolution.HOUR.begin_of(each.slot_at) for each in history})
    return [
        Dated(
            begin_at,
            fold(
                Kind.COMPLETION,
                [Run.of(each) for each in history if begin_at <= each.slot_at < begin_at + HOUR],
            ),
        )
        for begin_at in hours
    ]


@given(
    st.lists(results(minutes=3 * 1440), max_size=60),
    st.sampled_from(list(Resolution)),
    st.integers(1, 70),
    st.sampled_from((60.0, 3600.0)),
)
def test_each_step_says_what_its_runs_and_slots_say(
    history: list[Result], resolution: Resolution, change: int, interval_seconds: float
) -> None:
    """The interval changes in the midst of it."""
    changed_at = START + change * HOUR
    spans = [on_grid(START, changed_at, 600.0), on_grid(changed_at, None, interval_seconds)]
    points = series(hours_of(history), resolution, (START, START + 3 * DAY), spans, LATER)

    for point in points:
        begin_at, end_at = point.begin_at, point.end_at
        within = [each for each in history if begin_at <= each.slot_at < end_at]
        samples = [sample(each) for each in within if each.confirm == 0]
        old = slots(600.0, max(begin_at, START), max(min(end_at, changed_at), START))
        expected = old + slots(interval_seconds, max(begin_at, changed_at), max(end_at, changed_at))
        planned = max(expected, len(samples))
        assert_stats_agree(point.stats, summarize(samples, expected, planned=planned))
    counted = sum(point.stats.valid + point.stats.excluded for point in points)
    assert counted == sum(1 for each in history if each.confirm == 0)


def test_steps_without_a_run_are_there_and_tell_coverage_only() -> None:
    spans = [on_grid(MIDNIGHT, None, 60.0)]
    history = [make_result(minute=each) for each in range(60)]

    points = series(
        hours_of(history), Resolution.DAY, (MIDNIGHT - DAY, MIDNIGHT + 2 * DAY), spans, LATER
    )

    assert [point.begin_at for point in points] == [MIDNIGHT + n * DAY for n in (-1, 0, 1)]
    assert [point.stats.coverage_ratio for point in points] == [None, 60 / 1440, 0.0]
    assert [point.stats.uptime_ratio for point in points] == [None, 1.0, None]


def test_slots_that_may_still_run_are_not_expected_yet() -> None:
    spans = [on_grid(MIDNIGHT, None, 60.0)]

    (point,) = series([], Resolution.HOUR, (START, START + HOUR), spans, START + HOUR / 2)

    assert point.stats.expected == 30


def test_a_window_is_published_from_its_bucket() -> None:
    history = [make_result(minute=each, ttft_seconds=0.5) for each in range(120)]
    bucket = merge_buckets(each.bucket for each in hours_of(history))
    spans = [on_grid(MIDNIGHT, None, 60.0)]

    stats = window(bucket, (START, START + 2 * HOUR), spans, LATER)

    assert_stats_agree(stats, summarize([sample(each) for each in history], 120))


def test_too_few_planned_runs_tell_no_median() -> None:
    bucket = Bucket(counts=Counts(9, 9, 9, 9, 9, 9))
    stats = window(bucket, (START, START + HOUR), [], LATER, planned=9)

    assert stats.ttft_median_seconds is None
    assert stats.coverage_ratio is None


def test_dates_are_those_of_utc() -> None:
    late = make_result(slot_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))

    (first, second) = series(
        hours_of([late]), Resolution.DAY, (START, START + timedelta(hours=13)), [], LATER
    )

    assert (first.bucket.counts.samples, second.bucket.counts.samples) == (1, 0)
