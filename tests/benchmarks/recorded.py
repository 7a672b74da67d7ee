"""What a daemon wrote down of the time in which it was watched."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitor.config.settings import Settings
from monitor.health.stats import quantile
from monitor.model.outcome import Outcome
from monitor.scheduling.scheduler import micros
from tests.benchmarks.fleet import slots
from tests.benchmarks.server import Row
from tests.benchmarks.watching import Watched

#: By target, as the primary key has it: the rows of the day before are not looked at.
_ROWS = """
SELECT outcome, schedule_delay_seconds, observation_delay_seconds, ttft_seconds, request_id,
       tainted
FROM target CROSS JOIN result ON result.target_id = target.id
WHERE slot_at > ? AND slot_at <= ? AND kind = 'completion' AND confirm = 0
"""
_MS = 1e3


@dataclass
class Recorded:
    """The scheduled runs whose slots lie in the time that was watched.

    Attributes:
        rows: How many there are.
        slots: How many slots the schedules had.
        outcomes: How many runs ended in what.
        delays: Schedule delays, ascending (seconds).
        waits: Observation delays, ascending (seconds).
        errors: Of the TTFT, without their sign, ascending (seconds).
        trusted: Those of them that are published.
    """

    rows: int
    slots: int
    outcomes: Counter[str]
    delays: list[float]
    waits: list[float]
    errors: list[float]
    trusted: list[float]

    @property
    def lost(self) -> int:
        """Slots without a run: those that were missed, and those that left no row at all."""
        return self.slots - self.rows + self.outcomes[Outcome.MISSED.value]

    def row(self) -> Row:
        """The columns of a table."""
        return {
            "slots": self.slots,
            "not run": self.lost,
            "not ok": self.rows - self.outcomes[Outcome.OK.value],
            "schedule delay median ms": _ms(self.delays, 0.5),
            "schedule delay p99 ms": _ms(self.delays, 0.99),
            "schedule delay most ms": _ms(self.delays, 1.0),
            "observation delay p99 ms": _ms(self.waits, 0.99),
            "TTFT error median ms": _ms(self.errors, 0.5),
            "TTFT error p99 ms": _ms(self.errors, 0.99),
            "tainted": len(self.errors) - len(self.trusted),
            "TTFT error p99, untainted, ms": _ms(self.trusted, 0.99),
        }


def read(file: Path, settings: Settings, watched: Watched) -> Recorded:
    """Read the rows of a database that no daemon writes any more."""
    begin, end = watched.begin_at, watched.end_at
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(_ROWS, (micros(begin), micros(end))).fetchall()
    errors = [
        (abs(ttft - watched.truths[request].ttft_seconds), tainted)
        for *_, ttft, request, tainted in rows
        if ttft is not None and request in watched.truths
    ]
    return Recorded(
        rows=len(rows),
        slots=sum(slots(probe, begin, end) for probe in settings.probes),
        outcomes=Counter(row[0] for row in rows),
        delays=sorted(row[1] for row in rows if row[1] is not None),
        waits=sorted(row[2] for row in rows if row[2] is not None),
        errors=sorted(error for error, _ in errors),
        trusted=sorted(error for error, tainted in errors if not tainted),
    )


def _ms(ordered: list[float], q: float) -> float | None:
    return quantile(ordered, q, 1, unit=1 / _MS)
