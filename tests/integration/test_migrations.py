"""The migrations lead to exactly the tables of the program, whoever runs them and how often."""

import multiprocessing
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import main as alembic
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import monitor
from monitor.store.engine import Engine, open_engine
from monitor.store.errors import StoreError
from monitor.store.migrate import current, head, knows, lock, upgrade
from monitor.store.postgresql import Turn
from monitor.store.tables import metadata
from tests.databases import fresh_database, impatient, load_first_release, locked

ROOT = Path(monitor.__file__).parent.parent
PROCESSES = 4


@pytest.fixture
def url(empty_database: str) -> str:
    return empty_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def run_alembic(url: str, *words: str) -> None:
    alembic(["-c", str(ROOT / "alembic.ini"), "-x", f"url={url}", *words])


def _parts(statement: str) -> tuple[str, ...]:
    """Take a statement apart; SQLite puts columns that were added later into one line."""
    return tuple(sorted(part.strip() for part in re.split(r"[,\n]", statement) if part.strip()))


def schema(engine: Engine) -> set[tuple[str, ...]]:
    """Read all that the database knows of the shape of our tables."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_master WHERE sql > '' AND name NOT LIKE 'alembic%'"
            # Each statement, its lines in the order of the ABC.
            statements = connection.execute(text(query)).scalars().all()
            return {_parts(each) for each in statements}
        return {tuple(row) for query in _CATALOGUE for row in connection.execute(text(query))}


_CATALOGUE = (
    """SELECT table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%'""",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'""",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'",
    "SELECT sequencename, data_type::text FROM pg_sequences",
)


def test_the_migrations_lead_to_the_tables_of_the_program(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_migrated_database_is_the_one_that_the_tables_would_create(
    engine: Engine, tmp_path: Path
) -> None:
    upgrade(engine)
    (tmp_path / "other").mkdir()
    with fresh_database(engine.dialect.name, tmp_path / "other", migrated=False) as url:
        other = open_engine(url)
        metadata.create_all(other)
        assert schema(engine) == schema(other)
        other.dispose()


def test_migrations_go_up_down_and_up(engine: Engine, url: str) -> None:
    run_alembic(url, "upgrade", "head")
    first = schema(engine)
    run_alembic(url, "downgrade", "base")
    assert current(engine) is None
    assert set(inspect(engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    run_alembic(url, "upgrade", "head")
    assert schema(engine) == first
    assert current(engine) == head()


def test_the_command_line_takes_the_database_from_the_environment(
    engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_DATABASE", url)
    alembic(["-c", str(ROOT / "alembic.ini"), "upgrade", "head"])
    assert current(engine) == head()


def test_the_command_line_uses_the_daemons_default_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MONITOR_DATABASE", raising=False)
    monkeypatch.chdir(tmp_path)
    alembic(["-c", str(ROOT / "alembic.ini"), "upgrade", "head"])
    assert (tmp_path / "monitor.db").exists()


def test_postgresql_gets_the_same_tables_in_its_own_types(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_alembic("postgresql://user@host/name", "upgrade", "head", "--sql")
    statements = capsys.readouterr().out
    for table in metadata.tables:
        assert f"CREATE TABLE {table} (" in statements
    assert "slot_at TIMESTAMP WITH TIME ZONE NOT NULL" in statements
    assert "id BIGSERIAL NOT NULL" in statements
    assert "ttft_seconds DOUBLE PRECISION" in statements


def test_an_upgrade_of_a_current_database_does_not_even_wait_for_its_lock(
    migrated_database: str,
) -> None:
    engine = open_engine(impatient(migrated_database))
    with locked(migrated_database):
        upgrade(engine)
    engine.dispose()


def test_a_locked_database_is_told_with_what_to_do(url: str) -> None:
    load_first_release(url)
    engine, holder = open_engine(impatient(url)), open_engine(url)
    with holder.begin() as connection:
        if holder.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE target IN EXCLUSIVE MODE"))
        with pytest.raises(StoreError, match=r"lock.*Stop other programs"):
            upgrade(engine)
    engine.dispose()
    holder.dispose()


def test_a_migration_that_fails_half_way_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE transition (of_another_program INTEGER)"))
    with pytest.raises(StoreError, match="already exists"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["transition"]
    assert current(engine) is None


def test_only_revisions_with_a_script_are_known() -> None:
    assert knows(head())
    assert not knows("9999")


def test_a_migration_keeps_others_out_until_it_ends(url: str) -> None:
    engine, other = open_engine(url), open_engine(impatient(url))
    with engine.begin() as first:
        lock(first)
        if engine.dialect.name == "postgresql":
            wait = text("SELECT pg_advisory_xact_lock(:number)")
            with pytest.raises(DBAPIError, match="lock timeout"), other.begin() as second:
                second.execute(wait, {"number": Turn.MIGRATION.value})
            # It may take its time, but waits for no table longer than others do.
            assert first.execute(text("SHOW statement_timeout")).scalar_one() == "0"
            assert first.execute(text("SHOW lock_timeout")).scalar_one() == "10s"
        else:
            with pytest.raises(DBAPIError, match="locked"), other.begin():
                pass
    engine.dispose()
    other.dispose()


def start_daemon(url: str, start: Barrier) -> None:
    """Do what each daemon does first, at the same instant as the others."""
    start.wait()
    engine = open_engine(url)
    upgrade(engine)
    sys.exit(current(engine) != head())


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Children come from a server that has imported what takes long; a test run has but one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.integration.test_kill"])
    return context


@pytest.mark.parametrize("attempt", range(5))
def test_daemons_that_start_together_agree(
    context: ForkServerContext, url: str, attempt: int
) -> None:
    barrier = context.Barrier(PROCESSES)
    daemons = [context.Process(target=start_daemon, args=(url, barrier)) for _ in range(PROCESSES)]
    for daemon in daemons:
        daemon.start()
    for daemon in daemons:
        daemon.join(60)
    assert [daemon.exitcode for daemon in daemons] == [0] * PROCESSES


def test_the_scripts_are_found_inside_an_installed_package(tmp_path: Path, url: str) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "monitor", site / "monitor", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copytree(ROOT / "migrations", site / "monitor" / "migrations")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from monitor.store.engine import open_engine\n"
        "from monitor.store.migrate import current, head, upgrade\n"
        "engine = open_engine(sys.argv[2])\n"
        "upgrade(engine)\n"
        "assert current(engine) == head() != ''\n"
        "engine.dispose()\n"
    )
    run = [sys.executable, "-I", "-c", program, str(site), url]
    subprocess.run(run, check=True, cwd=tmp_path, env={}, timeout=60)
