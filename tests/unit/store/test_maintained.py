"""Single hours of single targets, as they were folded."""

from datetime import timedelta

from monitor.model.outcome import Outcome
from monitor.model.triple import Triple
from monitor.store.engine import open_engine
from monitor.store.maintained import read_hours_alone
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START

HOUR = timedelta(hours=1)
KEYS = ("a/x", "b/y")


def test_only_the_hours_that_are_asked_for_are_read_each_of_its_target(
    migrated_database: str,
) -> None:
    engine = open_engine(migrated_database)
    runs = [
        make_result(outcome, minute=60 * hour + minute, target=key)
        for key in KEYS
        for hour in range(3)
        for minute, outcome in enumerate((Outcome.OK, Outcome.TIMEOUT, Outcome.RATE_LIMITED))
    ]
    with engine.begin() as connection:
        ids = sync_targets(connection, map(make_target, KEYS), START - HOUR)
        write_triples(connection, ids, [Triple(result=each) for each in runs])
        fold_due(connection, START + 4 * HOUR, limit=1000)

        asked = {"a/x": [START, START + HOUR], "b/y": [START + 2 * HOUR]}
        told = read_hours_alone(connection, "here", asked)
        elsewhere = read_hours_alone(connection, "there", asked)
        none = read_hours_alone(connection, "here", {"a/x": []})
    engine.dispose()

    first = START.timestamp()
    assert sorted(told["a/x"]) == [(first, 1, 2), (first + 3600, 1, 2)]
    assert told["b/y"] == [(first + 7200, 1, 2)]
    assert (dict(elsewhere), dict(none)) == ({}, {})
