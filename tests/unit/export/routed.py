"""Weights of two targets of a group, as they are published."""

from collections.abc import Mapping

from monitor.model.health import Health, State
from monitor.model.routing import Candidate, GroupRouting, Routing
from monitor.model.snapshot import TargetView, Totals
from monitor.model.window import WindowStats
from tests.factories import make_target
from tests.fakes import START


def candidate(
    key: str = "acme/large",
    weight: float = 1.0,
    state: State = State.UP,
    *,
    reason: str | None = None,
    base_url: str = "http://127.0.0.1:8001/v1",
    windows: Mapping[str, WindowStats] | None = None,
    **target: object,
) -> Candidate:
    view = TargetView(
        target=make_target(key, base_url=base_url, group="lab/large", **target),
        interval_seconds=60.0,
        health=Health(state=state, reason=reason),
        is_stale=False,
        windows=windows or {},
        totals=Totals(),
        last_result=None,
        last_probe_at=None,
    )
    return Candidate(view=view, weight=weight, state=state)


def routing(*candidates: Candidate, seq: int = 7) -> Routing:
    """One group, whose heartbeat is that of `START`."""
    group = GroupRouting(group="lab/large", is_panic=False, candidates=candidates)
    return Routing(seq=seq, heartbeat_at=START, groups=(group,))
