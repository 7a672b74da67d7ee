"""PostgreSQL: how it is connected to, what passes and what does not, and who may be there."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from monitor.model.health import Health, State, Transition
from monitor.model.result import Result
from monitor.model.triple import Triple
from monitor.recorder.writer import Writer
from monitor.store import tables
from monitor.store.engine import Engine, open_engine, open_reader
from monitor.store.errors import StoreError, UnwritableError
from monitor.store.migrate import upgrade
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.databases import fresh_database
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.postgres import server

PATIENCE_SECONDS = 60.0
PASSWORD = "hunter2"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with fresh_database("postgresql", tmp_path, migrated=True) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, [make_target()], START)


@pytest.fixture
def plain(engine: Engine) -> Iterator[str]:
    """A user who may do nothing but connect, and that once at a time."""
    server().execute("CREATE ROLE {name} LOGIN PASSWORD 'hunter2' CONNECTION LIMIT 1", name="plain")
    yield "plain"
    with engine.begin() as connection:
        connection.execute(text("DROP OWNED BY plain"))
    server().execute("DROP ROLE {name}", name="plain")


def shown(engine: Engine, setting: str) -> str:
    with engine.connect() as connection:
        return str(connection.exec_driver_sql(f"SHOW {setting}").scalar_one())


def change(result: Result) -> Triple:
    """Give the triple of a result that brings a transition."""
    transition = Transition(
        target=result.target,
        vantage=result.vantage,
        at=result.at,
        old_state=State.UNKNOWN,
        new_state=State.UP,
        reason="ok",
        incident_at=None,
        result_id=result.id,
    )
    health = Health(state=State.UP, since_at=START, ever_worked=True)
    return Triple(result=result, health=health, transition=transition)


@pytest.mark.parametrize(
    ("setting", "of_writer", "of_reader"),
    [
        ("statement_timeout", "1min", "10s"),
        ("lock_timeout", "10s", "10s"),
        ("idle_in_transaction_session_timeout", "1min", "1min"),
        ("default_transaction_read_only", "off", "on"),
        ("transaction_isolation", "read committed", "repeatable read"),
        ("timezone", "UTC", "UTC"),
        ("application_name", "llm-provider-monitor", "llm-provider-monitor"),
    ],
)
def test_connections_are_set_up(
    engine: Engine, url: str, setting: str, of_writer: str, of_reader: str
) -> None:
    reader = open_reader(url)
    assert (shown(engine, setting), shown(reader, setting)) == (of_writer, of_reader)
    reader.dispose()


def test_what_the_url_says_wins(url: str) -> None:
    given = "&application_name=mine&options=-c%20lock_timeout%3D7ms&keepalives_idle=77"
    engine = open_engine(url + given)
    assert shown(engine, "lock_timeout") == "7ms"
    assert shown(engine, "statement_timeout") == "1min"
    assert shown(engine, "application_name") == "mine"
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        assert raw.info.get_parameters()["keepalives_idle"] == "77"
        assert raw.info.get_parameters()["keepalives_count"] == "3"
    engine.dispose()


@dataclass(frozen=True)
class Wrong:
    """A URL that leads nowhere, with what it is told with."""

    url: str
    words: str
    remedy: str


WRONGS = {
    "nobody listens": Wrong(
        "postgresql://u:hunter2@127.0.0.1:1/x", "refused", "Check that the server runs"
    ),
    "no such host": Wrong(
        "postgresql://u:hunter2@no-such-host.invalid/x", "resolve", "Check that the server runs"
    ),
    "no such socket": Wrong(
        "postgresql://u:hunter2@/x?host=/no/such", "No such file", "Check that the server runs"
    ),
    "no such database": Wrong(
        "postgresql://postgres:hunter2@/none?host={folder}", "does not exist", "Create it"
    ),
    "no such user": Wrong(
        "postgresql://u:hunter2@/postgres?host={folder}", "does not exist", "Check the user"
    ),
    "a parameter that is none": Wrong(
        "postgresql://u:hunter2@/x?host={folder}&foo=bar", "foo", "Check the parameters"
    ),
    "a parameter that is wrong": Wrong(
        "postgresql://u:hunter2@/x?host={folder}&connect_timeout=soon",
        "soon",
        "Check the parameters",
    ),
    "a setting that is none": Wrong(
        "postgresql://postgres:hunter2@/postgres?host={folder}&options=-cfoo%3D1",
        "foo",
        "Check the parameters",
    ),
    "a port that is none": Wrong(
        "postgresql://u:hunter2@/x?host={folder}&port=harbour", "port", "Check the parameters"
    ),
    "secrets as parameters": Wrong(
        "postgresql://u@127.0.0.1:1/x?password=hunter2&sslpassword=hunter2",
        "refused",
        "Check that the server runs",
    ),
    "the password in the words of the driver": Wrong(
        "postgresql://u:hunter2@/x?hostaddr=hunter2", "parse", "Check the parameters"
    ),
}


@pytest.mark.parametrize("opens", [open_engine, open_reader])
@pytest.mark.parametrize("wrong", WRONGS.values(), ids=WRONGS)
def test_a_server_that_is_not_to_be_had_is_told_with_what_to_do(
    wrong: Wrong, opens: Callable[[str], Engine]
) -> None:
    with pytest.raises(StoreError) as caught:
        opens(wrong.url.format(folder=server().folder))
    assert wrong.words in caught.value.what
    assert caught.value.remedy.startswith(wrong.remedy)
    assert "\n" not in str(caught.value)
    told = str(caught.value).replace("hostaddr=hunter2", "")
    assert PASSWORD not in told


def test_a_user_for_whom_there_is_no_room_is_told_so(engine: Engine, url: str, plain: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"GRANT SELECT ON alembic_version TO {plain}"))
    theirs = url.replace("postgres@", f"{plain}:{PASSWORD}@")
    first = open_engine(theirs)
    with first.connect(), pytest.raises(StoreError, match="too many connections") as caught:
        open_engine(theirs)
    assert caught.value.remedy.startswith("Raise max_connections")
    first.dispose()


def test_a_user_who_may_create_no_tables_is_told_so(tmp_path: Path, plain: str) -> None:
    with fresh_database("postgresql", tmp_path, migrated=False) as url:
        engine = open_engine(url.replace("postgres@", f"{plain}:{PASSWORD}@"))
        with pytest.raises(StoreError, match="permission denied") as caught:
            upgrade(engine)
        assert caught.value.remedy.startswith("Give this user")
        assert PASSWORD not in str(caught.value)
        engine.dispose()


def test_a_database_that_cannot_keep_every_text_is_refused() -> None:
    create = "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    server().execute(create, name="latin")
    with pytest.raises(StoreError, match=r"LATIN1.*ENCODING 'UTF8'"):
        open_engine(server().url("latin"))
    server().execute("DROP DATABASE {name}", name="latin")


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        begun = monotonic()
        with pytest.raises(StoreError, match="timeout"):
            open_engine(f"postgresql://u@127.0.0.1:{port}/x?connect_timeout=2")
        assert monotonic() - begun < 10


@pytest.mark.parametrize(
    ("before", "words"),
    [
        pytest.param("SET LOCAL transaction_read_only = on", "read-only", id="only reading"),
        pytest.param("ALTER TABLE result RENAME TO gone", "does not exist", id="a table gone"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", "terminat", id="killed"),
        pytest.param("SELECT setval('transition_id_seq', 1, false)", "unique", id="a sequence"),
        pytest.param("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", "timeout", id="slow"),
    ],
)
def test_the_servers_own_trouble_costs_no_result(
    engine: Engine, ids: dict[str, int], before: str, words: str
) -> None:
    with engine.begin() as connection:
        write_triples(connection, ids, [change(make_result())])

    def write() -> None:
        with engine.begin() as connection:
            for each in before.split("; "):
                connection.execute(text(each))
            write_triples(connection, ids, [change(make_result(minute=1))])

    with pytest.raises(DBAPIError, match=words):
        write()


def test_a_lock_that_others_hold_costs_no_result(
    engine: Engine, url: str, ids: dict[str, int]
) -> None:
    hurried = open_engine(url + "&options=-c%20lock_timeout%3D1")
    with engine.begin() as holder:
        holder.execute(text("LOCK TABLE result IN EXCLUSIVE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"), hurried.begin() as connection:
            write_triples(connection, ids, [change(make_result())])
    hurried.dispose()


def test_what_no_retry_can_write_is_told_apart(engine: Engine, ids: dict[str, int]) -> None:
    for bad in ({"reads": 2**40}, {"http_status": 2**40}, {"vantage": "a\0b"}):
        with pytest.raises(UnwritableError), engine.begin() as connection:
            write_triples(connection, ids, [Triple(result=make_result(**bad))])


def test_connections_that_die_lose_nothing_and_double_nothing(
    engine: Engine, url: str, ids: dict[str, int]
) -> None:
    mine = open_engine(url + "&application_name=victim")
    deaths = threading.Semaphore(0)

    def write(batch: Sequence[Triple]) -> None:
        with mine.begin() as connection:
            write_triples(connection, ids, batch)

    writer = Writer(write, batch=10, linger_seconds=0.01, on_error=lambda _: deaths.release())
    writer.start()
    kill = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = 'victim'"
    )
    for minute in range(600):
        writer.put(change(make_result(minute=minute)))
        if minute % 100 == 0:
            with engine.begin() as connection:
                connection.execute(kill)
    assert writer.stop(PATIENCE_SECONDS)
    assert counts(engine) == (600, 600)
    mine.dispose()


def counts(engine: Engine) -> tuple[int, int]:
    """Count the results, and the transitions beside them, at one instant."""
    each = (select(func.count()).select_from(t) for t in (tables.result, tables.transition))
    with engine.connect() as connection:
        row = connection.execute(select(*(query.scalar_subquery() for query in each))).one()
    return row[0], row[1]
