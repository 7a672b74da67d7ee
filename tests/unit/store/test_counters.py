"""Totals are counted where results are stored: each new one once, and no sum drifts."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.snapshot import Totals
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.counters import read_totals
from monitor.store.engine import Engine
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target, total
from tests.fakes import START

OUTCOMES = (Outcome.OK, Outcome.STARVED, Outcome.TIMEOUT, Outcome.UNAUTHORIZED, Outcome.MISSED)


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, [make_target("acme/large"), make_target("b/c")], START)


def write(engine: Engine, ids: dict[str, int], *results: Result) -> None:
    with engine.begin() as connection:
        write_triples(connection, ids, [Triple(result=each) for each in results])


def stored(engine: Engine, vantage: str = "here") -> dict[str, Totals]:
    with engine.connect() as connection:
        return read_totals(connection, vantage)


@st.composite
def runs(draw: st.DrawFn, minute: int) -> Result:
    return make_result(
        draw(st.sampled_from(OUTCOMES)),
        minute=minute,
        kind=draw(st.sampled_from(list(Kind))),
        confirm=draw(st.integers(0, 2)),
        tainted=draw(st.booleans()),
        ttft_seconds=draw(st.none() | st.floats(0, 60)),
        duration_seconds=draw(st.none() | st.floats(0, 60)),
        tls_seconds=draw(st.none() | st.floats(0, 10)),
        output_tokens_per_second=draw(st.none() | st.floats(0, 1e4)),
        input_tokens=draw(st.none() | st.integers(0, 10**13)),
        reasoning_tokens=draw(st.none() | st.integers(0, 100)),
        cost_usd=draw(st.none() | st.floats(0, 10)),
    )


RUNS = st.integers(0, 12).flatmap(lambda n: st.tuples(*(runs(minute) for minute in range(n))))


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(results=RUNS, batch=st.integers(1, 5))
def test_what_is_stored_is_what_the_daemon_counted_in_memory(
    engine: Engine, ids: dict[str, int], results: tuple[Result, ...], batch: int
) -> None:
    with engine.begin() as connection:
        for table in (tables.counter_total, tables.result):
            connection.execute(table.delete())
    for first in range(0, len(results), batch):
        write(engine, ids, *results[first : first + batch])

    assert stored(engine).get("acme/large", Totals()) == total(*results)


def test_what_was_stored_before_is_not_counted_again(engine: Engine, ids: dict[str, int]) -> None:
    first, second = make_result(cost_usd=0.1), make_result(minute=1, cost_usd=0.2)
    write(engine, ids, first, first)
    write(engine, ids, first, second, second)

    assert stored(engine) == {"acme/large": total(first, second)}
    assert stored(engine)["acme/large"].cost_usd == 0.3


def test_targets_and_vantages_are_counted_apart(engine: Engine, ids: dict[str, int]) -> None:
    write(engine, ids, make_result(), make_result(target="b/c"), make_result(vantage="there"))

    assert {key: each.valid for key, each in stored(engine).items()} == {
        "acme/large": {"completion": 1},
        "b/c": {"completion": 1},
    }
    assert stored(engine, "there").keys() == {"acme/large"}
    assert stored(engine, "nowhere") == {}


def test_a_batch_that_is_undone_counts_nothing(engine: Engine, ids: dict[str, int]) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        write_triples(connection, ids, [Triple(result=make_result())])
        transaction.rollback()

    assert stored(engine) == {}


def test_a_count_that_nobody_can_have_generated_spoils_no_sum(
    engine: Engine, ids: dict[str, int]
) -> None:
    odd = (2**63 - 1, -5, 10**40)
    results = [make_result(minute=n, output_tokens=each) for n, each in enumerate(odd)]
    write(engine, ids, *results, make_result(minute=9, output_tokens=16, cost_usd=float("inf")))

    assert stored(engine)["acme/large"].tokens == {"output": 16}
    assert stored(engine)["acme/large"].cost_usd == 0.0


def test_buckets_of_another_version_find_their_place(engine: Engine, ids: dict[str, int]) -> None:
    write(engine, ids, make_result(target="b/c"))
    finer = {"0.01": 1, "0.05": 2, "0.07": 4, "600.0": 8, "inf": 16, "sum": 1.5}
    with engine.begin() as connection:
        written = connection.execute(select(tables.counter_total.c.totals)).scalar_one()
        changed = json.dumps(json.loads(written) | {"ttft_seconds": finer})
        connection.execute(update(tables.counter_total).values(totals=changed))

    ttft = stored(engine)["b/c"].histogram("ttft_seconds")
    assert (ttft.counts[0], ttft.counts[1], ttft.counts[-1]) == (3, 4, 24)
    assert ttft.total == 1.5


def test_a_target_has_one_row_from_each_vantage(engine: Engine, ids: dict[str, int]) -> None:
    for minute in range(3):
        write(engine, ids, make_result(minute=minute), make_result(minute=minute, vantage="there"))

    with engine.connect() as connection:
        rows = connection.execute(select(func.count()).select_from(tables.counter_total))
        assert rows.scalar_one() == 2


def test_writers_of_one_vantage_lose_no_count_to_each_other(
    engine: Engine, ids: dict[str, int]
) -> None:
    def live(first: int) -> None:
        for minute in range(first, 40, 4):
            write(engine, ids, make_result(minute=minute), make_result(minute=minute, target="b/c"))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(live, range(4)))

    assert {key: each.valid for key, each in stored(engine).items()} == {
        "acme/large": {"completion": 40},
        "b/c": {"completion": 40},
    }
