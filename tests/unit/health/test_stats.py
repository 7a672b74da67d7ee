"""What a window adds up to."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.stats import quantile, sample, summarize, wilson
from monitor.model.outcome import Outcome
from monitor.model.window import WindowStats
from tests.factories import make_result


def window(outcomes: list[Outcome], expected: int | None = None, **given: object) -> WindowStats:
    results = [make_result(each, minute=n, **given) for n, each in enumerate(outcomes)]
    return summarize([sample(each) for each in results], expected or len(results))


def test_uptime_is_good_over_valid_and_what_is_not_the_providers_doing_is_left_out() -> None:
    stats = window([Outcome.OK] * 3 + [Outcome.TIMEOUT] + [Outcome.UNAUTHORIZED] * 6)

    assert (stats.good, stats.valid, stats.excluded) == (3, 4, 6)
    assert stats.uptime_ratio == 0.75


def test_a_starved_answer_is_good_but_its_times_are_no_answers_times() -> None:
    stats = window([Outcome.STARVED] * 6, ttft_seconds=0.4)

    assert stats.uptime_ratio == 1.0
    assert stats.ttft_samples == 0
    assert stats.ttft_median_seconds is None


def test_an_empty_window_has_no_figures() -> None:
    assert summarize([], 0) == WindowStats()


def test_without_a_valid_run_there_is_no_uptime() -> None:
    stats = window([Outcome.RATE_LIMITED] * 3)

    assert stats.uptime_ratio is None
    assert stats.uptime_lower_ratio is None


def test_coverage_counts_what_took_place_over_what_was_planned() -> None:
    stats = window([Outcome.OK, Outcome.MISSED, Outcome.INCONCLUSIVE, Outcome.FORBIDDEN], 8)

    assert stats.coverage_ratio == 0.25


def test_coverage_is_never_above_one() -> None:
    assert window([Outcome.OK] * 5, expected=4).coverage_ratio == 1.0


@pytest.mark.parametrize(("n", "is_told"), [(4, False), (5, True)])
def test_a_median_needs_five_samples(n: int, is_told: bool) -> None:
    stats = window([Outcome.OK] * n, ttft_seconds=0.3)

    assert (stats.ttft_median_seconds is not None) is is_told


@pytest.mark.parametrize(("n", "is_told"), [(19, False), (20, True)])
def test_a_95th_percentile_needs_twenty(n: int, is_told: bool) -> None:
    stats = window([Outcome.OK] * n, ttft_seconds=0.3)

    assert (stats.ttft_p95_seconds is not None) is is_told


def test_tainted_runs_count_in_uptime_and_not_in_latency() -> None:
    stats = window([Outcome.OK] * 5, ttft_seconds=0.3, tainted=True)

    assert stats.uptime_ratio == 1.0
    assert stats.ttft_samples == 0


def test_failed_runs_have_no_part_in_latency() -> None:
    assert window([Outcome.TIMEOUT] * 9, ttft_seconds=20.0).ttft_samples == 0


def test_openrouters_uptime_is_counted_beside_ours() -> None:
    results = [
        make_result(Outcome.OK, openrouter_good=True),
        make_result(Outcome.UNAUTHORIZED, minute=1, openrouter_good=False),
        make_result(Outcome.RATE_LIMITED, minute=2, openrouter_good=None),
    ]
    stats = summarize([sample(each) for each in results], 3)

    assert stats.uptime_ratio == 1.0
    assert stats.openrouter_uptime_ratio == 0.5


@given(st.lists(st.floats(0.001, 1000), min_size=5, max_size=200))
def test_the_median_is_the_median(values: list[float]) -> None:
    found = quantile(sorted(values), 0.5, 5)

    assert found is not None
    assert math.isclose(found, statistics.median(values))


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_lies_among_the_values(values: list[float], q: float) -> None:
    found = quantile(sorted(values), q, 1)

    assert found is not None
    assert min(values) <= found <= max(values) or math.isclose(found, min(values))


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_enclose_the_share(counts: tuple[int, int]) -> None:
    good, valid = counts
    lower, upper = wilson(good, valid)

    assert 0 <= lower <= good / valid + 1e-12
    assert good / valid - 1e-12 <= upper <= 1


@pytest.mark.parametrize(
    ("failures", "runs", "lower"),
    [(0, 5, 0.566), (0, 60, 0.940), (0, 1440, 0.9973)],
    ids=["five runs prove little", "an hour", "a day"],
)
def test_the_lower_bound_of_a_flawless_window(failures: int, runs: int, lower: float) -> None:
    assert math.isclose(wilson(runs - failures, runs)[0], lower, abs_tol=5e-4)


@pytest.mark.parametrize(("planned", "is_told"), [(9.9, False), (10, True)])
def test_a_window_that_plans_too_few_runs_tells_no_median(planned: float, is_told: bool) -> None:
    """Else it would be told by windows without a failure only, and come and go."""
    samples = [sample(make_result(minute=n, ttft_seconds=0.3)) for n in range(9)]

    stats = summarize(samples, 9, planned=planned)

    assert (stats.ttft_median_seconds is not None) is is_told
