"""The first and the last failing run of an incident."""

from datetime import timedelta

import pytest

from monitor.model.incident import Incident
from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from monitor.store.engine import Engine
from monitor.store.failures import count_failures, read_failures
from tests.factories import make_result
from tests.fakes import START
from tests.unit.store.test_rollups import KEY, write

BAD = (5, 6, 7, 9)


def incident(end_minute: int | None) -> Incident:
    return Incident(
        id=1,
        target=KEY,
        vantage="here",
        begin_at=START + timedelta(minutes=5),
        known_at=START + timedelta(minutes=7),
        end_at=None if end_minute is None else START + timedelta(minutes=end_minute),
        is_open=end_minute is None,
        reason="timeout",
        rule=None,
        http_status=None,
        provider_code=None,
        message=None,
        result_id="0" * 12,
    )


@pytest.mark.parametrize(("end", "last"), [(8, 7), (10, 9), (None, 9)])
def test_the_runs_of_an_incident_are_found(engine: Engine, end: int | None, last: int) -> None:
    write(engine, make_result(Outcome.TIMEOUT, minute=1))
    write(
        engine,
        *(make_result(Outcome.TIMEOUT if n in BAD else Outcome.OK, minute=n) for n in range(2, 12)),
        make_result(Outcome.RATE_LIMITED, minute=9.5),
        make_result(Outcome.TIMEOUT, minute=9.5, kind=Kind.THROUGHPUT),
        make_result(Outcome.TIMEOUT, minute=9.6, target="b/c"),
        make_result(Outcome.TIMEOUT, minute=9.7, vantage="there"),
    )

    with engine.connect() as connection:
        found = read_failures(connection, incident(end), START + timedelta(minutes=20))

    assert found.first == make_result(Outcome.TIMEOUT, minute=5)
    assert found.last == make_result(Outcome.TIMEOUT, minute=last)


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        (8, {"timeout": 2, "overloaded": 1}),
        (None, {"timeout": 3, "overloaded": 1}),
    ],
)
def test_the_runs_of_an_incident_are_counted_by_outcome(
    engine: Engine, end: int | None, counts: dict[str, int]
) -> None:
    write(
        engine,
        make_result(Outcome.TIMEOUT, minute=1),
        make_result(Outcome.OVERLOADED, minute=5),
        make_result(Outcome.TIMEOUT, minute=6),
        make_result(Outcome.TIMEOUT, minute=6, confirm=1),
        make_result(Outcome.OK, minute=7),
        make_result(Outcome.RATE_LIMITED, minute=7.5),
        make_result(Outcome.TIMEOUT, minute=9),
    )

    with engine.connect() as connection:
        found = count_failures(connection, incident(end), START + timedelta(minutes=20))

    assert [*found.items()] == [*counts.items()]


def test_runs_that_were_pruned_are_not_made_up(engine: Engine) -> None:
    with engine.connect() as connection:
        assert read_failures(connection, incident(None), START) == (None, None)
        assert count_failures(connection, incident(None), START) == {}
