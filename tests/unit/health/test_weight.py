"""Weights: each factor by itself, and together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.health.evidence import Trace
from monitor.health.weight import FLOOR, Standing, fastest, standing, weight
from monitor.model.health import Health, State
from tests.fakes import START

UP = Health(state=State.UP)


@pytest.mark.parametrize(
    ("state", "is_stale", "expected"),
    [
        pytest.param(State.UP, False, 1.0, id="up"),
        pytest.param(State.DEGRADED, False, 1.0, id="degraded is cut by its evidence only"),
        pytest.param(State.UNKNOWN, False, 1.0, id="unknown is routed to as healthy"),
        pytest.param(State.DOWN, False, 0.0, id="down"),
        pytest.param(State.BLOCKED, False, 0.0, id="blocked"),
        pytest.param(State.DOWN, True, 1.0, id="what we heard nothing of is routed to"),
    ],
)
def test_the_gate(state: State, is_stale: bool, expected: float) -> None:
    assert weight(Standing(health=Health(state=state), is_stale=is_stale), None) == expected


@pytest.mark.parametrize(
    ("ratio", "expected"), [(1.0, 1.0), (0.95, 1.0), (0.9, 0.94), (0.8, 0.62), (0.5, 0.15)]
)
def test_success_below_95_percent_is_punished_by_the_square(ratio: float, expected: float) -> None:
    got = weight(Standing(health=UP, success_ratio=ratio), None)

    assert got == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("own", "best", "expected"),
    [
        pytest.param(0.4, 0.4, 1.0, id="the fastest"),
        pytest.param(0.8, 0.4, 0.25, id="twice as slow"),
        pytest.param(9.0, 0.4, 0.1, id="never below a tenth"),
        pytest.param(None, 0.4, 1.0, id="nothing is known of its own"),
        pytest.param(0.8, None, 1.0, id="nothing is known of the others"),
        pytest.param(0.3, 0.4, 1.0, id="faster than what the others were is no more than 1"),
    ],
)
def test_latency_counts_by_the_inverse_square(
    own: float | None, best: float | None, expected: float
) -> None:
    assert weight(Standing(health=UP, ttft_seconds=own), best) == pytest.approx(expected)


@pytest.mark.parametrize(("recovered", "expected"), [(0, 0.1), (1, 0.25), (2, 0.5), (3, 1.0)])
def test_who_recovers_gets_more_with_each_success(recovered: int, expected: float) -> None:
    health = Health(state=State.RECOVERING, recovered=recovered)

    assert weight(Standing(health=health), None) == expected


def test_who_is_limited_gets_a_quarter() -> None:
    assert weight(Standing(health=replace(UP, is_throttled=True)), None) == 0.25


def test_who_may_be_routed_to_keeps_the_floor() -> None:
    health = Health(state=State.RECOVERING, is_throttled=True)

    assert weight(Standing(health=health, success_ratio=0.1, ttft_seconds=9.0), 0.4) == FLOOR


def test_the_fastest_is_looked_for_among_those_that_may_be_routed_to() -> None:
    down = Standing(health=Health(state=State.DOWN), ttft_seconds=0.1)
    group = [down, Standing(health=UP, ttft_seconds=0.5), Standing(health=UP)]

    assert fastest(group) == 0.5
    assert fastest([down]) is None


class TestStanding:
    NOW = START + timedelta(hours=1)

    def traces(self, ages: range, ttft: float = 0.4) -> list[Trace]:
        return [Trace(self.NOW.timestamp() - age, True, ttft) for age in reversed(ages)]

    def test_latency_is_of_the_last_quarter_of_an_hour(self) -> None:
        old, new = self.traces(range(901, 3600, 60), 9.0), self.traces(range(0, 300, 60))

        assert standing(UP, [*old, *new], self.NOW).ttft_seconds == 0.4
        assert standing(UP, [*old, *new[1:]], self.NOW).ttft_seconds is None

    def test_what_seems_to_be_of_the_future_is_no_evidence(self) -> None:
        failures = [Trace(self.NOW.timestamp() + 7200, False)] * 5

        assert standing(UP, failures, self.NOW).success_ratio == 0.95

    def test_what_was_before_the_recovery_is_forgotten(self) -> None:
        failures = [Trace(self.NOW.timestamp() - 100, False)]
        clean = Health(state=State.RECOVERING, history_since_at=self.NOW - timedelta(seconds=50))

        assert standing(UP, failures, self.NOW).success_ratio < 0.95
        assert standing(clean, failures, self.NOW).success_ratio == 0.95
