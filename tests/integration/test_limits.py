"""Limits on a real event loop against the simulator: waits are told apart, and end in time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from monitor.app.line import Line
from monitor.health.coverage import Span
from monitor.model.clock import SystemClock
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Deadlines, Probe
from monitor.probes.budget import Budget, Spending
from monitor.probes.exchange import Cut
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.restraint import Restraint
from monitor.probes.transport import HttpTransport
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.scheduling.limits import Bounds, Limits
from monitor.scheduling.scheduler import Scheduler
from monitor.simulator import FaultKind, Script, Simulator
from tests.fakes import ListSink
from tests.integration.simulated import SHORT, fleet, probe_of
from tests.waiting import until

#: An answer of a third of a second, whose first token comes early.
LONG = Script(first_token_seconds=0.03, gap_seconds=0.02, tokens=16)
NAMES = ("one", "two", "three")


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(fleet(LONG)) as running:
        yield running


class Stage:
    """Scheduler, line and prober with room for one run at a host."""

    def __init__(
        self, simulator: Simulator, interval_seconds: float, deadlines: Deadlines = SHORT
    ) -> None:
        clock = SystemClock()
        self.results: list[Result] = []
        self.errors: list[BaseException] = []
        plain = probe_of(simulator, interval_seconds=interval_seconds, deadlines=deadlines)
        self.probes = [named(plain, name) for name in NAMES]
        spans = (Span(begin_at=0, end_at=None, count=lambda _begin, _end: 1),)
        memories = {
            probe.target.key: TargetMemory(
                probe=probe, health=Health(), spans=spans, begun_at=clock.now()
            )
            for probe in self.probes
        }
        self.limits = Limits(Bounds(per_host=1))
        self.prober = Prober(HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock))
        self.line = Line(
            self.prober,
            Recorder(memories, ListSink(), clock, "here"),
            Restraint(Budget(), Spending(day=clock.now().date())),
            limits=self.limits,
            clock=clock,
            on_result=self.results.append,
            on_error=self.errors.append,
        )
        self.scheduler = Scheduler(
            clock,
            run=self.line.run,
            miss=self.line.miss,
            abort=self.line.abort,
            on_error=self.errors.append,
            on_stop=self.limits.close,
        )
        self.clock = clock

    def by_rule(self, rule: str) -> list[Result]:
        return [result for result in self.results if result.verdict.rule == rule]


def named(probe: Probe, name: str) -> Probe:
    """One of several targets of the one model at the one host."""
    return replace(probe, target=replace(probe.target, key=f"sim/quick@{name}"))


async def test_a_wait_is_schedule_delay_and_in_no_latency(simulator: Simulator) -> None:
    # A run that waits gives up shortly before its probe's next slot: a day off, it never is near.
    stage = Stage(simulator, 86_400.0)
    slot_at = stage.clock.now()

    await asyncio.gather(*(stage.line.run(probe, slot_at, 0) for probe in stage.probes))

    assert [result.target for result in stage.results] == [p.target.key for p in stage.probes]
    waited = 0.0
    for result in stage.results:
        assert result.verdict.outcome is Outcome.OK
        assert result.schedule_delay_seconds is not None
        assert result.schedule_delay_seconds >= waited
        assert result.started_at == slot_at + timedelta(seconds=result.schedule_delay_seconds)
        waited += result.measurement.duration_seconds or 0.0
    last = stage.results[-1]
    # It waited twenty times as long as a first token takes.
    assert (last.measurement.ttft_seconds or 0.0) >= LONG.first_token_seconds * 0.9
    assert (last.measurement.ttft_seconds or 0.0) < (last.schedule_delay_seconds or 0.0)


async def test_a_host_that_hangs_makes_the_others_slots_missed_and_none_is_lost(
    simulator: Simulator,
) -> None:
    simulator.inject("sim", None, FaultKind.SILENT)
    stage = Stage(simulator, 1.0)

    stage.scheduler.start(stage.probes)
    await until(lambda: len(stage.by_rule("missed-concurrency")) >= 3)
    await until(lambda: stage.limits.waiting)
    in_flight = stage.prober.in_flight
    await stage.scheduler.stop(0.1, lambda: stage.prober.abort_all(Cut.SHUTDOWN))

    assert in_flight <= 1
    assert stage.by_rule("missed-stopped")
    assert stage.limits.waiting == 0
    assert stage.errors == []
    for probe in stage.probes:
        own = [result for result in stage.results if result.target == probe.target.key]
        slots = sorted(result.slot_at for result in own if not result.confirm)
        gaps = {b - a for a, b in pairwise(slots)}
        assert gaps <= {timedelta(seconds=1)}, "each slot has its row, and one only"


async def test_a_stop_does_not_wait_for_permits(simulator: Simulator) -> None:
    simulator.inject("sim", None, FaultKind.SILENT)
    patient = Deadlines(first_token_seconds=60.0, total_seconds=60.0)
    stage = Stage(simulator, 1.0, patient)
    stage.scheduler.start(stage.probes)
    await until(lambda: stage.limits.waiting == 2)

    stopping = asyncio.ensure_future(stage.scheduler.stop(60.0, lambda: None))
    await until(lambda: stage.by_rule("missed-stopped"))
    assert stage.limits.waiting == 0
    assert stage.prober.in_flight == 1  # it has its time to end by itself
    stage.prober.abort_all(Cut.SHUTDOWN)
    await stopping

    assert len(stage.by_rule("prober-shutdown")) == 1
