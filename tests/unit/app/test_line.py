"""The line: our own bug is no outage, and doubt is confirmed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.policy import HealthPolicy
from monitor.model.result import Result
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from tests.factories import make_result
from tests.fakes import START, FakeClock
from tests.unit.app.scene import Scene


class BrokenProber(Prober):
    """A prober with a bug."""

    async def run(self, *_: object, **__: object) -> Result:
        raise ZeroDivisionError("ours")


async def test_our_own_bug_is_inconclusive_and_no_outage(clock: FakeClock) -> None:
    broken = BrokenProber(HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock))
    scene = Scene(clock, broken)

    await scene.line.run(scene.probe, START, 0)

    (triple,) = scene.sink.triples
    assert triple.result.verdict.outcome is Outcome.INCONCLUSIVE
    assert triple.result.verdict.message == "ZeroDivisionError"
    assert scene.recorder.health("acme/large").state is State.UP
    assert isinstance(scene.errors[0], ZeroDivisionError)
    assert scene.confirms == []


async def test_a_failure_is_recorded_told_and_confirmed(clock: FakeClock) -> None:
    scene = Scene(clock)

    await scene.line.run(scene.probe, START, 0)  # nobody listens on port 1

    (triple,) = scene.sink.triples
    assert triple.result.verdict.outcome is Outcome.UNREACHABLE
    assert triple.transition is not None
    assert scene.results == [triple.result]
    ((slot_at, number, delay),) = scene.confirms
    assert (slot_at, number) == (START, 1)
    assert 8 <= delay <= 12


async def test_a_confirm_run_keeps_the_slot_of_the_run_it_confirms(clock: FakeClock) -> None:
    scene = Scene(clock)

    await scene.line.run(scene.probe, START, 0)
    clock.advance(10)
    await scene.line.run(scene.probe, START, 1)

    second = scene.sink.triples[1].result
    assert (second.slot_at, second.confirm) == (START, 1)
    assert second.started_at == START + timedelta(seconds=10)
    assert second.schedule_delay_seconds is None
    assert [number for _, number, _ in scene.confirms] == [1, 2]


async def test_a_target_is_confirmed_as_its_own_policy_says(clock: FakeClock) -> None:
    scene = Scene(clock)
    quick = replace(scene.probe, policy=HealthPolicy(confirm_seconds=(1.0,)))

    await scene.line.run(quick, START, 0)
    await scene.line.run(quick, START, 1)

    ((_, number, delay),) = scene.confirms
    assert number == 1
    assert 0.8 <= delay <= 1.2


@pytest.mark.parametrize("reason", ["late", "overlap"])
def test_a_slot_that_was_not_run_is_a_row(clock: FakeClock, reason: str) -> None:
    scene = Scene(clock)

    scene.line.miss(scene.probe, START, reason)

    (triple,) = scene.sink.triples
    assert triple.result.verdict.outcome is Outcome.MISSED
    assert triple.result.verdict.rule == f"missed-{reason}"
    assert triple.result.started_at is None
    assert triple.health is None


def test_ending_a_run_that_is_over_changes_nothing(clock: FakeClock) -> None:
    scene = Scene(clock)

    scene.line.abort(scene.probe, 1)

    assert scene.sink.triples == []


async def test_a_spent_budget_makes_slots_missed_and_confirms_none(clock: FakeClock) -> None:
    scene = Scene(clock, overall=1.0)
    scene.restraint.note(scene.probe, make_result(cost_usd=1.5))

    await scene.line.run(scene.probe, START, 0)
    await scene.line.run(scene.probe, START, 1)

    (triple,) = scene.sink.triples
    assert triple.result.verdict.rule == "missed-budget"
