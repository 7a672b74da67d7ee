"""What only ever grows."""

from monitor.health.totals import add
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.snapshot import DURATION_BUCKETS, Totals
from tests.factories import make_result


def total(*results: Result) -> Totals:
    totals = Totals()
    for result in results:
        totals = add(totals, result)
    return totals


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
    totals = total(make_result(ttft_seconds=0.1), make_result(ttft_seconds=99.0))

    assert totals.ttft.counts[0] == 1
    assert totals.ttft.counts[len(DURATION_BUCKETS)] == 1
    assert totals.ttft.sum_seconds == 99.1


def test_failed_tainted_and_starved_runs_are_not_timed() -> None:
    totals = total(
        make_result(Outcome.TIMEOUT, ttft_seconds=0.2),
        make_result(ttft_seconds=0.2, tainted=True),
        make_result(Outcome.STARVED, ttft_seconds=0.2),
    )

    assert sum(totals.ttft.counts) == 0


def test_what_was_given_is_left_as_it_was() -> None:
    before = Totals()
    add(before, make_result(ttft_seconds=0.2))

    assert before == Totals()
