"""Buckets say what the results themselves say, however these were parted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.availability import Availability
from monitor.health.rollup import (
    Bucket,
    Cause,
    Quantity,
    Run,
    fold,
    merge_buckets,
    quantiles,
    tally,
)
from monitor.health.sketch import RELATIVE_ERROR, Sketch
from monitor.health.stats import publish as publish_tally
from monitor.health.stats import quantile, sample, summarize
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from tests.factories import make_result
from tests.histories import assert_stats_agree, results


def bucket(*given_results: Result, kind: Kind = Kind.COMPLETION) -> Bucket:
    return fold(kind, map(Run.of, given_results))


@given(st.lists(results(), max_size=60))
def test_a_bucket_says_what_its_results_say(history: list[Result]) -> None:
    samples = [sample(each) for each in history if each.confirm == 0]

    assert_stats_agree(
        publish_tally(tally(bucket(*history)), len(samples)), summarize(samples, len(samples))
    )


@given(st.lists(st.lists(results(), max_size=20), max_size=6))
def test_parts_merge_to_the_bucket_of_all(parts: list[list[Result]]) -> None:
    whole = bucket(*(each for part in parts for each in part))

    assert merge_buckets(bucket(*part) for part in parts) == whole
    assert merge_buckets(bucket(*part) for part in reversed(parts)) == whole


@given(*[st.lists(results(), max_size=20)] * 3)
def test_merging_is_associative(
    one: list[Result], other: list[Result], third: list[Result]
) -> None:
    a, b, c = bucket(*one), bucket(*other), bucket(*third)

    assert merge_buckets([merge_buckets([a, b]), c]) == merge_buckets([a, merge_buckets([b, c])])


def test_outcomes_are_counted_with_their_rules_and_confirm_runs_apart() -> None:
    found = bucket(
        make_result(),
        make_result(Outcome.TIMEOUT, minute=1),
        make_result(Outcome.TIMEOUT, minute=1, confirm=1),
        make_result(Outcome.MISSED, minute=2, started_at=None),
    )

    assert found.outcomes == {
        Cause("ok", "test"): 1,
        Cause("timeout", "test"): 1,
        Cause("missed", "test"): 1,
    }
    assert found.confirms == {Cause("timeout", "test"): 1}
    assert (found.counts.samples, found.counts.valid, found.counts.executed) == (3, 2, 2)


def test_what_was_spent_is_that_of_all_runs() -> None:
    found = bucket(
        make_result(input_tokens=20, output_tokens=16, cost_usd=0.1),
        make_result(Outcome.EMPTY, confirm=1, input_tokens=20, cost_usd=0.2),
    )

    assert found.spent == (40, 16, 0, 0, 0.3)


@pytest.mark.parametrize(
    "given_fields",
    [{"tainted": True}, {"confirm": 1}, {"outcome": Outcome.STARVED}, {"ttft_seconds": None}],
    ids=lambda fields: next(iter(fields)),
)
def test_times_are_those_of_untainted_scheduled_answers(given_fields: dict[str, Any]) -> None:
    fields = {"ttft_seconds": 0.5} | given_fields

    assert bucket(make_result(**fields)).sketches == {}


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [(Kind.COMPLETION, Quantity.CONNECT), (Kind.THROUGHPUT, Quantity.OUTPUT_SPEED)],
)
def test_each_kind_has_its_quantities(kind: Kind, quantity: Quantity) -> None:
    measured: dict[str, Any] = {"connect_seconds": 0.01, "output_tokens_per_second": 80.0}

    assert list(bucket(make_result(kind=kind, **measured), kind=kind).sketches) == [quantity]
    assert bucket(make_result(kind=Kind.MODELS, **measured), kind=Kind.MODELS).sketches == {}


@pytest.mark.parametrize(("samples", "told"), [(4, 0), (5, 1), (8, 2), (20, 3), (100, 4)], ids=str)
def test_a_quantile_needs_its_number_of_samples(samples: int, told: int) -> None:
    found = quantiles(Sketch.of([0.5] * samples))

    assert found.samples == samples
    assert sum(value is not None for value in found[1:]) == told


@pytest.mark.parametrize(
    ("planned", "told"), [(9, 0), (10, 1), (16, 2), (40, 3), (199, 3), (200, 4)], ids=str
)
def test_a_quantile_needs_room_for_twice_its_number(planned: int, told: int) -> None:
    found = quantiles(Sketch.of([0.5] * 150), planned)

    assert sum(value is not None for value in found[1:]) == told


@given(st.lists(st.floats(0.001, 100), min_size=100, max_size=200))
def test_all_quantiles_are_within_the_bound(values: Sequence[float]) -> None:
    _, *told = quantiles(Sketch.of(values))

    for share, value in zip((0.5, 0.75, 0.95, 0.99), told, strict=True):
        assert value == pytest.approx(quantile(sorted(values), share, 1), rel=RELATIVE_ERROR)


def test_how_long_the_target_was_available_adds_up() -> None:
    parts = [Bucket(availability=Availability(0.1, 0.7)), Bucket(availability=Availability(0.2))]

    assert merge_buckets(parts).availability == (0.3, 0.7)


def test_an_empty_bucket_is_that_of_no_runs() -> None:
    assert bucket() == merge_buckets([]) == Bucket()
    assert bucket().sketch(Quantity.TTFT) == Sketch()


def test_a_run_is_what_its_result_is() -> None:
    at: datetime = make_result().slot_at + timedelta(minutes=1)
    result = make_result(Outcome.TIMEOUT, slot_at=at, ttft_seconds=0.5, cost_usd=0.25, tainted=True)

    run = Run.of(result)

    assert (run.outcome, run.fault, run.rule) == ("timeout", "provider", "test")
    assert (run.ttft_seconds, run.cost_usd, run.tainted) == (0.5, 0.25, True)
