"""Money and manners: what a day may cost, and the pauses that providers ask for."""

from datetime import date, timedelta
from typing import Any

import pytest

from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.probes.budget import Budget, Spending, is_affordable, spent_ratio
from monitor.probes.restraint import Restraint
from tests.factories import make_probe, make_result
from tests.fakes import START

TODAY = START.date()
PROBE = make_probe()


def make_restraint(spent: float = 0.0, **budget: Any) -> Restraint:
    return Restraint(Budget(**budget), Spending(day=TODAY, by_provider={"acme": spent}))


def refused(fault: Fault, pause: float | None, outcome: Outcome = Outcome.RATE_LIMITED) -> Result:
    verdict = Verdict(outcome=outcome, fault=fault, rule="test", retry_after_seconds=pause)
    return make_result(verdict=verdict)


@pytest.mark.parametrize(
    ("ratio", "kind", "made"),
    [
        pytest.param(None, Kind.COMPLETION, 8, id="no budget, no bound"),
        pytest.param(0.5, Kind.COMPLETION, 8, id="half spent"),
        pytest.param(0.9, Kind.COMPLETION, 4, id="near the end every second slot"),
        pytest.param(0.95, Kind.COMPLETION, 2, id="nearer every fourth"),
        pytest.param(1.0, Kind.COMPLETION, 0, id="spent"),
        pytest.param(0.79, Kind.THROUGHPUT, 8, id="throughput runs while there is enough"),
        pytest.param(0.8, Kind.THROUGHPUT, 0, id="throughput stops first"),
        pytest.param(2.0, Kind.MODELS, 8, id="a listing costs nothing"),
    ],
)
def test_of_eight_slots_so_many_are_run(ratio: float | None, kind: Kind, made: int) -> None:
    assert sum(is_affordable(ratio, kind, slot) for slot in range(8)) == made


def test_near_the_end_nothing_is_confirmed() -> None:
    assert is_affordable(0.89, Kind.COMPLETION, 0, confirm=1)
    assert not is_affordable(0.9, Kind.COMPLETION, 0, confirm=1)


def test_the_tightest_budget_counts() -> None:
    spending = Spending(day=TODAY, by_provider={"acme": 1.0, "other": 3.0})
    budget = Budget(overall=8.0, providers={"acme": 1.25})

    assert spent_ratio(budget, spending, "acme", START) == 0.8
    assert spent_ratio(budget, spending, "other", START) == 0.5
    assert spent_ratio(Budget(), spending, "acme", START) is None


def test_a_new_day_begins_with_nothing_spent() -> None:
    spending = Spending(day=TODAY, by_provider={"acme": 5.0})
    tomorrow = START + timedelta(days=1)

    assert spent_ratio(Budget(overall=5.0), spending, "acme", tomorrow) == 0.0
    assert spending.plus("acme", 1.0, tomorrow) == Spending(
        day=date(2026, 3, 2), by_provider={"acme": 1.0}
    )


def test_runs_are_paid_until_the_budget_is_spent() -> None:
    restraint = make_restraint(overall=1.0)
    assert restraint.reason(PROBE, START) is None

    for minute in range(10):
        restraint.note(PROBE, make_result(minute=minute, cost_usd=0.1))

    assert restraint.spent_ratio("acme", START) == pytest.approx(1.0)
    assert restraint.reason(PROBE, START + timedelta(minutes=11)) == "budget"
    assert restraint.reason(PROBE, START + timedelta(days=1)) is None


@pytest.mark.parametrize(
    ("fault", "pause", "seconds"),
    [
        pytest.param(Fault.ACCOUNT, 90.0, 90, id="our own rate: we wait"),
        pytest.param(Fault.ACCOUNT, 3600.0, 600, id="for ten minutes at most"),
        pytest.param(Fault.ACCOUNT, None, 0, id="nothing was asked"),
        pytest.param(Fault.PROVIDER, 3600.0, 0, id="an outage is probed on"),
    ],
)
def test_a_pause_is_kept_after_our_own_faults_only(
    fault: Fault, pause: float | None, seconds: int
) -> None:
    restraint = make_restraint()
    restraint.note(PROBE, refused(fault, pause))

    kept = [
        second
        for second in range(0, 1200, 10)
        if restraint.reason(PROBE, START + timedelta(seconds=second)) == "retry_after"
    ]

    assert len(kept) * 10 == seconds


def test_a_success_ends_the_pause() -> None:
    restraint = make_restraint()
    restraint.note(PROBE, refused(Fault.ACCOUNT, 300.0))
    restraint.note(PROBE, make_result())

    assert restraint.reason(PROBE, START + timedelta(seconds=60)) is None


def test_what_was_spent_counts_under_another_budget_too() -> None:
    restraint = make_restraint(spent=1.0, overall=4.0)

    restraint.replace(Budget(overall=2.0))

    assert restraint.spent_ratio("acme", START) == 0.5
