"""The one deadline that is running in a run, and the way to end a run early."""

import asyncio
from types import TracebackType
from typing import Self

from monitor.model.outcome import Phase
from monitor.model.target import Deadlines
from monitor.probes.exchange import Cut, Interruption

_AWAITED = {
    Phase.CONNECT: "connection",
    Phase.FIRST_TOKEN: "first token",
    Phase.STALL: "further token",
    Phase.TOTAL: "end",
}


class Watch:
    """Guards one run: connect, then first token, then each pause, and the total over all.

    Used as an asynchronous context; when the deadline passes, or after `abort`, the block ends
    in `TimeoutError` and `interruption` says why. A cancellation from outside stays one.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._timeout = asyncio.timeout(None)
        self._is_open = False
        self._total_at = self._due_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._phase = Phase.CONNECT
        self._cut = Cut.DEADLINE

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._is_open = True
        self._total_at = asyncio.get_running_loop().time() + self._deadlines.total_seconds
        self._expect(Phase.CONNECT, self._deadlines.connect_seconds)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_open = False
        if self._timer:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, trace)

    def dialling(self) -> None:
        """A connection is being opened; at first, or again."""
        self._expect(Phase.CONNECT, self._deadlines.connect_seconds)

    def sent(self) -> None:
        """The request has left; from now on the first token is awaited."""
        self._expect(Phase.FIRST_TOKEN, self._deadlines.first_token_seconds)

    def progressed(self) -> None:
        """The answer came forward; from now on the next piece is awaited."""
        self._expect(Phase.STALL, self._deadlines.stall_seconds)

    def abort(self, cut: Cut) -> None:
        """End the run now, for a reason of our own."""
        if self._is_open and not self._timeout.expired():
            self._cut = cut
            self._timeout.reschedule(asyncio.get_running_loop().time())

    @property
    def has_passed(self) -> bool:
        """The deadline that was running passed, or the run was ended early."""
        return self._timeout.expired()

    @property
    def interruption(self) -> Interruption:
        """Why the block ended early."""
        words = f"no {_AWAITED[self._phase]} in time" if self._cut is Cut.DEADLINE else ""
        return Interruption(cut=self._cut, phase=self._phase, message=words)

    def _expect(self, phase: Phase, seconds: float) -> None:
        if self._cut is not Cut.DEADLINE or not self._is_open:
            return  # already being ended
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        self._phase = phase if at < self._total_at else Phase.TOTAL
        self._due_at = min(at, self._total_at)
        # A deadline that moves on with each token needs no timer of its own each time.
        if self._timer is None or self._due_at < self._timer.when():
            self._arm(loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = loop.call_at(self._due_at, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """The timer rang: for the deadline that runs now, or for one that has moved on since."""
        self._timer = None
        if self._due_at > loop.time():
            self._arm(loop)
        else:
            self._timeout.reschedule(self._due_at)
