"""A fleet of the truth server's targets, and the day that its database remembers of each."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from monitor.app.persistence import Persistence, open_persistence
from monitor.config.load import load_file
from monitor.config.override import override
from monitor.config.settings import Settings
from monitor.health.buckets import Resolution
from monitor.model.clock import SystemClock
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.scheduling.grid import Grid
from monitor.scheduling.scheduler import instant, micros
from monitor.store import tables
from monitor.store.rollups import fold_due
from tests.benchmarks.script import Script
from tests.factories import make_result

INTERVAL_SECONDS = 60.0
DAY = timedelta(days=1)
_PROVIDERS = 40
_VANTAGE = "bench"
#: One run in so many failed in the past; what came of the others spreads by so much.
_FAILURES, _SPREAD = 50, 0.4
#: The last runs were well, so that no target changes its state when it is probed again.
_WELL = 60
_COPIED = (
    tables.result,
    tables.health,
    tables.rollup,
    tables.rollup_sketch,
    tables.rollup_due,
)


@dataclass(frozen=True)
class Fleet:
    """A configuration file and a database, made in a folder of its own.

    Attributes:
        folder: Holds both.
        base_url: Where all targets answer.
        targets: How many there are.
    """

    folder: Path
    base_url: str
    targets: int

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "monitor.yaml"

    @property
    def file(self) -> Path:
        """The database's file."""
        return self.folder / "monitor.db"

    @property
    def database(self) -> str:
        """The database's URL."""
        return f"sqlite:///{self.file}"

    def configure(self) -> None:
        """Write the configuration."""
        at_once = "limits: {concurrency: 1000, per_provider: 1000, per_host: 1000}"
        lines = [f"vantage: {_VANTAGE}", at_once, "defaults:"]
        lines += [f"  interval_seconds: {INTERVAL_SECONDS:.0f}", "providers:"]
        for provider in range(min(_PROVIDERS, self.targets)):
            lines += [f"  provider-{provider}:", f"    base_url: {self.base_url}", "    models:"]
            lines += [f"      m-{n}:" for n in range(provider, self.targets, _PROVIDERS)]
        self.config.write_text("\n".join([*lines, ""]))

    def settings(self) -> Settings:
        """Read the configuration as the daemon does."""
        return override(load_file(self.config, {}), database=self.database, listen=None)

    def remember(self, settings: Settings, script: Script, span: timedelta = DAY) -> int:
        """Fill the database with the runs of the time up to now; give how many they are.

        The first target's runs are written and folded by the program itself. The other targets get
        copies of them at their own phase, which SQLite makes by itself: a million rows in seconds.
        """
        now = SystemClock().now()
        store = open_persistence(settings, now - span)
        try:
            first = settings.probes[0]
            results = _past(first, script, now - timedelta(seconds=INTERVAL_SECONDS), span)
            _write(store, results)
            _fold(store)
            ids = [store.target_ids[probe.target.key] for probe in settings.probes]
        finally:
            store.engine.dispose()
        phases = [_grid(probe).phase_us for probe in settings.probes]
        shifts = [(number, phase - phases[0]) for number, phase in zip(ids, phases, strict=True)]
        _copy(self.file, shifts)
        return len(results) * self.targets


def _grid(probe: Probe) -> Grid:
    return Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)


def slots(probe: Probe, begin: datetime, end: datetime) -> int:
    """Count a probe's slots after one instant and up to another."""
    grid = _grid(probe)
    return grid.latest(micros(end)) - grid.latest(micros(begin))


def _past(probe: Probe, script: Script, until: datetime, span: timedelta) -> list[Result]:
    """Make up a target's runs, at its slots."""
    grid, chance = _grid(probe), Random(1)  # noqa: S311 - repeatable
    first, last = grid.next_after(micros(until - span)), grid.latest(micros(until))
    return [
        _run(probe, instant(grid.slot_us(k)), script, chance.lognormvariate(0, _SPREAD))
        if k % _FAILURES or k > last - _WELL
        else _failure(probe, instant(grid.slot_us(k)))
        for k in range(first, last + 1)
    ]


def _run(probe: Probe, slot_at: datetime, script: Script, factor: float) -> Result:
    ttft_seconds = script.first_token_seconds * factor
    result = make_result(
        target=probe.target.key,
        vantage=_VANTAGE,
        slot_at=slot_at,
        started_at=slot_at,
        schedule_delay_seconds=0.001,
        connect_seconds=0.0002,
        first_byte_seconds=0.0005,
        headers_seconds=0.0005,
        reused=False,
        ttft_seconds=ttft_seconds,
        ttfat_seconds=ttft_seconds,
        duration_seconds=script.seconds * factor,
        e2e_tokens_per_second=script.tokens / script.seconds / factor,
        input_tokens=20,
        output_tokens=script.tokens,
        reads=script.tokens,
        received_bytes=4096,
        finish_reason="stop",
        request_id="bench-0",
        loop_lag_seconds=0.001,
        observation_delay_seconds=0.0001,
    )
    return replace(result, verdict=replace(result.verdict, rule="ok"))


def _failure(probe: Probe, slot_at: datetime) -> Result:
    return make_result(
        Outcome.SERVER_ERROR,
        target=probe.target.key,
        vantage=_VANTAGE,
        slot_at=slot_at,
        started_at=slot_at,
        schedule_delay_seconds=0.001,
        http_status=500,
    )


def _write(store: Persistence, results: list[Result]) -> None:
    at = results[-1].slot_at
    lived = Health(state=State.UP, since_at=at, reason="ok", ever_worked=True, last_result_at=at)
    *older, newest = [Triple(result=each, health=None, transition=None) for each in results]
    store.write([*older, replace(newest, health=lived)])


def _fold(store: Persistence) -> None:
    """Fold the hours that are over, as a daemon would have done by now."""
    running_at = Resolution.HOUR.begin_of(SystemClock().now())
    while True:
        with store.engine.begin() as connection:
            if not fold_due(connection, running_at):
                return


def _copy(file: Path, shifts: list[tuple[int, int]]) -> None:
    """Give the targets the rows of the first of them, each run so many microseconds later."""
    (first, _), *others = shifts
    moved = {"slot_at": "slot_at + :shift", "started_at": "started_at + :shift"}
    asked = [{"id": number, "shift": shift, "first": first} for number, shift in others]
    with closing(sqlite3.connect(file)) as connection:
        # Nobody needs what a crash would leave.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        for table in _COPIED:
            names = [column.name for column in table.columns]
            values = [{"target_id": ":id", **moved}.get(name, name) for name in names]
            copying = (
                f"INSERT INTO {table.name} ({', '.join(names)}) "  # noqa: S608 - our own names
                f"SELECT {', '.join(values)} FROM {table.name} WHERE target_id = :first"
            )
            connection.executemany(copying, asked)
        connection.commit()
