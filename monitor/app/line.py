"""One slot's way down the line: wait for room, run, record, tell, and confirm if in doubt."""

import logging
from collections.abc import Callable
from datetime import datetime

import structlog

from monitor.health.confirm import confirm_delay
from monitor.log import run_line
from monitor.model.clock import Clock
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.probes.budget import is_affordable
from monitor.probes.exchange import Cut
from monitor.probes.prober import Prober
from monitor.probes.restraint import Restraint
from monitor.recorder.recorder import Recorder
from monitor.scheduling.grid import Grid
from monitor.scheduling.limits import Lane, Limits
from monitor.scheduling.scheduler import instant, micros

#: A run that waits gives up so long before its probe's next slot, which would else find it there
#: and be lost too: in seconds, and at most this share of the interval.
_MARGIN_SECONDS = 0.5
_MARGIN_SHARE = 0.05


def _level(*, is_bad: bool) -> int:
    return logging.WARNING if is_bad else logging.INFO


PlanConfirm = Callable[[Probe, datetime, int, float], bool]


class Line:
    """Connects scheduler, prober and recorder; holds no state of its own.

    Args:
        prober: Runs probes.
        recorder: Takes results.
        restraint: Says which runs are better not made.
        limits: Say how many may be made at once.
        clock: Tells how long a run can wait for room.
        on_result: Told of each result, for the daemon's own metrics.
        on_error: Told of each fault of our own that ended a run.
    """

    def __init__(
        self,
        prober: Prober,
        recorder: Recorder,
        restraint: Restraint,
        *,
        limits: Limits,
        clock: Clock,
        on_result: Callable[[Result], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._prober, self._recorder, self._restraint = prober, recorder, restraint
        self._limits, self._clock = limits, clock
        self._on_result, self._on_error = on_result, on_error
        self._plan_confirm: PlanConfirm | None = None
        self._log = structlog.get_logger()

    def confirm_with(self, plan: PlanConfirm) -> None:
        """Name who plans confirm runs."""
        self._plan_confirm = plan

    async def run(self, probe: Probe, slot_at: datetime, confirm: int) -> None:
        """Run one slot, or one confirm run of it, unless it is better not made or finds no room.

        A confirm run that is not made leaves no row.
        """
        reason = self._restraint.reason(probe, slot_at, confirm)
        if reason is None:
            reason = await self._run_in_turn(probe, slot_at, confirm)
        if reason is not None and not confirm:
            self.miss(probe, slot_at, reason)

    async def _run_in_turn(self, probe: Probe, slot_at: datetime, confirm: int) -> str | None:
        """Run it as soon as there is room; say why not, if it comes to that."""

        def patience_seconds() -> float:
            now = self._clock.now()
            return _patience_seconds(probe, now if confirm else slot_at, now)

        name = (probe.key, confirm)
        async with self._limits.turn(_lane(probe), name, patience_seconds) as refusal:
            reason = refusal or self._second_thought(probe, slot_at, confirm)
            result = None if reason else await self._made(probe, slot_at, confirm)
        if result is not None:
            self._restraint.note(probe, result)
            self._confirm(probe, self._take(result))
        return reason

    def _second_thought(self, probe: Probe, slot_at: datetime, confirm: int) -> str | None:
        """Say what speaks against the run by now, because it may have waited for long.

        The slot itself was counted and picked before: here it is asked for as a confirm run is,
        of which no slot is counted, and the budget as for the slot that is always picked.
        """
        if self._restraint.reason(probe, slot_at, confirm or 1) == "retry_after":
            return "retry_after"
        ratio = self._restraint.spent_ratio(probe.target.provider, slot_at)
        return None if is_affordable(ratio, probe.kind, 0, confirm=confirm) else "budget"

    async def _made(self, probe: Probe, slot_at: datetime, confirm: int) -> Result:
        ever_worked = self._recorder.health(probe.target.key).ever_worked
        try:
            return await self._prober.run(probe, slot_at, confirm=confirm, ever_worked=ever_worked)
        except Exception as error:  # noqa: BLE001 - the edge of a run: our bug is no outage
            self._on_error(error)
            return self._prober.spoiled(probe, slot_at, confirm, error)

    def miss(self, probe: Probe, slot_at: datetime, reason: str) -> None:
        """Record a slot that was not run."""
        self._take(self._prober.not_run(probe, slot_at, reason))

    def abort(self, probe: Probe, confirm: int) -> None:
        """End a confirm run that a scheduled run takes the place of."""
        self._limits.dismiss((probe.key, confirm), Cut.SUPERSEDED)
        self._prober.abort(probe, confirm, Cut.SUPERSEDED)

    def _take(self, result: Result) -> Triple:
        triple = self._recorder.record(result)
        self._on_result(result)
        state = self._recorder.health(result.target).state.value
        self._log.log(_level(is_bad=not result.verdict.is_good), "run", **run_line(result, state))
        if result.verdict.outcome is Outcome.UNCLASSIFIED:
            # All that a new rule would need, in one event.
            self._log.warning(
                "unclassified",
                target=result.target,
                http_status=result.verdict.http_status,
                provider_code=result.verdict.provider_code,
                message=result.verdict.message,
                finish_reason=result.finish_reason,
                request_id=result.request_id,
            )
        change = triple.transition
        if change:
            self._log.log(
                _level(is_bad=change.new_state is not State.UP),
                "transition",
                target=change.target,
                old_state=change.old_state.value,
                new_state=change.new_state.value,
                reason=change.reason,
            )
        return triple

    def _confirm(self, probe: Probe, triple: Triple) -> None:
        result = triple.result
        delay = confirm_delay(self._recorder.health(result.target), result, probe.policy)
        if delay is not None and self._plan_confirm:
            self._plan_confirm(probe, result.slot_at, result.confirm + 1, delay)


def _lane(probe: Probe) -> Lane:
    return Lane(provider=probe.target.provider, host=probe.target.host.lower())


def _patience_seconds(probe: Probe, after: datetime, now: datetime) -> float:
    """Say how long a run can wait: until shortly before the probe's first slot after an instant."""
    grid = Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)
    next_at = instant(grid.slot_us(grid.next_after(micros(after))))
    margin = min(_MARGIN_SECONDS, probe.interval_seconds * _MARGIN_SHARE)
    return (next_at - now).total_seconds() - margin
