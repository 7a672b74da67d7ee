"""Pages of results never overlap and leave nothing out, whatever they are cut at."""

import pytest

from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.store.engine import Engine
from monitor.store.pages import Place, Wanted, read_page
from tests.factories import make_result
from tests.fakes import START
from tests.unit.store.test_rollups import KEY, write

#: Three of them in one slot: two kinds, and a confirm run.
NEWEST_FIRST = [
    make_result(minute=9),
    make_result(minute=3, kind=Kind.THROUGHPUT),
    make_result(Outcome.TIMEOUT, minute=3, confirm=1),
    make_result(Outcome.TIMEOUT, minute=3),
    make_result(),
]


def read(engine: Engine, wanted: Wanted) -> list[Result]:
    with engine.connect() as connection:
        return list(read_page(connection, "here", KEY, wanted))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_pages_follow_each_other(engine: Engine, limit: int) -> None:
    write(engine, *NEWEST_FIRST, make_result(target="b/c"), make_result(vantage="there"))

    seen: list[Result] = []
    place = None
    while page := read(engine, Wanted(limit=limit, before=place)):
        seen += page
        place = Place(page[-1].slot_at, page[-1].kind, page[-1].confirm)

    assert seen == NEWEST_FIRST


def test_a_page_may_begin_where_no_result_is(engine: Engine) -> None:
    write(engine, *NEWEST_FIRST)
    place = Place(START.replace(minute=2), "models", 0)

    assert read(engine, Wanted(limit=10, before=place)) == NEWEST_FIRST[-1:]


def test_conditions_add_up(engine: Engine) -> None:
    write(engine, *NEWEST_FIRST)
    wanted = Wanted(
        limit=10,
        since=START.replace(minute=1),
        until=START.replace(minute=9),
        kind=Kind.COMPLETION,
        outcome=Outcome.TIMEOUT,
    )

    assert read(engine, wanted) == NEWEST_FIRST[2:4]


def test_the_key_finds_the_rows(engine: Engine) -> None:
    """A page costs what is on it, however many results there are."""
    write(engine, *(make_result(minute=minute) for minute in range(3000)))
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.set_progress_handler(count, 100)
        place = Place(START.replace(hour=20), "completion", 0)
        page = list(read_page(connection, "here", KEY, Wanted(limit=10, before=place)))

    assert len(page) == 10
    assert steps < 30
