"""A triple is stored whole and once, whatever is replayed and in whatever order."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import DBAPIError

from monitor.model.health import Health, State, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.engine import Engine
from monitor.store.errors import UnwritableError
from monitor.store.healths import read_healths
from monitor.store.results import read_results, write_triples
from monitor.store.targets import sync_targets
from monitor.store.transitions import read_transitions
from tests.factories import make_result, make_target
from tests.fakes import START


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, [make_target("acme/large"), make_target("b/c")], START)


def believe(result: Result, state: State = State.UP) -> Health:
    return Health(state=state, since_at=START, ever_worked=True, last_result_at=result.at)


def change(result: Result, state: State = State.UP) -> Transition:
    return Transition(
        target=result.target,
        vantage=result.vantage,
        at=result.at,
        old_state=State.UNKNOWN,
        new_state=state,
        reason="ok",
        incident_at=None,
        result_id=result.id,
    )


def triple(minute: float = 0, state: State = State.UP, **given: Any) -> Triple:
    result = make_result(minute=minute, **given)
    return Triple(result=result, health=believe(result, state), transition=change(result, state))


def write(engine: Engine, ids: dict[str, int], *triples: Triple) -> int:
    with engine.begin() as connection:
        return write_triples(connection, ids, triples)


def results(engine: Engine, since: datetime = START, target: str | None = None) -> list[Result]:
    with engine.connect() as connection:
        return list(read_results(connection, "here", since, target))


def transitions(engine: Engine) -> list[Transition]:
    with engine.connect() as connection:
        return read_transitions(connection, "here", START)


def healths(engine: Engine) -> dict[str, Health]:
    with engine.connect() as connection:
        return read_healths(connection, "here")


def test_a_triple_comes_back_as_it_was(engine: Engine, ids: dict[str, int]) -> None:
    first = triple(ttft_seconds=0.25, output_tokens=16, reused=False)
    assert write(engine, ids, first) == 1
    assert results(engine) == [first.result]
    assert transitions(engine) == [first.transition]
    assert healths(engine) == {"acme/large": first.health}


def test_an_empty_batch_writes_nothing(engine: Engine, ids: dict[str, int]) -> None:
    assert write(engine, ids) == 0


def test_a_replay_changes_nothing(engine: Engine, ids: dict[str, int]) -> None:
    old, new = triple(0, State.DEGRADED), triple(1, State.UP)
    write(engine, ids, old, new)
    assert write(engine, ids, old, new, old) == 0
    assert write(engine, ids, old) == 0
    assert results(engine) == [old.result, new.result]
    assert transitions(engine) == [old.transition, new.transition]
    assert healths(engine) == {"acme/large": new.health}


def test_a_triple_twice_in_one_batch_is_one(engine: Engine, ids: dict[str, int]) -> None:
    once = triple()
    assert write(engine, ids, once, once) == 1
    assert (len(results(engine)), len(transitions(engine))) == (1, 1)


def test_nothing_of_a_second_run_in_a_stored_slot_is_kept(
    engine: Engine, ids: dict[str, int]
) -> None:
    result = make_result()
    first = Triple(result=result, health=believe(result, State.UP))
    write(engine, ids, first)
    other = replace(result, verdict=make_result(Outcome.TIMEOUT).verdict)
    again = Triple(
        result=other, health=believe(other, State.DOWN), transition=change(other, State.DOWN)
    )
    assert write(engine, ids, again) == 0
    assert results(engine) == [result]
    assert transitions(engine) == []
    assert healths(engine) == {"acme/large": first.health}


def test_health_is_that_after_the_last_run_though_the_clock_was_set_back(
    engine: Engine, ids: dict[str, int]
) -> None:
    ahead, corrected = triple(60, State.DOWN), triple(1, State.UP)
    write(engine, ids, ahead)
    assert write(engine, ids, corrected) == 1
    assert healths(engine) == {"acme/large": corrected.health}


def test_a_replay_does_not_turn_health_back(engine: Engine, ids: dict[str, int]) -> None:
    old, new = triple(1, State.DOWN), triple(5, State.UP)
    write(engine, ids, old, new)
    assert write(engine, ids, old) == 0
    assert healths(engine) == {"acme/large": new.health}


def test_health_of_the_same_result_may_change(engine: Engine, ids: dict[str, int]) -> None:
    counted = triple(1)
    write(engine, ids, counted)
    excluded = make_result(Outcome.FILTERED, minute=2)
    assert counted.health is not None
    same = replace(counted.health, reason="still the same result")
    write(engine, ids, Triple(result=excluded, health=same))
    assert healths(engine)["acme/large"] == same


def test_a_run_that_steps_no_health_leaves_none(engine: Engine, ids: dict[str, int]) -> None:
    write(engine, ids, Triple(result=make_result(Outcome.MISSED)))
    assert healths(engine) == {}
    assert transitions(engine) == []


def test_confirm_runs_kinds_targets_and_vantages_are_results_of_their_own(
    engine: Engine, ids: dict[str, int]
) -> None:
    mine = [
        make_result(),
        make_result(confirm=1),
        make_result(kind=Kind.THROUGHPUT),
        make_result(target="b/c"),
    ]
    there = make_result(vantage="there")
    assert write(engine, ids, *(Triple(result=result) for result in [*mine, there])) == 5
    assert results(engine) == mine


def test_results_are_read_in_slot_order_from_an_instant_on(
    engine: Engine, ids: dict[str, int]
) -> None:
    stored = [
        make_result(minute=minute, target=target)
        for minute in (3, 1, 2, 0)
        for target in ("b/c", "acme/large")
    ]
    write(engine, ids, *(Triple(result=result) for result in stored))
    read = results(engine, START + timedelta(minutes=1))
    assert [result.slot_at for result in read] == sorted(result.slot_at for result in read)
    assert len(read) == 6
    assert {result.target for result in results(engine, target="b/c")} == {"b/c"}
    assert results(engine, target="no/such") == []


@pytest.mark.parametrize("target", [None, "acme/large"])
def test_reading_takes_ranges_of_the_key_and_never_the_whole_table(
    engine: Engine, ids: dict[str, int], target: str | None
) -> None:
    write(engine, ids, *(triple(minute) for minute in range(2000)))
    asked: list[tuple[str, Any]] = []
    with engine.connect() as connection:

        @event.listens_for(connection, "before_cursor_execute")
        def hear(_connection: Any, _cursor: Any, query: str, values: Any, *_more: Any) -> None:
            asked.append((query, values))

        list(read_results(connection, "here", START + timedelta(minutes=1990), target))
        query = next(each for each in asked if each[0].startswith("SELECT"))
        told = plan(connection, *query)
    assert re.search(RANGES[engine.dialect.name], told), told
    assert not re.search(r"SCAN result|Seq Scan on result", told), told


RANGES = {
    "sqlite": r"USING PRIMARY KEY \(target_id=\? AND slot_at>\?",
    "postgresql": r"pk_result.*\n *Index Cond: \(\(target_id = target.*\) AND \(slot_at >= ",
}


def plan(connection: Connection, query: str, values: Any) -> str:
    if connection.dialect.name == "sqlite":
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()
        return "\n".join(step.detail for step in steps)
    connection.execute(text("ANALYZE"))
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {query}", values).scalars())


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Triple(result=make_result(target="no/such")), id="an unknown target"),
        pytest.param(
            Triple(result=make_result(slot_at=datetime(2026, 3, 1))),  # noqa: DTZ001
            id="a naive instant",
        ),
        pytest.param(Triple(result=make_result(confirm=None)), id="a key without a part"),
        pytest.param(Triple(result=make_result(reads=2**70)), id="a number that fits nowhere"),
        pytest.param(Triple(result=make_result(finish_reason=5)), id="a number for a text"),
        pytest.param(Triple(result=make_result(started_at="2026")), id="a text for an instant"),
    ],
)
def test_what_can_never_be_stored_is_told_apart_and_leaves_nothing(
    engine: Engine, ids: dict[str, int], broken: Triple
) -> None:
    with pytest.raises(UnwritableError, match="cannot be stored"):
        write(engine, ids, triple(), broken)
    assert results(engine) == []
    assert transitions(engine) == []


def test_a_target_whose_row_is_gone_makes_its_results_unwritable(engine: Engine) -> None:
    with pytest.raises(UnwritableError, match=r"(?i)foreign key"):
        write(engine, {"acme/large": 99}, triple())


def test_the_databases_own_trouble_passes_and_is_told_as_it_is(
    engine: Engine, ids: dict[str, int]
) -> None:
    with engine.begin() as connection:
        tables.result.drop(connection)
    with pytest.raises(DBAPIError, match=r"no such table|does not exist"):
        write(engine, ids, triple())


def test_odd_words_of_a_provider_do_not_cost_the_row(engine: Engine, ids: dict[str, int]) -> None:
    odd = make_result(output_tokens=10**40, request_id="req\0\ud800")
    assert write(engine, ids, Triple(result=odd)) == 1
    (stored,) = results(engine)
    assert (stored.measurement.output_tokens, stored.request_id) == (None, "req?")


def test_a_transition_stands_beside_its_result(engine: Engine, ids: dict[str, int]) -> None:
    write(engine, ids, *(triple(minute) for minute in range(3)))
    change_of, run = tables.transition.c, tables.result.c
    query = (
        select(func.count())
        .select_from(tables.transition)
        .join(
            tables.result,
            (run.target_id == change_of.target_id)
            & (run.slot_at == change_of.slot_at)
            & (run.vantage == change_of.vantage)
            & (run.result_id == change_of.result_id),
        )
    )
    with engine.connect() as connection:
        assert connection.execute(query).scalar_one() == 3
