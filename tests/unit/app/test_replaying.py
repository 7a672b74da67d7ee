"""Whose settings a replay compares with, and how long it believes a state."""

from dataclasses import replace

import pytest

from monitor.app.replaying import Replayed, Wanted, replay_each
from monitor.config.settings import Discovery, Settings
from monitor.model.outcome import Outcome
from monitor.model.policy import HealthPolicy
from monitor.model.triple import Triple
from monitor.store.engine import open_engine
from monitor.store.results import write_triples
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_result
from tests.fakes import START

WANTED = Wanted(since=START, changes={}, false_below_seconds=120.0)
KEY = "router/acme/large@cloud"


def replayed(database: str, settings: Settings | None, interval_seconds: float = 60.0) -> Replayed:
    """Replay three failures, and one an hour later, of a target that a gateway listed."""
    engine = open_engine(database)
    probe = make_probe(KEY, interval_seconds=interval_seconds)
    runs = [
        make_result(Outcome.SERVER_ERROR, minute=minute, target=KEY) for minute in (0, 1, 2, 62)
    ]
    with engine.begin() as connection:
        ids = sync_targets(connection, [probe.target], START)
        sync_schedule(connection, [probe], "here", START)
        write_triples(connection, ids, [Triple(result=each) for each in runs])
    (found,) = replay_each(engine, settings, WANTED)
    engine.dispose()
    return found


def test_what_a_gateway_listed_has_the_settings_of_its_model(migrated_database: str) -> None:
    template = make_probe("router/acme/large", policy=HealthPolicy(failures=2))
    template = replace(template, target=replace(template.target, model="acme/large"))
    listing = Discovery(
        kind="openrouter",
        provider="router",
        model="acme/large",
        base_url="http://127.0.0.1:1/v1",
        templates=(template,),
    )

    found = replayed(migrated_database, Settings(probes=(), discoveries=(listing,)))

    assert found.is_configured
    assert found.figures[0].detection_median_seconds == 60


@pytest.mark.parametrize("settings", [None, Settings(probes=())], ids=["no file", "not in it"])
def test_what_no_configuration_names_has_the_usual_ones(
    migrated_database: str, settings: Settings | None
) -> None:
    found = replayed(migrated_database, settings)

    assert not found.is_configured
    assert found.figures[0].detection_median_seconds == 120


@pytest.mark.parametrize(("interval", "seconds"), [(60, 180), (300, 900)])
def test_a_state_is_believed_for_three_of_its_intervals(
    migrated_database: str, interval: float, seconds: float
) -> None:
    found = replayed(migrated_database, None, interval)

    assert found.figures[0].down_seconds == seconds
