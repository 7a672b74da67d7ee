"""The target table follows the configuration and forgets nobody."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from monitor.model.target import Target
from monitor.store import tables
from monitor.store.engine import Engine
from monitor.store.schedules import sync_schedule
from monitor.store.targets import read_providers, read_target_ids, sync_targets
from tests.factories import make_probe, make_target
from tests.fakes import START

LATER = START + timedelta(days=1)


def sync(engine: Engine, *targets: Target, now: Any = START, **given: Any) -> dict[str, int]:
    with engine.begin() as connection:
        return sync_targets(connection, targets, now, **given)


def row_of(engine: Engine, key: str) -> dict[str, Any]:
    query = select(tables.target).where(tables.target.c.key == key)
    with engine.connect() as connection:
        return dict(connection.execute(query).mappings().one())


def test_a_new_target_gets_a_row_with_what_describes_it(engine: Engine) -> None:
    target = make_target("acme/large@eu", region="eu", base_url="https://eu.acme.test/v1")
    ids = sync(engine, replace(target, simulated=True))
    assert row_of(engine, "acme/large@eu") == {
        "id": ids["acme/large@eu"],
        "key": "acme/large@eu",
        "provider": "acme",
        "model": "large",
        "group": "acme/large",
        "region": "eu",
        "dialect": "openai_chat",
        "host": "eu.acme.test",
        "simulated": True,
        "first_seen_at": START,
        "retired_at": None,
    }


def test_an_identity_outlives_its_labels(engine: Engine) -> None:
    first = sync(engine, make_target("a/b"))
    second = sync(engine, make_target("a/b", region="moved"), now=LATER)
    assert first == second
    row = row_of(engine, "a/b")
    assert (row["region"], row["first_seen_at"]) == ("moved", START)


def test_a_target_no_longer_listed_is_retired_once_and_keeps_its_id(engine: Engine) -> None:
    ids = sync(engine, make_target("a/b"), make_target("c/d"))
    assert sync(engine, make_target("a/b"), now=LATER) == ids
    sync(engine, make_target("a/b"), now=LATER + timedelta(days=1))
    assert row_of(engine, "c/d")["retired_at"] == LATER
    assert row_of(engine, "a/b")["retired_at"] is None


def test_a_target_that_comes_back_is_the_old_one(engine: Engine) -> None:
    ids = sync(engine, make_target("a/b"))
    sync(engine, now=LATER)
    assert sync(engine, make_target("a/b"), now=LATER) == ids
    row = row_of(engine, "a/b")
    assert (row["first_seen_at"], row["retired_at"]) == (START, None)


def test_a_target_that_a_list_may_still_name_is_not_retired(engine: Engine) -> None:
    keys = ("gate/lab/large@acme", "gate/lab/larger@acme", "gate/lab/large")
    sync(engine, *(make_target(key) for key in keys))

    sync(engine, now=LATER, awaited=("gate/lab/large@", "gate/lab/none@"))

    retired = {key: row_of(engine, key)["retired_at"] for key in keys}
    assert retired == dict.fromkeys(keys, LATER) | {"gate/lab/large@acme": None}


def test_a_target_that_was_retired_stays_so_until_a_list_names_it(engine: Engine) -> None:
    sync(engine, make_target("gate/lab/large@acme"))
    sync(engine, now=LATER)

    sync(engine, now=LATER + timedelta(days=1), awaited=("gate/lab/large@",))

    assert row_of(engine, "gate/lab/large@acme")["retired_at"] == LATER


def test_the_provider_of_a_target_is_known_after_it_went(engine: Engine) -> None:
    sync(engine, make_target("a/b"), make_target("c/d"))
    sync(engine, make_target("a/b"), now=LATER)

    with engine.connect() as connection:
        assert read_providers(connection) == {"a/b": "a", "c/d": "c"}


def probe_from(engine: Engine, vantage: str, *keys: str, now: datetime = START) -> None:
    """Do what a daemon does with its configuration."""
    with engine.begin() as connection:
        targets = [make_target(key) for key in keys]
        sync_targets(connection, targets, now, vantage=vantage)
        sync_schedule(connection, [make_probe(key) for key in keys], vantage, now)


def test_a_target_that_another_vantage_probes_is_not_retired(engine: Engine) -> None:
    probe_from(engine, "here", "a/b", "c/d")
    probe_from(engine, "there", "c/d", "e/f")

    probe_from(engine, "here", "a/b", now=LATER)

    assert {key: row_of(engine, key)["retired_at"] for key in ("a/b", "c/d", "e/f")} == {
        "a/b": None,
        "c/d": None,
        "e/f": None,
    }


def test_a_target_retires_with_the_last_vantage_that_drops_it(engine: Engine) -> None:
    probe_from(engine, "here", "a/b")
    probe_from(engine, "there", "a/b")

    probe_from(engine, "there", now=LATER)
    assert row_of(engine, "a/b")["retired_at"] is None

    probe_from(engine, "here", now=LATER)
    assert row_of(engine, "a/b")["retired_at"] == LATER


def test_without_targets_there_are_no_ids(engine: Engine) -> None:
    assert sync(engine) == {}
    with engine.connect() as connection:
        assert read_target_ids(connection) == {}
