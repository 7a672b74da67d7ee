"""Why a target is as it is: an outcome and words stand side by side only if they are of one run."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.cli.causes import cause
from monitor.export.shapes import target_shape
from monitor.model.health import State
from monitor.model.maintenance import Ongoing
from monitor.model.outcome import Outcome
from tests.factories import make_result
from tests.unit.export.pictures import LATER, make_view

REFUSED = "Connection refused"


def shape(
    state: State,
    reason: str | None,
    newest: Outcome | None,
    work: Ongoing | None = None,
    http_status: int | None = None,
) -> dict[str, Any]:
    view = make_view("acme/large", state)
    run = make_result(newest or Outcome.OK, minute=29, http_status=http_status)
    run = replace(run, verdict=replace(run.verdict, message=REFUSED))
    return target_shape(
        replace(
            view,
            health=replace(view.health, reason=reason),
            last_result=run if newest else None,
            maintenance=work,
        )
    )


@pytest.mark.parametrize(
    ("state", "reason", "newest", "told"),
    [
        pytest.param(
            *(State.DOWN, "overloaded", Outcome.OVERLOADED, f"overloaded {REFUSED}"),
            id="the newest run ended as the one that decided",
        ),
        pytest.param(
            *(State.DOWN, "overloaded", Outcome.UNREACHABLE),
            f"overloaded; now: unreachable {REFUSED}",
            id="the newest run ended in another way",
        ),
        pytest.param(
            *(State.BLOCKED, "unauthorized", Outcome.UNREACHABLE),
            f"unauthorized; now: unreachable {REFUSED}",
            id="blocked, and cannot be reached any more",
        ),
        pytest.param(
            *(State.DOWN, "flapping", Outcome.EMPTY, f"flapping; now: empty {REFUSED}"),
            id="the reason is no outcome",
        ),
        pytest.param(
            *(State.DEGRADED, "overloaded", Outcome.OK, "overloaded"), id="the newest run is good"
        ),
        pytest.param(
            *(State.DOWN, "overloaded", Outcome.INCONCLUSIVE, "overloaded"),
            id="the newest run was spoiled by ourselves",
        ),
        pytest.param(
            *(State.UNKNOWN, None, Outcome.TIMEOUT, f"timeout {REFUSED}"), id="nothing decided yet"
        ),
        pytest.param(State.DOWN, "overloaded", None, "overloaded", id="no run is known"),
        pytest.param(State.RECOVERING, "ok", Outcome.TIMEOUT, "", id="what decided was good"),
        pytest.param(State.UP, "overloaded", Outcome.TIMEOUT, "", id="it is up"),
    ],
)
def test_words_stand_beside_the_outcome_of_their_own_run(
    state: State, reason: str | None, newest: Outcome | None, told: str
) -> None:
    assert cause(shape(state, reason, newest), LATER) == told


def test_the_status_is_that_of_the_newest_run() -> None:
    target = shape(State.DOWN, "overloaded", Outcome.MODEL_UNAVAILABLE, http_status=404)

    assert cause(target, LATER) == f"overloaded; now: model_unavailable HTTP 404 {REFUSED}"


@pytest.mark.parametrize(
    ("minutes", "reason", "told"),
    [
        (29, "GPU driver update", "maintenance until 12:59 UTC: GPU driver update"),
        (29, None, "maintenance until 12:59 UTC"),
        (24 * 60, "move", "maintenance until 03-02 12:30 UTC: move"),
    ],
    ids=["today", "without a reason", "until another day"],
)
def test_planned_work_is_told_of_a_target_that_is_up(
    minutes: int, reason: str | None, told: str
) -> None:
    work = Ongoing(end_at=LATER + timedelta(minutes=minutes), reason=reason)

    assert cause(shape(State.UP, None, Outcome.OK, work), LATER) == told


def test_planned_work_stands_before_what_fails() -> None:
    work = Ongoing(end_at=LATER + timedelta(minutes=1), reason="move")
    told = cause(shape(State.DOWN, "unreachable", Outcome.UNREACHABLE, work), LATER)

    assert told == f"maintenance until 12:31 UTC: move; unreachable {REFUSED}"
