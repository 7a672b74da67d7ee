"""The store fails in each way that we know, and everything is in it afterwards, once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families as parse
from psycopg.sql import SQL, Identifier
from sqlalchemy import event, select

from monitor.app.observers import Observers
from monitor.app.outlet import Outlet
from monitor.export.metrics import Metrics
from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.recorder.spool import Spool
from monitor.store import tables
from monitor.store.engine import Engine, open_engine
from monitor.store.healths import read_healths
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.databases import fresh_database
from tests.factories import make_result, make_target
from tests.fakes import START, FakeClock
from tests.postgres import server
from tests.waiting import wait_until

PATIENCE_SECONDS = 20.0
COUNT = 30
Break = Callable[["Scene"], AbstractContextManager[None]]


def triples(first: int, count: int) -> list[Triple]:
    """Triples by number, each of half a page; what is believed tells the number."""
    return [
        Triple(
            result=make_result(minute=number, request_id="r" * 2000),
            health=Health(state=State.UP, consecutive_successes=number),
        )
        for number in range(first, first + count)
    ]


@dataclass
class Scene:
    """A store, and the way there."""

    url: str
    engine: Engine
    outlet: Outlet
    metrics: Metrics

    def put(self, first: int, count: int) -> None:
        for triple in triples(first, count):
            self.outlet.put(triple)

    def failures(self) -> dict[str, float]:
        """The failed writes by reason, as they are exported."""
        text = self.metrics.render("")[0].decode()
        samples = (each for family in parse(text) for each in family.samples)
        return {
            each.labels["reason"]: each.value
            for each in samples
            if each.name == "llmprobe_store_write_errors_total" and each.value
        }

    def stored(self) -> list[str]:
        """The ids of all results, in the order of their slots."""
        with self.engine.connect() as connection:
            query = select(tables.result.c.result_id).order_by(tables.result.c.slot_at)
            return list(connection.execute(query).scalars())

    @property
    def name(self) -> str:
        """The database's."""
        return self.url.partition("?")[0].rpartition("/")[2]

    def administer(self, statement: str) -> None:
        """Tell PostgreSQL something of this database, and end all connections to it."""
        server().execute(statement, name=self.name, guest="guest")
        with self.behind() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                (self.name,),
            )

    @contextmanager
    def behind(self, name: str = "postgres") -> Iterator[psycopg.Connection]:
        """Connect as the administrator."""
        with psycopg.connect(server().url(name)) as connection:
            yield connection


def start(url: str, folder: Path) -> Scene:
    engine, metrics = open_engine(url), Metrics(FakeClock())
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target()], START)
    spool = Spool(folder / "spool")

    def write(batch: list[Triple]) -> None:
        with engine.begin() as connection:
            write_triples(connection, ids, batch)

    outlet = Outlet(write, spool, Observers(metrics))  # type: ignore[arg-type]
    outlet.start()
    return Scene(url, engine, outlet, metrics)


@contextmanager
def locked(scene: Scene) -> Iterator[None]:
    holder = sqlite3.connect(scene.engine.url.database or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield
    holder.close()


@contextmanager
def told_by(scene: Scene, broken: str, mended: str) -> Iterator[None]:
    """Let a pragma hold for each transaction, and another one afterwards."""
    pragma = broken

    def tell(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(scene.engine, "checkout", tell)
    yield
    pragma = mended


def full(scene: Scene) -> AbstractContextManager[None]:
    return told_by(scene, "max_page_count = 1", "max_page_count = 1000000")


def read_only(scene: Scene) -> AbstractContextManager[None]:
    return told_by(scene, "query_only = ON", "query_only = OFF")


def by_order(broken: str, mended: str) -> Break:
    """Have PostgreSQL told something, and something else afterwards."""

    @contextmanager
    def hold(scene: Scene) -> Iterator[None]:
        scene.administer(broken)
        yield
        scene.administer(mended)

    return hold


@contextmanager
def busy(scene: Scene) -> Iterator[None]:
    with scene.behind(scene.name) as holder:
        holder.execute(SQL("LOCK TABLE {}").format(Identifier("result")))
        yield


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    kind, query = request.param
    with fresh_database(kind, tmp_path, migrated=True) as url:
        if kind == "postgresql":
            server().execute("DROP ROLE IF EXISTS {guest}", guest="guest")
            server().execute("CREATE ROLE {guest} LOGIN IN ROLE postgres", guest="guest")
        made = start(url.replace("postgres@", "guest@") + query, tmp_path)
        yield made
        made.outlet.stop(PATIENCE_SECONDS)
        made.engine.dispose()


QUICK = ("sqlite", "?timeout=0.05")
PLAIN = ("postgresql", "")
IMPATIENT = ("postgresql", "&options=-c%20statement_timeout%3D200ms")
ACCESS = "ALTER DATABASE {name} ALLOW_CONNECTIONS "
READS = "ALTER DATABASE {name} SET default_transaction_read_only = "
ROOM = "ALTER ROLE {guest} CONNECTION LIMIT "


@pytest.mark.parametrize(
    ("scene", "fail", "reason"),
    [
        (QUICK, locked, "locked"),
        (QUICK, full, "full"),
        (QUICK, read_only, "read_only"),
        (PLAIN, by_order(ACCESS + "false", ACCESS + "true"), "unreachable"),
        (PLAIN, by_order(ROOM + "0", ROOM + "-1"), "connections"),
        (PLAIN, by_order(READS + "on", READS + "off"), "read_only"),
        (IMPATIENT, busy, "timeout"),
    ],
    ids=[
        "SQLite is locked",
        "SQLite's disk is full",
        "SQLite's file is read-only",
        "PostgreSQL restarts",
        "PostgreSQL has too many clients",
        "PostgreSQL is a replica",
        "PostgreSQL is slow",
    ],
    indirect=["scene"],
)
def test_an_outage_costs_nothing_and_is_told(scene: Scene, fail: Break, reason: str) -> None:
    scene.put(0, 10)
    wait_until(lambda: len(scene.stored()) == 10)

    with fail(scene):
        scene.put(10, 10)
        wait_until(lambda: scene.outlet.spooled == 10)
        wait_until(lambda: scene.failures().get(reason))
        scene.put(20, 5)
        wait_until(lambda: scene.outlet.spooled == 15)
        assert (scene.outlet.pending, scene.outlet.dropped) == (0, 0)
    scene.put(25, 5)

    wait_until(lambda: scene.outlet.pending + scene.outlet.spooled == 0)
    assert scene.stored() == [each.result.id for each in triples(0, COUNT)]
    with scene.engine.connect() as connection:
        assert read_healths(connection, "here")["acme/large"].consecutive_successes == COUNT - 1
    assert scene.failures().keys() <= {reason, "unreachable"}
