"""A line from a prober to a list, where nobody answers."""

from datetime import datetime

from monitor.app.line import Line
from monitor.health.coverage import Span
from monitor.model.health import Health, State
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.probes.budget import Budget, Spending
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.restraint import Restraint
from monitor.probes.transport import HttpTransport
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.scheduling.limits import Bounds, Limits
from tests.factories import make_probe
from tests.fakes import START, FakeClock, ListSink


class Scene:
    """A line from a prober to a list."""

    def __init__(
        self,
        clock: FakeClock,
        prober: Prober | None = None,
        overall: float | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.sink = ListSink()
        self.probe = make_probe()
        self.results: list[Result] = []
        self.errors: list[BaseException] = []
        self.confirms: list[tuple[datetime, int, float]] = []
        self.prober = prober or Prober(
            HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock)
        )
        memory = TargetMemory(
            probe=self.probe,
            health=Health(state=State.UP, ever_worked=True),
            spans=(Span(begin_at=0, end_at=None, count=lambda _begin, _end: 1),),
            begun_at=START,
        )
        self.restraint = Restraint(Budget(overall=overall), Spending(day=START.date()))
        self.limits = Limits(bounds or Bounds())
        self.recorder = Recorder({"acme/large": memory}, self.sink, clock, "here")
        self.line = Line(
            self.prober,
            self.recorder,
            self.restraint,
            limits=self.limits,
            clock=clock,
            on_result=self.results.append,
            on_error=self.errors.append,
        )
        self.line.confirm_with(self.plan)

    def plan(self, _probe: Probe, slot_at: datetime, number: int, delay: float) -> bool:
        self.confirms.append((slot_at, number, delay))
        return True
