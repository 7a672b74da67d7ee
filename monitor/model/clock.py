"""The only place that reads the machine's clocks."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the instants come from; tests put a fake in its place."""

    def now(self) -> datetime:
        """The wall clock, as an aware UTC instant."""
        ...

    def monotonic_ns(self) -> int:
        """The steady clock that all durations are taken from, in nanoseconds."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> datetime:
        """Read the wall clock."""
        return datetime.now(UTC)  # noqa: TID251 - this is the Clock

    def monotonic_ns(self) -> int:
        """Read `perf_counter_ns`."""
        return time.perf_counter_ns()
