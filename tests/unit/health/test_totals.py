"""What only ever grows."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.totals import add
from monitor.model.outcome import Outcome
from monitor.model.snapshot import DURATION_BUCKETS, SPEED_BUCKETS, Totals
from monitor.model.target import Kind
from tests.factories import make_result, total


def test_valid_failed_excluded_and_confirm_runs_are_counted_apart() -> None:
    totals = total(
        make_result(),
        make_result(Outcome.OVERLOADED),
        make_result(Outcome.UNAUTHORIZED),
        make_result(Outcome.OVERLOADED, confirm=1),
    )

    assert totals.valid == {"completion": 2}
    assert totals.failures == {("completion", "overloaded"): 1}
    assert totals.excluded == {("completion", "unauthorized"): 1}
    assert totals.confirms == {"overloaded": 1}


def test_confirm_runs_cost_money_too() -> None:
    totals = total(
        make_result(input_tokens=20, output_tokens=16, cost_usd=0.5),
        make_result(Outcome.TRUNCATED, confirm=1, input_tokens=20, cost_usd=0.25),
    )

    assert totals.tokens == {"input": 40, "output": 16}
    assert totals.cost_usd == 0.75


def test_times_fall_into_the_bucket_whose_end_includes_them() -> None:
    totals = total(make_result(ttft_seconds=0.1), make_result(ttft_seconds=999.0))

    ttft = totals.histogram("ttft_seconds")
    assert ttft.counts[DURATION_BUCKETS.index(0.1)] == 1
    assert ttft.counts[len(DURATION_BUCKETS)] == 1
    assert ttft.total == 999.1


def test_failed_tainted_and_starved_runs_are_not_timed() -> None:
    totals = total(
        make_result(Outcome.TIMEOUT, ttft_seconds=0.2),
        make_result(ttft_seconds=0.2, tainted=True),
        make_result(Outcome.STARVED, ttft_seconds=0.2),
    )

    assert totals.histograms == {}
    assert sum(totals.histogram("ttft_seconds").counts) == 0


def test_speed_is_of_throughput_runs_and_times_are_of_completions() -> None:
    measured: dict[str, Any] = {
        "ttft_seconds": 0.2,
        "dns_seconds": 0.001,
        "output_tokens_per_second": 70.0,
    }
    completion, throughput, listing = (
        total(make_result(kind=kind, **measured)).histograms
        for kind in (Kind.COMPLETION, Kind.THROUGHPUT, Kind.MODELS)
    )

    assert completion.keys() == {"ttft_seconds", "dns_seconds"}
    assert throughput.keys() == {"output_tokens_per_second"}
    assert throughput["output_tokens_per_second"].counts[SPEED_BUCKETS.index(80.0)] == 1
    assert listing == {}


def test_what_failed_or_does_not_count_is_counted_by_its_rule_too() -> None:
    totals = total(
        make_result(),
        make_result(Outcome.OVERLOADED),
        make_result(Outcome.MISSED),
        make_result(Outcome.MISSED),
        make_result(Outcome.OVERLOADED, confirm=1),
    )

    by_outcome = {(kind, outcome): n for (kind, outcome, _), n in totals.causes.items()}
    assert by_outcome == {**totals.failures, **totals.excluded}
    assert sorted(totals.causes.values()) == [1, 2]


def test_what_was_given_is_left_as_it_was() -> None:
    before = Totals()
    add(before, make_result(ttft_seconds=0.2))

    assert before == Totals()


@given(
    costs=st.lists(st.floats(0, 10), max_size=30),
    seed=st.randoms(use_true_random=False),
)
def test_a_sum_is_the_same_number_in_whatever_order_it_came_about(
    costs: list[float], seed: Random
) -> None:
    results = [make_result(cost_usd=cost, ttft_seconds=cost) for cost in costs]
    shuffled = list(results)
    seed.shuffle(shuffled)

    assert total(*results) == total(*shuffled)


@pytest.mark.parametrize(
    ("given_cost", "counted"),
    [
        pytest.param(0.25, 0.25, id="a price"),
        pytest.param(-1.0, 0.0, id="less than nothing"),
        pytest.param(float("inf"), 0.0, id="no number"),
        pytest.param(float("nan"), 0.0, id="not a number"),
        pytest.param(1e9, 0.0, id="more than a run can cost"),
    ],
)
def test_only_a_cost_that_can_be_is_counted(given_cost: float, counted: float) -> None:
    assert total(make_result(cost_usd=given_cost)).cost_usd == counted


@pytest.mark.parametrize("tokens", [10**12 + 1, -1, 0])
def test_a_count_that_cannot_be_is_not_counted(tokens: int) -> None:
    assert total(make_result(output_tokens=tokens)).tokens == {}
