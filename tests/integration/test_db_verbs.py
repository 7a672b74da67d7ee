"""`monitor db info` and `monitor db prune`, in process."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.model.clock import SystemClock
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import open_engine
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.databases import impatient, locked
from tests.factories import make_result, make_target

CONFIG = """\
providers:
  own: {base_url: "http://127.0.0.1:8000/v1", models: {m: }}
retention: {raw_days: 100}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, where the database is that is used by default (if it is SQLite)."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def url(migrated_database: str) -> str:
    """A database with a result each day of the last 50."""
    engine, now = open_engine(migrated_database), SystemClock().now()
    slots = [now - timedelta(days=days) for days in range(50)]
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target()], now)
        write_triples(connection, ids, [Triple(result=make_result(slot_at=at)) for at in slots])
    engine.dispose()
    return migrated_database


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_info_tells_what_each_table_holds(url: str) -> None:
    code, told, _ = run("db", "info", "--database", url)

    assert code == 0
    lines = {line.split()[0]: line.split() for line in told.splitlines()}
    oldest = SystemClock().now() - timedelta(days=49)
    assert lines["result"][1] == "50"
    assert lines["result"][3] == str(oldest.date())
    assert lines["counter_total"][3] == "-"
    assert "MB on disk" in told
    assert ("MB are free for new rows" in told) is url.startswith("sqlite")
    assert url.startswith("postgresql") or run("db", "info")[1] == told


def test_info_can_be_read_by_a_program(url: str) -> None:
    code, told, _ = run("db", "info", "--database", url, "--json")

    known = json.loads(told)
    assert code == 0
    assert {each["table"]: each["rows"] for each in known["tables"]}["result"] == 50
    assert known["bytes"] > 0


def test_prune_deletes_what_is_older_than_usual(url: str) -> None:
    code, told, _ = run("db", "prune", "--database", url)

    assert code == 0
    assert told == "result: 19 rows deleted\n"
    assert run("db", "prune", "--database", url)[1] == "nothing is older than it may be\n"


def test_prune_can_be_read_by_a_program(url: str) -> None:
    assert json.loads(run("db", "prune", "--database", url, "--json")[1]) == {
        "deleted": {"result": 19}
    }


def test_prune_keeps_what_the_file_says(url: str, folder: Path) -> None:
    (folder / "monitor.yaml").write_text(CONFIG)

    assert run("db", "prune", "--database", url)[1] == "nothing is older than it may be\n"


def test_prune_tells_who_is_in_its_way(url: str) -> None:
    with locked(url):
        code, _, told = run("db", "prune", "--database", impatient(url))

    assert code == 2
    assert "Not all that is old was deleted" in told
    assert "lock" in told


def test_info_tells_what_it_misses(url: str) -> None:
    engine = open_engine(url)
    tables.metadata.drop_all(engine)
    engine.dispose()

    code, _, told = run("db", "info", "--database", url)

    assert code == 2
    assert "Not all could be counted" in told


@pytest.mark.parametrize("verb", ["info", "prune"])
def test_what_is_not_there_is_not_made(verb: str, folder: Path) -> None:
    code, _, told = run("db", verb)

    assert code == 2
    assert "There is no such database" in told
    assert not (folder / "monitor.db").exists()


@pytest.mark.parametrize("verb", ["info", "prune"])
def test_a_database_without_tables_is_told_so(verb: str, empty_database: str) -> None:
    open_engine(empty_database).dispose()

    code, _, told = run("db", verb, "--database", empty_database)

    assert code == 2
    assert "monitor db upgrade" in told
