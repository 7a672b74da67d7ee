"""Whatever comes and goes: the bounds hold, the order is kept, and no permit is lost."""

import asyncio
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from monitor.scheduling.limits import Bounds, Lane, Limits
from tests.unit.scheduling.door import HOUR, Run, assert_all_free, end, settle

LANES = [Lane(provider, host) for provider in ("acme", "other") for host in ("a", "b")]
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "hasten", "leave", "cancel", "dismiss", "settle"]),
        st.integers(0, 30),
    ),
    max_size=40,
)


class Crowd:
    """Runs that come and go as told, and what must hold whatever they do."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds, self.limits = bounds, Limits(bounds)
        self.runs: list[Run] = []

    async def act(self, action: str, number: int) -> None:
        if action in ("arrive", "hasten"):
            patience = HOUR if action == "arrive" else 0.0
            lane = LANES[number % len(LANES)]
            self.runs.append(Run(self.limits, str(len(self.runs)), lane, patience))
        elif action == "settle" or not self.runs:
            await settle()
            self.check_order()
        else:
            run = self.runs[number % len(self.runs)]
            self._nudge(run, action)

    def _nudge(self, run: Run, action: str) -> None:
        if action == "leave":
            run.go.set()
        elif action == "cancel":
            run.task.cancel()
        else:
            self.limits.dismiss(run.name, "superseded")

    def check_bounds(self) -> None:
        inside = [run.lane for run in self.runs if run.is_in]
        for bound, count in (
            (self.bounds.overall, len(inside)),
            (self.bounds.per_provider, Counter(lane.provider for lane in inside)["other"]),
            (self.bounds.providers["acme"], Counter(lane.provider for lane in inside)["acme"]),
            (self.bounds.per_host, max(Counter(lane.host for lane in inside).values(), default=0)),
        ):
            assert count <= bound

    def check_order(self) -> None:
        for lane in LANES:
            own = [run.is_in for run in self.runs if run.lane == lane and not run.task.done()]
            assert own == sorted(own, reverse=True), "a later one is in while an earlier one waits"


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), ACTIONS)
def test_bounds_hold_and_all_permits_are_free_after_any_coming_and_going(
    overall: int, per_provider: int, per_host: int, actions: list[tuple[str, int]]
) -> None:
    own = {"acme": 1}
    bounds = Bounds(overall=overall, per_provider=per_provider, per_host=per_host, providers=own)

    async def story() -> None:
        crowd = Crowd(bounds)
        for action, number in actions:
            await crowd.act(action, number)
            crowd.check_bounds()
        await end(crowd.runs)
        await assert_all_free(crowd.limits, bounds)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(story())
