"""What runs are evidence of, one by one and together."""

from datetime import UTC, datetime

import pytest

from monitor.health.evidence import (
    Evidence,
    Trace,
    decayed_ratio,
    evidence,
    median_ttft,
    since,
    success_ratio,
    trace,
)
from monitor.model.outcome import Fault, Outcome
from monitor.model.target import Kind
from tests.factories import make_result
from tests.fakes import START


@pytest.mark.parametrize(
    ("outcome", "found"),
    [
        (Outcome.OK, Evidence.SUCCESS),
        (Outcome.STARVED, Evidence.SUCCESS),
        (Outcome.OVERLOADED, Evidence.FAILURE),
        (Outcome.TIMEOUT, Evidence.FAILURE),
        (Outcome.MODEL_UNAVAILABLE, Evidence.FAILURE),
        (Outcome.RATE_LIMITED, Evidence.THROTTLED),
        (Outcome.QUOTA_EXHAUSTED, Evidence.BLOCKED),
        (Outcome.UNAUTHORIZED, Evidence.BLOCKED),
        (Outcome.FORBIDDEN, Evidence.BLOCKED),
        (Outcome.INVALID_REQUEST, Evidence.NONE),
        (Outcome.FILTERED, Evidence.NONE),
        (Outcome.MISROUTED, Evidence.NONE),
        (Outcome.INCONCLUSIVE, Evidence.NONE),
        (Outcome.MISSED, Evidence.NONE),
    ],
)
def test_an_outcome_is_evidence_of(outcome: Outcome, found: Evidence) -> None:
    assert evidence(make_result(outcome)) is found


def test_a_model_that_never_worked_blocks() -> None:
    result = make_result(Outcome.MODEL_UNAVAILABLE, fault=Fault.ACCOUNT)

    assert evidence(result) is Evidence.BLOCKED


def test_a_throughput_run_is_no_evidence() -> None:
    assert evidence(make_result(Outcome.SERVER_ERROR, kind=Kind.THROUGHPUT)) is Evidence.NONE
    assert trace(make_result(kind=Kind.THROUGHPUT)) is None


@pytest.mark.parametrize(
    ("outcome", "tainted", "ttft"),
    [
        pytest.param(Outcome.OK, False, 0.4, id="good"),
        pytest.param(Outcome.OK, True, None, id="spoiled by our own delay"),
        pytest.param(Outcome.STARVED, False, None, id="never came to its answer"),
    ],
)
def test_a_trace_keeps_times_that_are_the_providers(
    outcome: Outcome, tainted: bool, ttft: float | None
) -> None:
    kept = trace(make_result(outcome, tainted=tainted, ttft_seconds=0.4))

    assert kept == Trace(START.timestamp(), True, ttft)


class TestDecayedRatio:
    def test_without_runs_it_is_the_prior(self) -> None:
        assert decayed_ratio([], 0.0) == 0.95

    @pytest.mark.parametrize(
        ("age", "ratio"),
        [
            pytest.param(0, 9.5 / 20, id="the last minute counts ten times"),
            pytest.param(59, 9.5 / 20, id="to its end"),
            pytest.param(60, 9.5 / 13, id="then three times"),
            pytest.param(300, 9.5 / 11, id="then once"),
            pytest.param(3600, 0.95, id="after an hour no more"),
            pytest.param(-5, 9.5 / 20, id="after a step back of the clock it is of now"),
        ],
    )
    def test_a_failure_counts_by_its_age(self, age: float, ratio: float) -> None:
        assert decayed_ratio([Trace(1e6 - age, False)], 1e6) == pytest.approx(ratio)

    def test_successes_count_likewise(self) -> None:
        traces = [Trace(0.0, True), Trace(0.0, False)]

        assert decayed_ratio(traces, 0.0) == pytest.approx(19.5 / 30)


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("begin", "kept"),
    [
        pytest.param(None, [1000.0, 5000.0, 5300.0], id="all but those of the future"),
        pytest.param(5000.0, [5000.0, 5300.0], id="from an instant on"),
        pytest.param(5300.0, [5300.0], id="that may lie ahead, if it is little"),
        pytest.param(9000.0, [1000.0, 5000.0, 5300.0], id="one that is yet to come is none"),
    ],
)
def test_evidence_is_not_of_the_future(begin: float | None, kept: list[float]) -> None:
    """The clock was ahead, and what was noted then lies in the future now."""
    traces = [Trace(at, True) for at in (1000.0, 5000.0, 5300.0, 5301.0, 9100.0)]
    begin_at = None if begin is None else instant(begin)

    assert [each.at for each in since(traces, begin_at, instant(5000.0))] == kept


def test_the_plain_ratio_wants_enough_runs() -> None:
    traces = [Trace(float(at), at % 2 == 0) for at in range(6)]

    assert success_ratio(traces, 0.0, 6) == 0.5
    assert success_ratio(traces, 1.0, 6) is None
    assert success_ratio(traces, 1.0, 5) == 0.4


class TestMedian:
    TRACES = tuple(Trace(float(at), True, float(at)) for at in range(10))

    def test_it_is_of_the_last_runs(self) -> None:
        assert median_ttft(self.TRACES, 5) == 7.0

    def test_or_of_those_from_an_instant_on(self) -> None:
        assert median_ttft(self.TRACES, 5, begin=1.0) == 5.0

    def test_of_too_few_there_is_none(self) -> None:
        assert median_ttft(self.TRACES[:4], 5) is None
        assert median_ttft(self.TRACES, 5, begin=6.0) is None
        assert median_ttft([*self.TRACES[:4], Trace(99.0, False)], 5) is None
