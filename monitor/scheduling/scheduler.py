"""Wakes each probe at its slots. The only importer of APScheduler.

APScheduler only wakes us. Its own answers to lateness lose runs without a row, so they are
switched off on purpose: `misfire_grace_time=None` (it never drops a late call) and
`coalesce=True` (one call after a stall, however many slots passed); the `Ledger` then says which
slots were lost. Runs are tasks of our own, because its shutdown cancels the coroutines it runs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor.model.clock import Clock
from monitor.model.target import Probe
from monitor.scheduling.grid import Grid
from monitor.scheduling.ledger import Ledger
from monitor.scheduling.steps import StepDetector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WATCH_SECONDS = 1.0
_NUDGES = 997

RunSlot = Callable[[Probe, datetime, int], Awaitable[None]]
MissSlot = Callable[[Probe, datetime, str], None]
AbortRun = Callable[[Probe, int], None]
TellError = Callable[[BaseException], None]


class GridTrigger(BaseTrigger):  # type: ignore[misc] # APScheduler 3 has no types
    """APScheduler's view of a grid."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Give the first slot after now; what lies between is the ledger's to account for.

        Slot by slot from the previous one would take seconds after a step of a year.
        """
        after = max(previous_fire_time, now) if previous_fire_time else now
        return instant(self._grid.slot_us(self._grid.next_after(micros(after))))


class Scheduler:
    """Runs probes at their slots, never two scheduled runs of one probe at a time.

    Args:
        clock: Tells the instants; its steps are watched.
        run: Called as `run(probe, slot_at, confirm)` in a task of its own.
        miss: Called as `miss(probe, slot_at, reason)` for a slot that is not run.
        abort: Called as `abort(probe, confirm)` for a confirm run that must give way.
        on_error: Told of each fault of our own that a wake-up or a run raised.
        on_stop: Called when a stop begins, to end runs that only wait to begin.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        run: RunSlot,
        miss: MissSlot,
        abort: AbortRun,
        on_error: TellError,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._clock = clock
        self._run, self._miss, self._abort, self._on_error = run, miss, abort, on_error
        self._on_stop = on_stop
        self._scheduler: Any = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(self._failed, EVENT_JOB_ERROR)
        self._steps = StepDetector()
        self._nudge_us = 0
        self._ledgers: dict[str, Ledger] = {}
        self._probes: dict[str, Probe] = {}
        self._tasks: dict[tuple[str, int], asyncio.Future[None]] = {}
        self._confirms: dict[str, asyncio.TimerHandle] = {}
        self._watcher: asyncio.TimerHandle | None = None
        self._is_stopping = False

    def start(self, probes: Iterable[Probe], *, has_future: bool = False) -> None:
        """Begin to wake *probes*; the event loop must be running.

        Args:
            probes: What to wake.
            has_future: Slots after now were run before, by a clock that has since been set back.
        """
        if has_future:
            self._nudge_us = 1 + int(self._clock.now().timestamp()) % _NUDGES
        self.replace(probes)
        self._scheduler.start()
        self._watch_clock()

    def replace(self, probes: Iterable[Probe]) -> None:
        """Wake these probes from now on and no others; slots of those that stay go on.

        A run in flight of a probe that goes comes to its end.
        """
        wanted = {probe.key: probe for probe in probes}
        for key in self._probes.keys() - wanted.keys():
            self._scheduler.remove_job(key)
            del self._probes[key], self._ledgers[key]
            handle = self._confirms.pop(key, None)
            if handle:
                handle.cancel()
        for key, probe in wanted.items():
            grid = Grid.of(key, probe.interval_seconds, probe.jitter_seconds)
            self._probes[key] = probe
            if key not in self._ledgers or self._ledgers[key].grid != grid:
                ledger = self._ledgers[key] = Ledger.begin(grid, self._now_us())
                # Named, because a slot may pass before the last of thousands of jobs is added.
                first_at = instant(grid.slot_us(ledger.last + 1))
                self._scheduler.add_job(
                    self._fire,
                    GridTrigger(grid),
                    args=[key],
                    id=key,
                    replace_existing=True,
                    next_run_time=first_at,
                )

    def confirm(self, probe: Probe, slot_at: datetime, number: int, delay_seconds: float) -> bool:
        """Plan a confirm run; say whether it will take place.

        It will not if the next slot comes first, which then tells as much.
        """
        ledger = self._ledgers.get(probe.key)
        if ledger is None:
            return False
        next_us = ledger.grid.slot_us(max(ledger.last, ledger.grid.latest(self._now_us())) + 1)
        if self._now_us() + delay_seconds * 1e6 >= next_us or self._is_stopping:
            return False
        loop = asyncio.get_running_loop()
        self._confirms[probe.key] = loop.call_later(
            delay_seconds, self._launch_confirm, probe.key, slot_at, number
        )
        return True

    async def stop(self, grace_seconds: float, abort_all: Callable[[], None]) -> None:
        """Begin no more runs, await those in flight, end the rest early, then shut down."""
        self._is_stopping = True
        self._scheduler.pause()
        for handle in (self._watcher, *self._confirms.values()):
            if handle:
                handle.cancel()
        self._on_stop()
        in_flight = tuple(self._tasks.values())
        if in_flight:
            _, late = await asyncio.wait(in_flight, timeout=grace_seconds)
            if late:
                abort_all()
                await asyncio.wait(late, timeout=grace_seconds)
        self._scheduler.shutdown(wait=False)

    async def _fire(self, key: str) -> None:
        self._check_clock()
        if key not in self._probes:
            return
        probe, ledger = self._probes[key], self._ledgers[key]
        due = ledger.settle(self._now_us())
        if due.run is not None:
            self._begin(probe, self._slot_at(ledger, due.run))
        for k in due.late:
            self._tell_missed(probe, self._slot_at(ledger, k), "late")

    def _begin(self, probe: Probe, slot_at: datetime) -> None:
        if (probe.key, 0) in self._tasks:
            self._tell_missed(probe, slot_at, "overlap")
        elif self._is_stopping:
            self._tell_missed(probe, slot_at, "stopped")
        else:
            self._supersede_confirm(probe)
            self._launch(probe, slot_at, 0)

    def _tell_missed(self, probe: Probe, slot_at: datetime, reason: str) -> None:
        try:
            self._miss(probe, slot_at, reason)
        except Exception as error:  # noqa: BLE001 - one lost row must not cost the others theirs
            self._on_error(error)

    def _launch(self, probe: Probe, slot_at: datetime, confirm: int) -> None:
        self._confirms.pop(probe.key, None)
        flight = (probe.key, confirm)
        task = asyncio.ensure_future(self._run(probe, slot_at, confirm))
        self._tasks[flight] = task
        task.add_done_callback(lambda done: self._landed(flight, done))

    def _launch_confirm(self, key: str, slot_at: datetime, number: int) -> None:
        """Run the probe as it is by now: its key, or its host, may be another."""
        self._launch(self._probes[key], slot_at, number)

    def _landed(self, flight: tuple[str, int], task: "asyncio.Future[None]") -> None:
        self._tasks.pop(flight, None)
        error = None if task.cancelled() else task.exception()
        if error:
            self._on_error(error)

    def _supersede_confirm(self, probe: Probe) -> None:
        handle = self._confirms.pop(probe.key, None)
        if handle:
            handle.cancel()
        for key, confirm in tuple(self._tasks):
            if key == probe.key and confirm:
                self._abort(probe, confirm)

    def _failed(self, event: Any) -> None:
        self._on_error(event.exception)

    def _watch_clock(self) -> None:
        """Look each second by the loop's steady clock: after a step back APScheduler sleeps."""
        self._check_clock()
        self._watcher = asyncio.get_running_loop().call_later(_WATCH_SECONDS, self._watch_clock)

    def _check_clock(self) -> None:
        """After a step of the wall clock: plan anew, so that no slot repeats and none stops."""
        if not self._steps.stepped(self._clock.now(), self._clock.monotonic_ns()):
            return
        self._nudge_us += 1
        now = self._clock.now()
        for key, ledger in self._ledgers.items():
            ledger.restart(micros(now))
            next_at = instant(ledger.grid.slot_us(ledger.last + 1))
            self._scheduler.modify_job(key, next_run_time=next_at)

    def _slot_at(self, ledger: Ledger, k: int) -> datetime:
        """Name a slot; after a step back the same wall time comes again, a microsecond apart."""
        return instant(ledger.grid.slot_us(k) + self._nudge_us)

    def _now_us(self) -> int:
        return micros(self._clock.now())


def micros(at: datetime) -> int:
    """Microseconds since the epoch of an aware instant."""
    return (at - _EPOCH) // _MICROSECOND


def instant(us: int) -> datetime:
    """The aware UTC instant so many microseconds after the epoch."""
    return _EPOCH + us * _MICROSECOND
