"""The daemon and its store while gateways list endpoints: locks, restarts, what is remembered."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from monitor.app.daemon import Daemon
from monitor.config.settings import Discovery, Settings, SpoolSettings
from monitor.model.health import State
from monitor.model.snapshot import TargetView
from monitor.model.target import Deadlines
from monitor.probes.budget import Budget
from monitor.store.engine import open_reader
from tests.databases import impatient, locked
from tests.factories import make_probe
from tests.gateway import Gateway, running_gateway
from tests.waiting import until

#: What only bringing the store in line says, and writing results does not.
_OF_TARGETS = re.compile(r"\b(target|schedule)\b")
LISTED = {"gate/lab/large@acme", "gate/lab/large@bolt/fp8"}
_VALID = (
    "SELECT target.key, count(*) FROM result JOIN target ON target.id = target_id"
    " WHERE confirm = 0 AND fault IN ('none', 'provider') GROUP BY target.key"
)
PATIENCE_SECONDS = 30.0
BUDGET = 100.0


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def database(migrated_database: str) -> str:
    return migrated_database


def settings_of(gateway: Gateway, database: str, folder: Path) -> Settings:
    """One target of our own, and a model whose list is looked at ten times a second."""
    quick: dict[str, Any] = {
        "base_url": gateway.base_url,
        "interval_seconds": 0.25,
        "deadlines": Deadlines(total_seconds=5.0),
    }
    discovery = Discovery(
        kind="openrouter",
        provider="gate",
        model="lab/large",
        base_url=gateway.base_url,
        interval_seconds=0.1,
        templates=(make_probe("gate/lab/large", **quick),),
    )
    return Settings(
        probes=(make_probe("own/model", **quick),),
        discoveries=(discovery,),
        budget=Budget(providers={"gate": BUDGET}),
        vantage="here",
        database=impatient(database),
        spool=SpoolSettings(path=str(folder / "spool")),
        listen="127.0.0.1:0",
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Daemon]:
    daemon = Daemon(settings)
    serving = asyncio.Event()
    life = asyncio.create_task(daemon.run(lambda _: serving.set()))
    await serving.wait()
    try:
        yield daemon
        assert not life.done()
    finally:
        daemon.stop()
        await life


def views(daemon: Daemon) -> dict[str, TargetView]:
    return {view.target.key: view for view in daemon._parts.recorder.snapshot.targets}


def valid(daemon: Daemon, key: str) -> int:
    return views(daemon)[key].windows["24h"].valid


def rows(database: str, query: str) -> list[tuple[Any, ...]]:
    engine = open_reader(database)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def metric(daemon: Daemon, series: str) -> float:
    text = daemon._parts.metrics.render("")[0].decode()
    (line,) = [each for each in text.splitlines() if each.startswith(f"llmprobe_{series} ")]
    return float(line.split()[-1])


async def test_a_locked_store_ends_no_probing_and_loses_no_list(
    gateway: Gateway, database: str, tmp_path: Path
) -> None:
    async with running(settings_of(gateway, database, tmp_path)) as daemon:
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)
        with locked(database):
            gateway.tags = ["core"]
            looked, asked = gateway.listed, len(gateway.asked)
            await until(lambda: gateway.listed > looked + 2, PATIENCE_SECONDS)
            await until(lambda: len(gateway.asked) > asked + 5, PATIENCE_SECONDS)
            assert views(daemon).keys() > LISTED
        wanted = {"own/model", "gate/lab/large@core"}
        await until(lambda: views(daemon).keys() == wanted, PATIENCE_SECONDS)

        assert metric(daemon, 'store_write_errors_total{reason="locked"}') > 0
        assert metric(daemon, "internal_errors_total") == 0

    ran = "SELECT count(*) FROM result WHERE started_at IS NOT NULL"
    assert rows(database, ran) == [(len(gateway.asked),)]
    gone = "SELECT key FROM target WHERE retired_at IS NOT NULL"
    assert {key for (key,) in rows(database, gone)} == LISTED


async def test_a_store_that_is_locked_from_the_first_list_on_is_no_end_either(
    gateway: Gateway, database: str, tmp_path: Path
) -> None:
    gateway.status = 500
    async with running(settings_of(gateway, database, tmp_path)) as daemon:
        with locked(database):
            gateway.status = 200
            looked, asked = gateway.listed, len(gateway.asked)
            await until(lambda: gateway.listed > looked + 2, PATIENCE_SECONDS)
            await until(lambda: len(gateway.asked) > asked + 2, PATIENCE_SECONDS)
            assert views(daemon).keys() == {"own/model"}
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)


async def test_a_list_that_stays_the_same_asks_nothing_of_the_store(
    gateway: Gateway, database: str, tmp_path: Path
) -> None:
    settings = settings_of(gateway, database, tmp_path)
    async with running(settings) as daemon:
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)
        statements: list[str] = []
        event.listen(
            daemon._parts.store.engine,
            "before_cursor_execute",
            lambda *what: statements.append(str(what[2])),
        )
        looked = gateway.listed
        gateway.tags.reverse()
        await until(lambda: gateway.listed > looked + 3, PATIENCE_SECONDS)
        await until(lambda: statements, PATIENCE_SECONDS)
        assert not [each for each in statements if _OF_TARGETS.search(each)]

        gateway.tags.append("core")
        await until(lambda: len(views(daemon)) == 4, PATIENCE_SECONDS)
        assert [each for each in statements if _OF_TARGETS.search(each)]


async def test_a_restart_resumes_what_was_known_of_listed_targets(
    gateway: Gateway, database: str, tmp_path: Path
) -> None:
    settings = settings_of(gateway, database, tmp_path)
    async with running(settings) as daemon:
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)
        await until(lambda: min(valid(daemon, key) for key in LISTED) > 3, PATIENCE_SECONDS)
    stored = dict(rows(database, _VALID))
    ((spent,),) = rows(database, "SELECT sum(cost_usd) FROM result")
    assert spent > 0.06

    gateway.status = 500
    async with running(settings) as daemon:
        looked = gateway.listed
        await until(lambda: gateway.listed > looked + 1, PATIENCE_SECONDS)
        ratio = metric(daemon, 'budget_spent_ratio{provider="gate"}')
        assert ratio == pytest.approx(spent / BUDGET)
        assert rows(database, "SELECT count(*) FROM target WHERE retired_at IS NULL") == [(3,)]
        assert rows(database, "SELECT count(*) FROM schedule WHERE valid_to_at IS NULL") == [(3,)]

        gateway.status = 200
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)
        for key in LISTED:
            view = views(daemon)[key]
            # What is counted is stored, which takes some tenths of a second.
            assert view.windows["24h"].valid >= view.totals.valid["completion"] >= stored[key]
            assert view.health.state is State.UP
    assert rows(database, "SELECT count(*) FROM schedule") == [(3,)]


async def test_what_was_discovered_can_be_asked_after_our_own_network(
    gateway: Gateway, database: str, tmp_path: Path
) -> None:
    async with running(settings_of(gateway, database, tmp_path)) as daemon:
        await until(lambda: views(daemon).keys() > LISTED, PATIENCE_SECONDS)
        (host,) = daemon._parts.network._hosts.values()

    assert host.targets == LISTED | {"own/model"}
    assert host.providers == {"gate", "own"}
