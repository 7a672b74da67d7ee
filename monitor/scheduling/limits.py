"""How many runs may be under way at once; the others wait at the door, and hold nothing there."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

#: Why a run was not let in, as its `missed` row says it.
CONCURRENCY = "concurrency"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many runs may be under way at once, each bound at least 1.

    Attributes:
        overall: All together.
        per_provider: Those of one provider.
        per_host: Those that one host answers, whatever providers stand behind it.
        providers: Bounds of single providers, by name, instead of `per_provider`.
    """

    overall: int = 500
    per_provider: int = 100
    per_host: int = 100
    providers: Mapping[str, int] = field(default_factory=dict)


class Lane(NamedTuple):
    """What bounds a run beside the overall bound: runs of one lane are let in as they came."""

    provider: str
    host: str


@dataclass(eq=False, slots=True)
class _Ticket:
    """A run at the door.

    Attributes:
        number: Counts the arrivals.
        lane: What it needs room in.
        name: Whose it is.
        called: Done as soon as the wait is over.
        is_in: It was let in.
        refusal: Why it will not be let in any more; None if it may yet be.
    """

    number: int
    lane: Lane
    name: Hashable
    called: "asyncio.Future[None]"
    is_in: bool = False
    refusal: str | None = None


class Limits:
    """Lets runs in while there is room, overall, for their provider and at their host.

    A permit is for all three at once. Who waits holds none of them, so a host that hangs keeps
    nobody from another host, and a provider's own bound nobody from a host that others share.
    Whoever of those with room waits longest is let in first.

    Args:
        bounds: How many may be under way.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._inside = 0
        self._providers: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._queues: dict[Lane, deque[_Ticket]] = {}
        self._tickets: set[_Ticket] = set()
        self._numbers = count()
        self._is_closed = False

    @asynccontextmanager
    async def turn(
        self, lane: Lane, name: Hashable, patience_seconds: Callable[[], float]
    ) -> AsyncIterator[str | None]:
        """Wait for a permit and keep it for the block.

        Args:
            lane: What the run needs room in.
            name: Names the run to `dismiss`.
            patience_seconds: Says how long it can wait; asked only if it has to.

        Yields:
            None if the run may begin, else why not (`concurrency`, `stopped`, or the reason
            that it was dismissed for).
        """
        if self._is_closed:
            refusal: str | None = STOPPED
        elif self._has_room(lane):
            self._take(lane)
            refusal = None
        else:
            refusal = await self._wait(lane, name, patience_seconds())
        try:
            yield refusal
        finally:
            if refusal is None:
                self._give_back(lane)

    def replace(self, bounds: Bounds) -> None:
        """Keep to other bounds from now on: who is in stays in, who has room now is let in."""
        self._bounds = bounds
        self._admit()

    def dismiss(self, name: Hashable, reason: str) -> None:
        """End the wait of a run, if it waits; it will not begin."""
        for ticket in tuple(self._tickets):
            if ticket.name == name:
                self._refuse(ticket, reason)

    def close(self) -> None:
        """End every wait, and let nobody in any more; who is in stays until done."""
        self._is_closed = True
        for ticket in sorted(self._tickets, key=lambda ticket: ticket.number):
            self._refuse(ticket, STOPPED)

    @property
    def waiting(self) -> int:
        """How many runs wait for a permit; any thread may ask."""
        return len(self._tickets)

    async def _wait(self, lane: Lane, name: Hashable, patience_seconds: float) -> str | None:
        loop = asyncio.get_running_loop()
        ticket = _Ticket(next(self._numbers), lane, name, loop.create_future())
        self._tickets.add(ticket)
        self._queues.setdefault(lane, deque()).append(ticket)
        timer = loop.call_later(patience_seconds, self._refuse, ticket, CONCURRENCY)
        try:
            await ticket.called
        except asyncio.CancelledError:
            self._refuse(ticket, STOPPED)
            raise
        finally:
            timer.cancel()
            self._tickets.discard(ticket)
        return ticket.refusal

    def _refuse(self, ticket: _Ticket, reason: str) -> None:
        """End a wait; one that was let in and has not begun yet gives its permit back."""
        if ticket.refusal is not None:
            return
        ticket.refusal = reason
        if ticket.is_in:
            self._give_back(ticket.lane)
        else:
            self._leave_queue(ticket)
        if not ticket.called.done():
            ticket.called.set_result(None)

    def _leave_queue(self, ticket: _Ticket) -> None:
        queue = self._queues[ticket.lane]
        queue.remove(ticket)
        if not queue:
            del self._queues[ticket.lane]

    def _has_room(self, lane: Lane) -> bool:
        bounds = self._bounds
        return (
            self._inside < bounds.overall
            and self._hosts[lane.host] < bounds.per_host
            and self._providers[lane.provider]
            < bounds.providers.get(lane.provider, bounds.per_provider)
        )

    def _take(self, lane: Lane) -> None:
        self._inside += 1
        self._providers[lane.provider] += 1
        self._hosts[lane.host] += 1

    def _give_back(self, lane: Lane) -> None:
        self._inside -= 1
        for counter, key in ((self._providers, lane.provider), (self._hosts, lane.host)):
            counter[key] -= 1
            if not counter[key]:
                del counter[key]
        self._admit()

    def _admit(self) -> None:
        """Let in who waits longest of those that have room, until none of them has.

        This happens whenever room is made, so a run that arrives and finds room overtakes nobody
        whom that room would have let in.
        """
        while ticket := self._first_with_room():
            ticket.is_in = True
            self._leave_queue(ticket)
            self._take(ticket.lane)
            if not ticket.called.done():  # else it is being cancelled, and gives the permit back
                ticket.called.set_result(None)

    def _first_with_room(self) -> _Ticket | None:
        heads = (queue[0] for lane, queue in self._queues.items() if self._has_room(lane))
        return min(heads, key=lambda ticket: ticket.number, default=None)
