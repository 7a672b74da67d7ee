"""A daemon that is killed, a store that fails, and the books that tell what must be left."""

import json
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from sqlalchemy import Row, select

from monitor.model.clock import SystemClock
from monitor.model.outcome import Fault, Outcome
from monitor.model.target import Kind
from monitor.simulator import (
    Behaviour,
    FaultKind,
    Rule,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    WithProbability,
    run_in_thread,
)
from monitor.simulator.truth import Truth
from monitor.store import tables
from monitor.store.counters import read_totals
from monitor.store.engine import open_engine
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

VANTAGE = "chaos"
INTERVAL_SECONDS = 2.0
_LONGEST_RUN_SECONDS = 1.8
#: A kill may cost what came within the last second; half a one more, for a busy machine.
_LAST_SECONDS = 1.5
_PROVIDERS, _MODELS = ("east", "west"), tuple("abcdefghij")
_RULES = (
    Rule(FaultKind.SERVER_ERROR, WithProbability(probability=0.15)),
    Rule(FaultKind.TRUNCATED, WithProbability(probability=0.1)),
)
_CLOCK = SystemClock()
_NOT_MADE = (Outcome.MISSED.value, Outcome.INCONCLUSIVE.value)
Rows = Sequence[Row[*tuple[Any, ...]]]


class End(NamedTuple):
    """When a life ended, and whether by a kill."""

    at: datetime
    is_kill: bool

    def excuses(self, begun_at: datetime, ended_at: datetime) -> bool:
        """Say whether a run was in flight then, or ended right before the kill."""
        since = self.at - timedelta(seconds=_LAST_SECONDS if self.is_kill else 0)
        return begun_at <= self.at + timedelta(seconds=0.2) and ended_at >= since


@contextmanager
def simulated() -> Iterator[RunningSimulator]:
    """Twenty targets that fail now and then."""
    behaviour = Behaviour(script=Script(first_token_seconds=0.05, gap_seconds=0.002), rules=_RULES)
    fleet = [
        SimulatedTarget(provider=provider, model=model, group=f"sim/{model}", behaviour=behaviour)
        for provider in _PROVIDERS
        for model in _MODELS
    ]
    with run_in_thread(Simulator(fleet, seed=7)) as running:
        yield running


@dataclass
class Chaos:
    """The lives of a daemon, and what is known of them.

    Attributes:
        folder: Where it runs.
        simulator: What it probes.
        url: Its database.
        ends: How its lives ended.
    """

    folder: Path
    simulator: RunningSimulator
    url: str
    ends: list[End] = field(default_factory=list)

    def configure(self, **top: Any) -> None:
        """Write the configuration."""
        deadlines = {"connect_seconds": 1.0, "total_seconds": _LONGEST_RUN_SECONDS}
        settings: dict[str, Any] = {
            "vantage": VANTAGE,
            "database": self.url,
            "defaults": {
                "interval_seconds": INTERVAL_SECONDS,
                "jitter_seconds": 0,
                "deadlines": deadlines,
            },
            "providers": {
                name: {
                    "base_url": self.simulator.base_url(name),
                    "dialect": "openai_chat",
                    "models": {model: {"group": f"sim/{model}"} for model in _MODELS},
                }
                for name in _PROVIDERS
            },
        }
        (self.folder / "monitor.yaml").write_text(yaml.safe_dump(settings | top))

    @contextmanager
    def life(self, end: signal.Signals) -> Iterator[MonitorProcess]:
        """Let the daemon live, and end it with a signal."""
        with MonitorProcess(self.folder) as daemon:
            yield daemon
            if not daemon.has_ended:
                self.end(daemon, end)

    def end(self, daemon: MonitorProcess, how: signal.Signals) -> None:
        """End a life now."""
        self.ends.append(End(_CLOCK.now(), is_kill=how is signal.SIGKILL))
        daemon.signal(how)
        assert daemon.wait() == (-signal.SIGKILL if how is signal.SIGKILL else 0)

    def told(self) -> dict[str, datetime]:
        """When which result was logged, over all lives."""
        found = {}
        for line in (self.folder / "monitor.log").read_text(errors="replace").splitlines():
            event = _event(line)
            if event.get("event") == "run":
                found[event["id"]] = datetime.fromisoformat(event["timestamp"])
        return found

    def check(self) -> None:
        """Hold the database against the log and the simulator's truth."""
        rows, truths = self._rows(), self._truths()
        stored = {row.result_id for row in rows}
        late = [at for key, at in self.told().items() if key not in stored]
        assert [at for at in late if not self._is_excused(at, at, kills_only=True)] == []
        asked = {row.request_id: row for row in rows if row.request_id}
        assert len(asked) == sum(1 for row in rows if row.request_id), "a request is booked twice"
        unanswered = [row for row in rows if row.started_at and not row.request_id]
        lost = [truth for key, truth in truths.items() if key not in asked]
        lost = [each for each in lost if not any(_is_of(row, each) for row in unanswered)]
        spans = [(_at(each.request_received_ns), _at(each.end_ns)) for each in lost]
        assert [span for span in spans if not self._is_excused(*span)] == []
        assert self._counted() == Counter(row.key for row in rows if _is_valid(row))
        _check_uptime(asked, truths)

    def _is_excused(
        self, begun_at: datetime, ended_at: datetime, *, kills_only: bool = False
    ) -> bool:
        ends = (each for each in self.ends if each.is_kill or not kills_only)
        return any(each.excuses(begun_at, ended_at) for each in ends)

    def _counted(self) -> Counter[str]:
        """Give the exported counter of each target's valid runs, as it goes on from."""
        engine = open_engine(self.url)
        with engine.connect() as connection:
            totals = read_totals(connection, VANTAGE)
        engine.dispose()
        return Counter(
            {key: each.valid.get(Kind.COMPLETION.value, 0) for key, each in totals.items()}
        )

    def _rows(self) -> Rows:
        run = tables.result.c
        wanted = (
            *(run.result_id, run.request_id, run.outcome, run.fault, run.confirm),
            *(run.slot_at, run.started_at),
        )
        engine = open_engine(self.url)
        with engine.connect() as connection:
            query = select(tables.target.c.key, *wanted).join_from(tables.result, tables.target)
            rows = list(connection.execute(query))
        engine.dispose()
        return rows

    def _truths(self) -> dict[str, Truth]:
        return {
            each.request_id: each for each in self.simulator.call(self.simulator.simulator.truths)
        }

    def coverage(self, daemon: MonitorProcess) -> dict[str, tuple[float, float]]:
        """Give what the API tells of each target, and what the rows say."""
        told, rows, found = daemon.targets(), self._rows(), {}
        for key, target in told.items():
            own = [row for row in rows if row.key == key and row.confirm == 0]
            begun_at = min(row.slot_at for row in own)
            planned = (_CLOCK.now() - begun_at).total_seconds() / INTERVAL_SECONDS
            made = [row for row in own if row.outcome not in _NOT_MADE]
            found[key] = (target["windows"]["1h"]["coverage_ratio"], len(made) / planned)
        return found


def metric(daemon: MonitorProcess, name: str, **labels: str) -> float:
    """Give a series of the daemon's own; 0 where there is none."""
    found = 0.0
    for line in daemon.get("/metrics").splitlines():
        series, _, value = line.rpartition(" ")
        own, _, told = series.partition("{")
        if own == f"llmprobe_{name}" and all(f'{key}="{labels[key]}"' in told for key in labels):
            found += float(value)
    return found


def failures(daemon: MonitorProcess, *reasons: str) -> float:
    """Give how many writes failed for these reasons."""
    return sum(metric(daemon, "store_write_errors_total", reason=each) for each in reasons)


def wait_for_runs(daemon: MonitorProcess, count: int) -> None:
    """Wait for so many more runs: probing goes on."""
    wanted = len(daemon.runs()) + count
    wait_until(lambda: len(daemon.runs()) >= wanted)


def wait_for_outage(daemon: MonitorProcess, *reasons: str) -> None:
    """Wait until the store's trouble is told, and results are safe in the spool."""
    before = failures(daemon, *reasons)
    wait_until(lambda: failures(daemon, *reasons) > before)
    wait_until(lambda: metric(daemon, "results_spooled"))
    wait_for_runs(daemon, 10)


def wait_for_calm(daemon: MonitorProcess) -> None:
    """Wait until the spool is empty, and nothing was lost."""
    wait_until(lambda: metric(daemon, "results_spooled") == 0)
    assert metric(daemon, "results_dropped_total") == 0
    wait_until(lambda: metric(daemon, "snapshot_age_seconds") < 5)


def _is_valid(row: Row[*tuple[Any, ...]]) -> bool:
    return row.confirm == 0 and row.fault in (Fault.NONE, Fault.PROVIDER)


def _is_of(row: Row[*tuple[Any, ...]], truth: Truth) -> bool:
    """Say whether a run that got no answer is the one that the simulator knows."""
    if row.key != f"{truth.provider}/{truth.model}":
        return False
    waited: timedelta = _at(truth.request_received_ns) - row.started_at
    return -0.2 <= waited.total_seconds() <= _LONGEST_RUN_SECONDS + 0.2


def _check_uptime(asked: Mapping[str, Row[*tuple[Any, ...]]], truths: Mapping[str, Truth]) -> None:
    """Compare the uptime over the recorded scheduled slots with what really happened in them."""
    valid = {key: row for key, row in asked.items() if _is_valid(row)}
    good = sum(row.fault == Fault.NONE for row in valid.values())
    really = sum(truths[key].fault is None and truths[key].played_out for key in valid)
    assert valid
    assert Fraction(good, len(valid)) == Fraction(really, len(valid))


def _event(line: str) -> dict[str, Any]:
    """Read a line of the log; one that a kill cut off tells nothing."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _at(instant_ns: int) -> datetime:
    return _CLOCK.now() - timedelta(seconds=(_CLOCK.monotonic_ns() - instant_ns) / 1e9)
