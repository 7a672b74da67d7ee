"""What a scheduler asks for, noted, and what it should have asked for."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from monitor.model.clock import SystemClock
from monitor.model.target import Probe
from monitor.scheduling.grid import Grid
from monitor.scheduling.scheduler import RunSlot, Scheduler, instant
from tests.factories import make_probe

QUICK = 0.5


@dataclass
class Book:
    """Notes what the scheduler asks for; a run lasts until it is let go."""

    runs: list[tuple[str, datetime, int]] = field(default_factory=list)
    misses: list[tuple[str, datetime, str]] = field(default_factory=list)
    aborted: list[tuple[str, int]] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0
    errors: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go.set()

    async def run(self, probe: Probe, slot_at: datetime, confirm: int) -> None:
        self.runs.append((probe.key, slot_at, confirm))
        await self.go.wait()
        self.ended += 1

    def miss(self, probe: Probe, slot_at: datetime, reason: str) -> None:
        self.misses.append((probe.key, slot_at, reason))

    def abort(self, probe: Probe, confirm: int) -> None:
        self.aborted.append((probe.key, confirm))
        self.go.set()

    def accounted(self, key: str) -> list[datetime]:
        ran = [slot for k, slot, confirm in self.runs if k == key and confirm == 0]
        return sorted(ran + [slot for k, slot, _ in self.misses if k == key])


def make_scheduler(
    book: Book, clock: SystemClock | None = None, run: RunSlot | None = None
) -> Scheduler:
    return Scheduler(
        clock or SystemClock(),
        run=run or book.run,
        miss=book.miss,
        abort=book.abort,
        on_error=book.errors.append,
    )


def quick(n: int = 1, interval: float = QUICK) -> list[Probe]:
    return [
        make_probe(f"p{i}/m", interval_seconds=interval, jitter_seconds=interval / 10)
        for i in range(n)
    ]


def planned(probe: Probe, first: datetime, last: datetime) -> list[datetime]:
    """The slots of a probe from one to another, both included."""
    grid = Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)
    slots, k = [], grid.latest(round(first.timestamp() * 1e6))
    while (slot := instant(grid.slot_us(k))) <= last:
        slots.append(slot)
        k += 1
    return slots
