"""The store fails in each way that we know, and everything is in it afterwards, once."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import event

from monitor.store.healths import read_healths
from tests.databases import fresh_database
from tests.integration.outage import Scene, begin, triples
from tests.postgres import server
from tests.waiting import wait_until

COUNT = 30
Break = Callable[[Scene], AbstractContextManager[None]]


@contextmanager
def behind(scene: Scene, name: str = "postgres") -> Iterator[psycopg.Connection]:
    """Connect to PostgreSQL as its administrator."""
    with psycopg.connect(server().url(name)) as connection:
        yield connection


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
    """Have PostgreSQL told something of this database, which ends all connections to it."""

    def administer(scene: Scene, statement: str) -> None:
        server().execute(statement, name=scene.name, guest="guest")
        with behind(scene) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                (scene.name,),
            )

    @contextmanager
    def hold(scene: Scene) -> Iterator[None]:
        administer(scene, broken)
        yield
        administer(scene, mended)

    return hold


@contextmanager
def busy(scene: Scene) -> Iterator[None]:
    with behind(scene, scene.name) as holder:
        holder.execute(SQL("LOCK TABLE {}").format(Identifier("result")))
        yield


@contextmanager
def roomless(scene: Scene) -> Iterator[None]:
    """Have PostgreSQL say what it says when its disk is full."""
    with behind(scene, scene.name) as connection:
        connection.execute(
            "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE disk_full; END $$"
        )
        connection.execute("CREATE TRIGGER fill BEFORE INSERT ON result EXECUTE FUNCTION fill()")
    yield
    with behind(scene, scene.name) as connection:
        connection.execute("DROP FUNCTION fill CASCADE")


@dataclass(frozen=True)
class Where:
    """A database, and the parameters of its URL."""

    kind: str
    query: str = ""


@contextmanager
def started(where: Where, folder: Path, vantages: Sequence[str] = ("here",)) -> Iterator[Scene]:
    """Begin a scene in a fresh database; it ends with everything written."""
    with fresh_database(where.kind, folder, migrated=True) as url:
        if where.kind == "postgresql":
            server().execute("DROP ROLE IF EXISTS {guest}", guest="guest")
            server().execute("CREATE ROLE {guest} LOGIN IN ROLE postgres", guest="guest")
        scene = begin(url.replace("postgres@", "guest@") + where.query, folder, vantages)
        yield scene
        scene.end()


QUICK = Where("sqlite", "?timeout=0.05")
PLAIN = Where("postgresql")
IMPATIENT = Where("postgresql", "&options=-c%20statement_timeout%3D200ms")
LOCKED_OUT = Where("postgresql", "&options=-c%20lock_timeout%3D200ms")
ACCESS = "ALTER DATABASE {name} ALLOW_CONNECTIONS "
READS = "ALTER DATABASE {name} SET default_transaction_read_only = "
ROOM = "ALTER ROLE {guest} CONNECTION LIMIT "


@pytest.mark.parametrize(
    ("where", "fail", "reason"),
    [
        pytest.param(QUICK, locked, "locked", id="SQLite is locked"),
        pytest.param(QUICK, full, "full", id="SQLite's disk is full"),
        pytest.param(QUICK, read_only, "read_only", id="SQLite's file is read-only"),
        pytest.param(
            PLAIN,
            by_order(ACCESS + "false", ACCESS + "true"),
            "unreachable",
            id="PostgreSQL restarts",
        ),
        pytest.param(
            PLAIN,
            by_order(ROOM + "0", ROOM + "-1"),
            "connections",
            id="PostgreSQL has too many clients",
        ),
        pytest.param(
            PLAIN, by_order(READS + "on", READS + "off"), "read_only", id="PostgreSQL is a replica"
        ),
        pytest.param(PLAIN, roomless, "full", id="PostgreSQL's disk is full"),
        pytest.param(LOCKED_OUT, busy, "locked", id="PostgreSQL's table is locked"),
        pytest.param(IMPATIENT, busy, "timeout", id="PostgreSQL is slow"),
    ],
)
def test_an_outage_costs_nothing_and_is_told(
    tmp_path: Path, where: Where, fail: Break, reason: str
) -> None:
    with started(where, tmp_path) as scene:
        outlet = scene.outlets["here"]
        scene.put(0, 10)
        wait_until(lambda: len(scene.stored()) == 10)

        with fail(scene):
            scene.put(10, 10)
            wait_until(lambda: outlet.spooled == 10)
            wait_until(lambda: scene.failures().get(reason))
            scene.put(20, 5)
            wait_until(lambda: outlet.spooled == 15)
            assert (outlet.pending, outlet.dropped) == (0, 0)
        scene.put(25, 5)

        wait_until(scene.is_calm)
        assert scene.stored() == [each.result.id for each in triples(0, COUNT)]
        with scene.engine.connect() as connection:
            believed = read_healths(connection, "here")["acme/large"]
        assert believed.consecutive_successes == COUNT - 1
        assert scene.failures().keys() <= {reason, "unreachable"}


BOTH = [
    pytest.param(QUICK, locked, id="SQLite"),
    pytest.param(IMPATIENT, busy, id="PostgreSQL"),
]


@pytest.mark.parametrize(("where", "fail"), BOTH)
def test_where_the_spool_fails_too_results_wait_in_memory(
    tmp_path: Path, where: Where, fail: Break
) -> None:
    obstacle = tmp_path / "spool"
    obstacle.write_text("no folder can be made here")
    with started(where, tmp_path) as scene:
        outlet = scene.outlets["here"]
        assert scene.shown("spool_writable") == 0

        with fail(scene):
            scene.put(0, 10)
            wait_until(scene.failures)
            assert (outlet.pending, outlet.spooled, outlet.dropped) == (10, 0, 0)
            obstacle.unlink()
            wait_until(lambda: outlet.spooled == 10)
            assert scene.shown("spool_writable") == 1

        wait_until(scene.is_calm)
        assert scene.stored() == [each.result.id for each in triples(0, 10)]


@pytest.mark.parametrize(("where", "fail"), BOTH)
def test_two_vantages_share_a_database_and_no_spool(
    tmp_path: Path, where: Where, fail: Break
) -> None:
    with started(where, tmp_path, ("east", "west")) as scene:
        with fail(scene):
            scene.put(0, 10)
            wait_until(lambda: [each.spooled for each in scene.outlets.values()] == [10, 10])
        wait_until(scene.is_calm)

        for vantage in ("east", "west"):
            wanted = [each.result.id for each in triples(0, 10, vantage)]
            assert scene.stored(vantage) == wanted


@pytest.mark.parametrize(("where", "fail"), BOTH)
def test_what_a_kill_leaves_in_the_spool_is_for_the_next_life(
    tmp_path: Path, where: Where, fail: Break
) -> None:
    with started(where, tmp_path) as scene:
        with fail(scene):
            scene.put(0, 10)
            wait_until(lambda: scene.outlets["here"].spooled == 10)
            left = {each: each.read_bytes() for each in tmp_path.glob("spool/*/*")}
        wait_until(scene.is_calm)
        scene.end()

        # As a kill right after the commit would have left it: all is committed and still there.
        for file, content in left.items():
            file.write_bytes(content)
        again = begin(scene.url, tmp_path)
        again.put(10, 10)
        wait_until(again.is_calm)
        assert again.stored() == [each.result.id for each in triples(0, 20)]
        assert not list(tmp_path.glob("spool/*/*"))
        again.end()
