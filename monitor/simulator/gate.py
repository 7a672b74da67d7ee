"""Keeps a provider's door open or shut, as its rules and the orders in force want it."""

import asyncio
from collections.abc import Sequence

from monitor.simulator.behaviour import During
from monitor.simulator.door import Door
from monitor.simulator.plan import NANOSECONDS
from monitor.simulator.stage import Stage


class Gate:
    """Sets the door right at once when asked, and by itself when a span or an order ends."""

    def __init__(self, provider: str, door: Door, spans: Sequence[During], stage: Stage) -> None:
        self._provider = provider
        self._spans = spans
        self._stage = stage
        self._timer: asyncio.TimerHandle | None = None
        self.door = door

    def settle(self) -> None:
        """Open or shut the door for now, and look at it again when that may change.

        Does nothing before the simulator has started and after it has stopped.
        """
        self.rest()
        if not self.door.is_reserved:
            return
        now_ns = self._stage.clock.monotonic_ns()
        elapsed = self._stage.elapsed_seconds(now_ns)
        refusals = self._stage.orders.refusals(self._provider, now_ns)
        if refusals or any(span.holds(elapsed) for span in self._spans):
            self.door.shut()
        else:
            self.door.open()
        ends = [(o.until_ns - now_ns) / NANOSECONDS for o in refusals if o.until_ns is not None]
        turns = [turn for span in self._spans if (turn := span.change_in(elapsed)) is not None]
        if waits := ends + turns:
            self._timer = asyncio.get_running_loop().call_later(min(waits), self.settle)

    def rest(self) -> None:
        """Leave the door as it is from now on."""
        if self._timer:
            self._timer.cancel()
        self._timer = None
