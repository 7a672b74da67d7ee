"""However many look at a page, and whatever the store does meanwhile, they see figures and an age.

A real server, real HTTP, a real database; what the store is asked is counted where it is executed.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from monitor.health.buckets import HOUR
from monitor.model.clock import SystemClock
from monitor.store.engine import open_engine, open_reader
from monitor.store.patience import Patience
from tests.databases import fresh_database
from tests.integration.site import Site, Told, fill, medians, site
from tests.postgres import server
from tests.waiting import wait_until

LARGE = "/api/v1/targets/acme%2Flarge"
#: The median by date, as a page shows it.
MEDIANS = f"{LARGE}/series?by=date"
#: Up to a day: the running hour may end while one looks.
TODAY = f"{SystemClock().now():%Y-%m-%d}"
OTHERS = (f"{LARGE}/results", f"{LARGE}/window?from=2026-01-01&to={TODAY}", "/api/v1/incidents")
WORDS = "Too many simultaneous queries. Maximum: 1000."
VIEWS = 100
SPANS = 1000
#: A page that has an answer waits for nothing; this is for a busy machine.
AT_ONCE_SECONDS = 5.0
HASTY = Patience(
    fresh_seconds=0.0, retry_seconds=0.1, wait_seconds=0.3, statement_seconds=2.0, queued=10
)
UNHURRIED = Patience(wait_seconds=60.0)
PASSWORD = "hunter2"


@pytest.fixture
def database(migrated_database: str) -> str:
    fill(migrated_database)
    return migrated_database


def test_a_hundred_page_views_at_once_cost_one_query(database: str) -> None:
    with site(database, UNHURRIED) as alone:
        first = alone.get(MEDIANS)
        statements = len(alone.statements)
    assert len(medians(first)) >= 8

    with site(database, UNHURRIED) as crowded, ThreadPoolExecutor(VIEWS) as views:
        crowded.gate.clear()
        asked = [views.submit(crowded.get, MEDIANS) for _ in range(VIEWS)]
        wait_until(lambda: crowded.waiting == VIEWS)
        crowded.gate.set()
        told = [each.result() for each in asked]

        assert {each.status for each in told} == {200}
        assert all(medians(each) == medians(first) for each in told)
        assert crowded.answers.asked == 1
        assert len(crowded.statements) == statements


def fails(site: Site) -> None:
    site.failure = OperationalError("SELECT 1", {}, Exception(WORDS))


def hangs(site: Site) -> None:
    site.gate.clear()


@pytest.mark.parametrize("breaks", [fails, hangs])
def test_what_the_store_said_is_told_when_it_says_no_more(
    database: str, breaks: Callable[[Site], None]
) -> None:
    with site(database, HASTY) as shown:
        before = {path: shown.first(path) for path in (MEDIANS, *OTHERS)}
        wait_until(lambda: not shown.answers._working)
        breaks(shown)
        asked = shown.answers.asked

        ages = dict.fromkeys(before, 0.0)
        for _ in range(3):
            for path, told in before.items():
                again = shown.get(path)
                assert (again.status, again.seconds < AT_ONCE_SECONDS) == (200, True)
                assert _figures(again) == _figures(told)
                assert again.body["age_seconds"] > ages[path]
                ages[path] = again.body["age_seconds"]
                assert int(again.headers["age"]) == int(ages[path])
        wait_until(lambda: shown.answers.asked > asked)  # it was asked, and did not answer

        never = shown.get(f"{LARGE}/results?limit=7")
        assert (never.status, never.headers["retry-after"]) == (503, "5")
        assert never.seconds < AT_ONCE_SECONDS
        assert WORDS not in json.dumps(never.body)
        assert shown.get("/healthz").status == 200

        shown.failure = None
        shown.gate.set()
        shown.wait_for_news(MEDIANS)


def _figures(told: Told) -> dict[str, Any]:
    return {
        name: value for name, value in told.body.items() if name not in ("age_seconds", "asked")
    }


def test_a_thousand_spans_do_not_push_the_store_beyond_its_pool(database: str) -> None:
    with site(database, HASTY) as pushed, ThreadPoolExecutor(20) as clients:
        known = pushed.first(MEDIANS)
        wait_until(lambda: not pushed.answers._working)
        pushed.gate.clear()
        asked = pushed.answers.asked
        begins = (SystemClock().now() - (number + 1) * HOUR for number in range(SPANS))
        spans = [f"{LARGE}/window?from={at:%Y-%m-%dT%H:00:00}" for at in begins]

        told = list(clients.map(pushed.get, spans))

        assert {(each.status, each.headers["retry-after"]) for each in told} == {(503, "5")}
        assert {each.body["reason"] for each in told} == {"busy"}
        assert pushed.answers.refused > 0
        assert pushed.answers.asked <= asked + HASTY.workers
        assert len(pushed.answers._queue) <= HASTY.queued
        again = pushed.get(MEDIANS)
        assert (again.seconds < AT_ONCE_SECONDS, medians(again)) == (True, medians(known))


def test_who_waits_for_the_store_keeps_nobody_from_the_other_surfaces(database: str) -> None:
    with site(database, UNHURRIED) as shown, ThreadPoolExecutor(VIEWS) as views:
        shown.gate.clear()
        waiting = [views.submit(shown.get, f"{LARGE}/results?limit={n + 1}") for n in range(60)]
        wait_until(lambda: shown.waiting == 60)

        for path in ("/healthz", "/api/v1/targets", LARGE):
            told = shown.get(path)
            assert (told.status, told.seconds < AT_ONCE_SECONDS) == (200, True)

        shown.gate.set()
        assert {each.result().status for each in waiting} == {200}


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[str]:
    with fresh_database("postgresql", tmp_path, migrated=True) as url:
        fill(url)
        yield url


@pytest.fixture
def only_one(postgresql: str) -> Iterator[str]:
    """Give the URL for a user who may read, and be there once at a time."""
    create = f"CREATE ROLE {{name}} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 1"
    server().execute(create, name="page")
    owner = open_engine(postgresql)
    with owner.begin() as connection:
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO page"))
    yield postgresql.replace("postgres@", f"page:{PASSWORD}@")
    with owner.begin() as connection:
        connection.execute(text("DROP OWNED BY page"))
    owner.dispose()
    server().execute("DROP ROLE {name}", name="page")


def test_a_server_without_room_for_more_is_one_that_says_no_more(only_one: str) -> None:
    alone = Patience(
        fresh_seconds=0.0, retry_seconds=0.1, wait_seconds=10.0, workers=1, statement_seconds=5.0
    )
    with site(only_one, alone) as shown:
        before = shown.get(MEDIANS)
        shown.reader.dispose()
        there = "SELECT pid FROM pg_stat_activity WHERE usename = 'page'"
        wait_until(lambda: not server().execute(there))  # it goes by and by
        intruder = open_reader(only_one)
        with intruder.connect() as connection:
            connection.execute(text("SELECT 1"))

            again = shown.get(MEDIANS)
            assert (again.status, medians(again)) == (200, medians(before))
            never = shown.get(f"{LARGE}/results")
            assert (never.status, never.body["reason"]) == (503, "connections")
            assert "too many connections" in str(shown.errors[-1])
            for secret in (PASSWORD, "page", "connections for role", str(server().folder)):
                assert secret not in json.dumps(never.body).replace("connections", "", 1)
        intruder.dispose()
        wait_until(lambda: shown.get(f"{LARGE}/results").status == 200)


def test_a_database_that_is_gone_takes_no_figure_with_it(postgresql: str) -> None:
    name = postgresql.partition("@/")[2].partition("?")[0]
    with site(postgresql, HASTY) as shown:
        before = shown.first(MEDIANS)
        server().execute("DROP DATABASE {name} WITH (FORCE)", name=name)
        server().execute("CREATE DATABASE {name}", name=name)  # an empty one

        for _ in range(3):
            again = shown.get(MEDIANS)
            assert (again.status, medians(again)) == (200, medians(before))
        wait_until(lambda: shown.answers.failures)
        never = shown.get(f"{LARGE}/results")
        assert never.status == 503
        assert "rollup" not in json.dumps(never.body)


def test_a_table_that_others_lock_makes_pages_old_and_not_slow(postgresql: str) -> None:
    holder = open_engine(postgresql)
    with site(postgresql, HASTY) as shown:
        before = shown.first(MEDIANS)
        with holder.begin() as connection:
            connection.execute(text("LOCK TABLE rollup, result IN ACCESS EXCLUSIVE MODE"))

            again = shown.get(MEDIANS)
            assert (again.seconds < AT_ONCE_SECONDS, medians(again)) == (True, medians(before))
            wait_until(lambda: shown.answers.failures)  # the statement timeout has ended it
            never = shown.get(f"{LARGE}/results")
            assert never.status == 503
        shown.wait_for_news(MEDIANS)
    holder.dispose()
