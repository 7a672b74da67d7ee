"""One slot's way down the line: run, record, tell, and confirm if in doubt."""

import logging
from collections.abc import Callable
from datetime import datetime

import structlog

from monitor.health.machine import confirm_delay
from monitor.log import run_line
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.probes.exchange import Cut
from monitor.probes.prober import Prober
from monitor.probes.restraint import Restraint
from monitor.recorder.recorder import Recorder


def _level(*, is_bad: bool) -> int:
    return logging.WARNING if is_bad else logging.INFO


PlanConfirm = Callable[[Probe, datetime, int, float], bool]


class Line:
    """Connects scheduler, prober and recorder; holds no state of its own.

    Args:
        prober: Runs probes.
        recorder: Takes results.
        restraint: Says which runs are better not made.
        on_result: Told of each result, for the daemon's own metrics.
        on_error: Told of each fault of our own that ended a run.
    """

    def __init__(
        self,
        prober: Prober,
        recorder: Recorder,
        restraint: Restraint,
        *,
        on_result: Callable[[Result], None],
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._prober, self._recorder, self._restraint = prober, recorder, restraint
        self._on_result, self._on_error = on_result, on_error
        self._plan_confirm: PlanConfirm | None = None
        self._log = structlog.get_logger()

    def confirm_with(self, plan: PlanConfirm) -> None:
        """Name who plans confirm runs."""
        self._plan_confirm = plan

    async def run(self, probe: Probe, slot_at: datetime, confirm: int) -> None:
        """Run one slot, or one confirm run of it, unless it is better not made."""
        reason = self._restraint.reason(probe, slot_at, confirm)
        if reason:
            if not confirm:
                self.miss(probe, slot_at, reason)
            return
        ever_worked = self._recorder.health(probe.target.key).ever_worked
        try:
            result = await self._prober.run(
                probe, slot_at, confirm=confirm, ever_worked=ever_worked
            )
        except Exception as error:  # noqa: BLE001 - the edge of a run: our bug is no outage
            self._on_error(error)
            result = self._prober.spoiled(probe, slot_at, confirm, error)
        self._restraint.note(probe, result)
        triple = self._take(result)
        self._confirm(probe, triple)

    def miss(self, probe: Probe, slot_at: datetime, reason: str) -> None:
        """Record a slot that was not run."""
        self._take(self._prober.not_run(probe, slot_at, reason))

    def abort(self, probe: Probe, confirm: int) -> None:
        """End a confirm run that a scheduled run takes the place of."""
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
        delay = confirm_delay(self._recorder.health(result.target), result)
        if delay is not None and self._plan_confirm:
            self._plan_confirm(probe, result.slot_at, result.confirm + 1, delay)
