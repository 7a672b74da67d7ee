"""Incidents are what the transitions say: when a target went down, and when it left that."""

from datetime import timedelta

from monitor.model.health import State, Transition
from monitor.model.incident import Incident
from monitor.model.outcome import Outcome
from monitor.model.triple import Triple
from monitor.store.engine import Engine
from monitor.store.incidents import read_incidents
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START

STATES = {"u": State.UP, "d": State.DOWN, "r": State.RECOVERING, "b": State.BLOCKED}


def live(engine: Engine, story: str, target: str = "acme/large", vantage: str = "here") -> None:
    """Go through states, one each ten minutes; who goes down has failed for five."""
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target("acme/large"), make_target("b/c")], START)
        for number, (old, new) in enumerate(zip("u" + story, story, strict=False)):
            outcome = Outcome.TIMEOUT if new == "d" else Outcome.OK
            run = make_result(outcome, minute=10 * number, target=target, vantage=vantage)
            change = Transition(
                target=target,
                vantage=vantage,
                at=run.at,
                old_state=STATES[old],
                new_state=STATES[new],
                reason=outcome.value,
                incident_at=run.at - timedelta(minutes=5) if new == "d" else None,
                result_id=run.id,
            )
            write_triples(connection, ids, [Triple(result=run, transition=change)])


def read(
    engine: Engine, limit: int = 100, target: str | None = None, before: int | None = None
) -> list[Incident]:
    with engine.connect() as connection:
        return read_incidents(connection, "here", limit, target, before)


def test_each_stay_in_down_is_an_incident(engine: Engine) -> None:
    live(engine, "udrdbdu")

    found = read(engine)

    minutes = [
        (each.begin_at, each.known_at, each.end_at, each.is_open) for each in reversed(found)
    ]
    assert minutes == [
        (
            START + timedelta(minutes=10 * number - 5),
            START + timedelta(minutes=10 * number),
            START + timedelta(minutes=10 * number + 10),
            False,
        )
        for number in (1, 3, 5)
    ]


def test_targets_and_vantages_do_not_end_each_others_incidents(engine: Engine) -> None:
    live(engine, "d")
    live(engine, "du", target="b/c")
    live(engine, "du", vantage="there")

    ended, still = read(engine)

    assert (ended.target, ended.is_open) == ("b/c", False)
    assert (still.target, still.is_open, still.end_at) == ("acme/large", True, None)
    assert read(engine, target="b/c") == [ended]
    assert read(engine, before=ended.id) == [still]
    assert read(engine, limit=1) == [ended]
    assert read(engine, target="no/one") == []


def test_an_incident_of_a_target_that_is_probed_no_more_says_since_when(engine: Engine) -> None:
    gone_at = START + timedelta(hours=1)
    live(engine, "dud")
    with engine.begin() as connection:
        sync_targets(connection, [make_target("b/c")], gone_at)

    last, first = read(engine)

    assert (last.is_open, last.end_at, last.retired_at) == (False, None, gone_at)
    assert (first.is_open, first.retired_at) == (False, None)  # it had ended before


def test_no_incident_without_an_outage(engine: Engine) -> None:
    live(engine, "ubu")

    assert read(engine) == []
