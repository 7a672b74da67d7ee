"""What a router is told of a group, and when nobody may route by it."""

from datetime import timedelta

import pytest

from monitor.model.health import Health, State
from monitor.model.routing import Candidate, GroupRouting, Routing
from monitor.model.snapshot import TargetView, Totals
from tests.factories import make_target
from tests.fakes import START

UP, DOWN, BLOCKED, UNKNOWN = State.UP, State.DOWN, State.BLOCKED, State.UNKNOWN


def candidate(state: State, *, is_stale: bool = False) -> Candidate:
    view = TargetView(
        target=make_target(),
        interval_seconds=60.0,
        health=Health(state=state),
        is_stale=is_stale,
        windows={},
        totals=Totals(),
        last_result=None,
        last_probe_at=None,
    )
    return Candidate(view=view, weight=1.0, state=state)


def silent(state: State) -> Candidate:
    return candidate(state, is_stale=True)


@pytest.mark.parametrize(
    ("candidates", "is_available"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([candidate(UNKNOWN)], None, id="nothing is known"),
        pytest.param([candidate(BLOCKED)], None, id="our account says nothing of the provider"),
        pytest.param([candidate(UNKNOWN), candidate(BLOCKED)], None, id="nor do both together"),
        pytest.param([silent(DOWN), candidate(BLOCKED)], None, id="it was down, and is silent"),
        pytest.param([candidate(DOWN)], False, id="down"),
        pytest.param([candidate(UNKNOWN), candidate(DOWN)], False, id="one is known, to be down"),
        pytest.param([silent(DOWN), candidate(DOWN)], False, id="one of two is still heard of"),
        pytest.param([candidate(BLOCKED), candidate(DOWN)], False, id="the other is down"),
        pytest.param([candidate(DOWN), candidate(UP)], True, id="one is up"),
        pytest.param([candidate(State.DEGRADED)], True, id="degraded"),
        pytest.param([candidate(State.RECOVERING)], True, id="recovering"),
    ],
)
def test_a_group_is_unavailable_only_if_a_target_is_known_to_be_down(
    candidates: list[Candidate], is_available: bool | None
) -> None:
    group = GroupRouting(group="g/x", is_panic=False, candidates=tuple(candidates))

    assert group.is_available is is_available


@pytest.mark.parametrize(
    ("age", "is_stale"),
    [
        pytest.param(0, False, id="now"),
        pytest.param(15, False, id="just not too old"),
        pytest.param(15.1, True, id="too old"),
        pytest.param(-15, False, id="the clock was set back a little"),
        pytest.param(-15.1, True, id="a heartbeat of the future is none"),
    ],
)
def test_nobody_routes_by_what_is_too_far_from_now(age: float, is_stale: bool) -> None:
    routing = Routing(seq=1, heartbeat_at=START)

    assert routing.is_stale(START + timedelta(seconds=age)) is is_stale
