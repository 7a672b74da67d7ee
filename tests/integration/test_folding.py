"""A daemon folds by itself what an earlier life left over, and tells when the store does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.app import folder as module
from monitor.app.daemon import Daemon
from monitor.config.settings import Settings, SpoolSettings
from monitor.model.health import State, Transition
from monitor.model.triple import Triple
from monitor.store.engine import open_engine, open_reader
from monitor.store.results import write_triples
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.databases import impatient, locked
from tests.factories import make_probe, make_result
from tests.fakes import START
from tests.waiting import until

KEY = "own/model"
HOURS = 30
PATIENCE_SECONDS = 30.0
_SUM = "SELECT count(*), sum(samples), sum(available_seconds) FROM rollup WHERE resolution = :name"


@asynccontextmanager
async def running(database: str, folder: Path) -> AsyncIterator[Daemon]:
    """Let a daemon run that has nothing to probe."""
    settings = Settings(
        probes=(),
        vantage="here",
        database=impatient(database),
        spool=SpoolSettings(path=str(folder / "spool")),
        listen="127.0.0.1:0",
    )
    daemon = Daemon(settings)
    serving = asyncio.Event()
    life = asyncio.create_task(daemon.run(lambda _: serving.set()))
    await serving.wait()
    try:
        yield daemon
    finally:
        daemon.stop()
        await life


def live(database: str) -> None:
    """Be an earlier life: a run at each hour's begin and one in its middle, none of them folded."""
    probe = make_probe(KEY, interval_seconds=1800.0)
    triples = [Triple(result=make_result(target=KEY, minute=30 * n)) for n in range(2 * HOURS)]
    first = triples[0].result
    up = Transition(
        target=KEY,
        vantage="here",
        at=START,
        old_state=State.UNKNOWN,
        new_state=State.UP,
        reason="ok",
        incident_at=None,
        result_id=first.id,
    )
    engine = open_engine(database)
    with engine.begin() as connection:
        ids = sync_targets(connection, [probe.target], START)
        sync_schedule(connection, [probe], "here", START)
        write_triples(connection, ids, [Triple(result=first, transition=up), *triples[1:]])
    engine.dispose()


def rollups(database: str, resolution: str) -> tuple[int, int, float]:
    engine = open_reader(database)
    with engine.connect() as connection:
        buckets, samples, seconds = connection.execute(text(_SUM), {"name": resolution}).one()
    engine.dispose()
    return buckets, int(samples or 0), float(seconds or 0)


def failures(daemon: Daemon) -> float:
    exposition = daemon._parts.metrics.render("")[0].decode()
    name = 'llmprobe_store_write_errors_total{reason="locked"}'
    (line,) = [each for each in exposition.splitlines() if each.startswith(name)]
    return float(line.split()[-1])


async def test_what_an_earlier_life_left_over_is_folded(
    migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_SECONDS", 0.01)
    live(migrated_database)
    # The last run tells something for three intervals, an hour of which is after its own.
    known_seconds = (HOURS + 1) * 3600.0

    async with running(migrated_database, tmp_path):
        wanted = (HOURS + 1, 2 * HOURS, known_seconds)
        await until(lambda: rollups(migrated_database, "hour") == wanted, PATIENCE_SECONDS)

    assert rollups(migrated_database, "day")[1:] == wanted[1:]


async def test_a_store_that_is_locked_only_puts_it_off(
    migrated_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_SECONDS", 0.5)
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.1)
    live(migrated_database)

    async with running(migrated_database, tmp_path) as daemon:
        with locked(migrated_database):
            await until(lambda: failures(daemon) > 1, PATIENCE_SECONDS)
        await until(lambda: rollups(migrated_database, "hour")[0] > HOURS, PATIENCE_SECONDS)
