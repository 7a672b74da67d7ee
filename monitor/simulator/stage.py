"""What all providers of one simulator share."""

from dataclasses import dataclass, field

from monitor.model.clock import Clock
from monitor.simulator.orders import OrderBook
from monitor.simulator.plan import NANOSECONDS
from monitor.simulator.truth import TruthLog


@dataclass(slots=True, kw_only=True)
class Stage:
    """The seed, the clock, the orders in force and the record of what happened.

    Attributes:
        seed: Where all chance comes from.
        clock: Where all instants come from.
        log: What happened.
        orders: The faults that were commanded.
        started_ns: When the simulator started, on the monotonic clock.
    """

    seed: int
    clock: Clock
    log: TruthLog
    orders: OrderBook = field(default_factory=OrderBook)
    started_ns: int = 0

    def elapsed_seconds(self, at_ns: int) -> float:
        """Seconds from the simulator's start to *at_ns*."""
        return (at_ns - self.started_ns) / NANOSECONDS
