"""The past of a fleet: made up for a few targets, folded by the program, copied by the database.

A hundred thousand results a target are written and folded as the daemon does it, twice. The
other targets get copies, in the order of time, in which a daemon would have written them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from random import Random

from sqlalchemy import Column, Connection, insert, select

from monitor.health.buckets import DAY, Resolution
from monitor.health.machine import Context, step
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.retention import Retention
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import Engine, open_reader
from monitor.store.marks import mark_due
from monitor.store.retention import prune
from monitor.store.rollups import fold_due
from monitor.store.rows import to_row
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from monitor.store.transfer import transfer
from monitor.store.transitions import write_transitions
from tests.benchmarks.stores import hurried, store
from tests.factories import make_probe, make_result, make_target

VANTAGE = "bench"
#: A window of whole days then begins at one o'clock: as many single hours as there can be.
NOW = datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
INTERVAL = timedelta(minutes=1)
ORIGINALS = 2
#: A streak of failures begins so often, and goes on so often.
_BEGINS, _GOES_ON = 0.004, 0.7
_SPREAD = 0.4
_TROUBLES = (
    (Outcome.TIMEOUT, None, None),
    (Outcome.OVERLOADED, "overloaded_error", "The engine is overloaded, please try again later."),
    (Outcome.SERVER_ERROR, "server_error", "The server had an error processing your request."),
    (Outcome.RATE_LIMITED, "rate_limit_exceeded", "Rate limit reached for requests per minute."),
)
#: What is copied, and the column that tells its age.
_COPIED: tuple[Column[datetime], ...] = (
    tables.result.c.slot_at,
    tables.rollup.c.bucket_at,
    tables.rollup_sketch.c.bucket_at,
    tables.rollup_due.c.hour_at,
)


@dataclass(frozen=True)
class Past:
    """How much there is to be remembered, up to `NOW`.

    Attributes:
        targets: Each was probed once a minute.
        raw_days: So many whole days' results are kept, and today's.
        days: As *raw_days*, of rollups.
    """

    targets: int
    raw_days: int
    days: int

    @cached_property
    def keys(self) -> list[str]:
        """The targets; those that lie a multiple of `ORIGINALS` apart have the same past."""
        return [f"provider-{n % 40}/author/model-{n}" for n in range(self.targets)]

    @property
    def begin_at(self) -> datetime:
        """When it began."""
        return Resolution.DAY.begin_of(NOW) - self.days * DAY

    def seed(self, folder: Path) -> str:
        """Make up what the originals have been through, in a database of their own."""
        folder.mkdir()
        with store("sqlite", folder) as url, hurried(url) as engine:
            self._write(engine)
            while _fold(engine):
                pass
            for _ in prune(engine, Retention(raw_days=self.raw_days), NOW, step_rows=100_000):
                pass
        return url

    def fill(self, url: str, seed: str) -> None:
        """Fill a database that has nothing but tables with what all targets have been through."""
        with hurried(url) as engine:
            source = open_reader(seed)
            transfer(source, engine, lambda _table, _rows: None)
            source.dispose()
            day_at = self.begin_at
            while day_at < NOW:
                with engine.begin() as connection:
                    for column in _COPIED:
                        _copy(connection, column, day_at)
                day_at += DAY

    def live(self, number: int, at: datetime) -> Iterator[Triple]:
        """Make up what a target's runs leave behind, from an instant on for ever."""
        health = Health()
        for result in self._runs(number, at):
            health, transition = step(health, result, Context(now=result.at))
            yield Triple(result=result, health=health, transition=transition)

    def _write(self, engine: Engine) -> None:
        day_at = self.begin_at
        with engine.begin() as connection:
            ids = sync_targets(connection, map(make_target, self.keys), day_at)
            sync_schedule(connection, map(make_probe, self.keys), VANTAGE, day_at)
        lives = [self.live(number, day_at) for number in range(ORIGINALS)]
        while day_at < NOW:
            size = min(DAY, NOW - day_at) // INTERVAL
            triples = [each for life in lives for each in islice(life, size)]
            results = [each.result for each in triples]
            with engine.begin() as connection:
                rows = [to_row(each, ids[each.target]) for each in results]
                connection.execute(insert(tables.result), rows)
                write_transitions(connection, ids, triples)
                mark_due(connection, ids, results)
            day_at += DAY

    def _runs(self, number: int, at: datetime) -> Iterator[Result]:
        """Make up a target's runs; failures come in streaks."""
        chance, trouble = Random(number), None  # noqa: S311 - repeatable
        key, median_seconds = self.keys[number], 0.25 * 1.5 ** (number % ORIGINALS)
        while True:
            if chance.random() < (_GOES_ON if trouble else _BEGINS):
                trouble = trouble or chance.choice(_TROUBLES)
                yield _failed(key, at, *trouble)
            else:
                trouble = None
                yield _answered(key, at, median_seconds * chance.lognormvariate(0, _SPREAD))
            at += INTERVAL


def _fold(engine: Engine) -> int:
    with engine.begin() as connection:
        return fold_due(connection, Resolution.HOUR.begin_of(NOW), limit=500)


def _copy(connection: Connection, at: Column[datetime], day_at: datetime) -> None:
    """Give the other targets what the originals have of a day."""
    table, clone = tables.metadata.tables[at.table.name], tables.target
    source = table.alias("source")
    lives_alike = (clone.c.id - source.c.target_id) % ORIGINALS == 0
    query = (
        select(*(clone.c.id if each.name == "target_id" else each for each in source.c))
        .join_from(source, clone, lives_alike)
        .where(
            source.c.target_id.in_(range(1, ORIGINALS + 1)),
            source.c[at.name] >= day_at,
            source.c[at.name] < day_at + DAY,
            clone.c.id > ORIGINALS,
        )
        .order_by(source.c[at.name], clone.c.id)
    )
    connection.execute(insert(table).from_select(table.c.keys(), query))


def _answered(key: str, slot_at: datetime, ttft_seconds: float) -> Result:
    result = make_result(
        target=key,
        vantage=VANTAGE,
        slot_at=slot_at,
        started_at=slot_at + timedelta(milliseconds=1),
        schedule_delay_seconds=0.001,
        dns_seconds=0.0012,
        connect_seconds=0.018 + ttft_seconds / 100,
        tls_seconds=0.035,
        first_byte_seconds=ttft_seconds * 0.98,
        headers_seconds=ttft_seconds * 0.98,
        reused=False,
        ttft_seconds=ttft_seconds,
        ttfat_seconds=ttft_seconds * 1.001,
        duration_seconds=ttft_seconds * 1.6,
        e2e_tokens_per_second=16 / ttft_seconds,
        input_tokens=20,
        output_tokens=16,
        reads=17,
        received_bytes=4096,
        cost_usd=0.000026,
        finish_reason="stop",
        request_id=f"req_{int(slot_at.timestamp()) * 7919:020x}",
        loop_lag_seconds=0.0004,
        observation_delay_seconds=0.0001,
    )
    return replace(result, verdict=replace(result.verdict, rule="ok"))


def _failed(
    key: str, slot_at: datetime, outcome: Outcome, code: str | None, message: str | None
) -> Result:
    result = make_result(
        outcome,
        target=key,
        vantage=VANTAGE,
        slot_at=slot_at,
        started_at=slot_at + timedelta(milliseconds=1),
        schedule_delay_seconds=0.001,
        http_status=429 if code else None,
        dns_seconds=0.0012,
        connect_seconds=0.018,
        tls_seconds=0.035,
        reused=False,
        loop_lag_seconds=0.0004,
    )
    verdict = replace(result.verdict, rule=f"bench-{outcome}", provider_code=code, message=message)
    return replace(result, verdict=verdict)
