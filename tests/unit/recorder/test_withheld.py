"""Slots that were left out on purpose do not let a router forget what is believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.health.group import Group, Share, share_out
from monitor.health.weight import Standing
from monitor.model.health import Health, State
from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.result import Result
from monitor.model.snapshot import TargetView
from monitor.probes.budget import Budget, Spending
from monitor.probes.restraint import Restraint
from monitor.recorder.memory import TargetMemory
from tests.factories import make_probe, make_result
from tests.fakes import START

BAD, LIVE = "acme/large", "bolt/large"


def make_memory(key: str = BAD, state: State = State.UNKNOWN) -> TargetMemory:
    health = Health(state=state)
    return TargetMemory(probe=make_probe(key), health=health, spans=(), begun_at=START)


def left_out(why: str, minute: float) -> Result:
    verdict = Verdict(outcome=Outcome.MISSED, fault=Fault.PROBER, rule=f"missed-{why}")
    return make_result(minute=minute, started_at=None, verdict=verdict)


def view(memory: TargetMemory, minute: float) -> TargetView:
    return memory.view(START + timedelta(minutes=minute))


def shares(outcome: Outcome, pause: float | None, spent_ratio: float, minutes: int) -> list[Share]:
    """What a target that ends in *outcome* gets beside a live one, half a minute after each slot.

    Args:
        outcome: Of all its runs.
        pause: That the provider asks for with each, in seconds.
        spent_ratio: Of the day's budget.
        minutes: How many slots there are.
    """
    spending = Spending(day=START.date(), by_provider={"acme": 100 * spent_ratio})
    restraint = Restraint(Budget(overall=100.0), spending)
    bad, live = make_memory(), make_memory(LIVE)
    group: Group | None = None
    told = []
    for minute in range(minutes):
        slot_at = START + timedelta(minutes=minute)
        live.take(make_result(minute=minute, target=LIVE), slot_at)
        why = restraint.reason(bad.probe, slot_at)
        result = left_out(why, minute) if why else make_result(outcome, minute=minute)
        verdict = replace(result.verdict, retry_after_seconds=None if why else pause)
        bad.take(replace(result, verdict=verdict), slot_at)
        restraint.note(bad.probe, replace(result, verdict=verdict))
        standings = {
            key: Standing(health=seen.health, is_stale=seen.is_stale)
            for key, seen in ((BAD, view(bad, minute + 0.5)), (LIVE, view(live, minute + 0.5)))
        }
        group = share_out(standings, group)
        told.append(group.shares[BAD])
    return told


@pytest.mark.parametrize(
    ("outcome", "pause", "spent_ratio", "state", "weight"),
    [
        pytest.param(Outcome.QUOTA_EXHAUSTED, 3600.0, 0.0, State.BLOCKED, 0.0, id="blocked"),
        pytest.param(Outcome.RATE_LIMITED, 600.0, 0.0, State.UNKNOWN, None, id="not known yet"),
        pytest.param(Outcome.SERVER_ERROR, None, 0.96, State.DOWN, 0.0, id="down, near the budget"),
    ],
)
def test_who_is_asked_seldom_on_purpose_keeps_what_it_gets(
    outcome: Outcome, pause: float | None, spent_ratio: float, state: State, weight: float | None
) -> None:
    told = shares(outcome, pause, spent_ratio, 40)[15:]

    assert {(each.state, each.is_stale) for each in told} == {(state, False)}
    assert weight is None or {each.weight for each in told} == {weight}


@pytest.mark.parametrize("why", ["retry_after", "budget"])
def test_a_throttled_target_keeps_its_quarter_while_it_is_left_alone(why: str) -> None:
    memory = make_memory()
    for minute, outcome in enumerate((Outcome.OK, Outcome.RATE_LIMITED)):
        memory.take(make_result(outcome, minute=minute), START)
    for minute in range(2, 9):
        memory.take(left_out(why, minute), START)

    seen = view(memory, 8.5)

    assert seen.last_probe_at == START + timedelta(minutes=1)
    group = share_out({BAD: Standing(health=seen.health, is_stale=seen.is_stale)})
    assert group.shares[BAD] == Share(0.25, State.UP)


@pytest.mark.parametrize("why", ["concurrency", "late", "overlap", "stopped"])
def test_slots_that_could_not_be_run_are_no_word_of_a_target(why: str) -> None:
    memory = make_memory(state=State.DOWN)
    for minute in range(5):
        memory.take(left_out(why, minute), START)

    assert view(memory, 4.5).is_stale


@pytest.mark.parametrize("state", [State.UP, State.DEGRADED, State.UNKNOWN])
def test_who_serves_is_silent_though_it_was_on_purpose(state: State) -> None:
    memory = make_memory(state=state)
    for minute in range(5):
        memory.take(left_out("budget", minute), START)

    assert view(memory, 4.5).is_stale


def test_what_is_believed_is_silent_in_the_end_if_no_run_is_made() -> None:
    """The budget is spent hours before midnight: whoever is down may have come back since."""
    memory = make_memory(state=State.DOWN)
    for minute in range(90):
        memory.take(left_out("budget", minute), START)

    assert not view(memory, 63.0).is_stale
    assert view(memory, 63.1).is_stale


def test_after_a_restart_the_slot_that_was_left_out_last_is_known() -> None:
    memory = make_memory(state=State.BLOCKED)
    refused, newest = make_result(Outcome.QUOTA_EXHAUSTED), left_out("retry_after", 8)
    memory.recall([], newest, refused)

    assert not view(memory, 8.5).is_stale
    assert view(memory, 8.5).last_probe_at == START
