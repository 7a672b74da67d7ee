"""What the store still knows after a restart, of targets that were listed and those to come."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from monitor.app.parts import memories_of
from monitor.app.persistence import Persistence, open_persistence, replace_probes, warm
from monitor.config.settings import Discovery, Settings
from monitor.model.health import Health, State
from monitor.model.target import Probe
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.errors import StoreError
from monitor.store.location import where
from monitor.store.schedules import read_schedule
from tests.databases import impatient, locked
from tests.factories import make_probe, make_result
from tests.fakes import START

OWN = make_probe("own/model")
TEMPLATE = make_probe("gate/lab/large")
ACME, BOLT = (make_probe(f"gate/lab/large@{tag}") for tag in ("acme", "bolt"))
GATE = Discovery(
    kind="openrouter",
    provider="gate",
    model="lab/large",
    base_url="http://127.0.0.1:1/v1",
    templates=(TEMPLATE,),
)
RESTARTED = START + timedelta(hours=1)
Open = Callable[..., Persistence]


@pytest.fixture
def database(migrated_database: str) -> str:
    return migrated_database


@pytest.fixture
def opened(database: str) -> Iterator[Open]:
    stores: list[Persistence] = []

    def start(at: datetime, *discoveries: Discovery, url: str = database) -> Persistence:
        settings = Settings(
            probes=(OWN,),
            discoveries=discoveries,
            vantage="here",
            database=url,
        )
        stores.append(open_persistence(settings, at))
        return stores[-1]

    yield start
    for each in stores:
        each.engine.dispose()


def live(start: Open, *probes: Probe) -> None:
    """Let a daemon find *probes* beside its own and run each twice, at 2 dollars a run."""
    store = start(START, GATE)
    replace_probes(store, (OWN, *probes), "here", START)
    store.write(
        [
            Triple(
                result=make_result(target=probe.target.key, minute=minute, cost_usd=2.0),
                health=Health(state=State.UP, ever_worked=True),
            )
            for probe in (OWN, *probes)
            for minute in (1, 2)
        ]
    )


def retired(store: Persistence) -> dict[str, datetime | None]:
    with store.engine.connect() as connection:
        rows = connection.execute(select(tables.target.c.key, tables.target.c.retired_at))
        return {key: at for key, at in rows}  # noqa: C416 - mypy: dict() knows no Row


def span_ends(store: Persistence) -> dict[str, datetime | None]:
    with store.engine.connect() as connection:
        return {each.target: each.valid_to_at for each in read_schedule(connection, "here")}


def test_a_restart_takes_no_listed_target_away(opened: Open) -> None:
    live(opened, ACME, BOLT)

    store = opened(RESTARTED, GATE)

    keys = ("own/model", "gate/lab/large@acme", "gate/lab/large@bolt")
    assert retired(store) == dict.fromkeys(keys)
    assert span_ends(store) == dict.fromkeys(keys)


def test_the_first_list_takes_away_what_it_does_not_name(opened: Open) -> None:
    live(opened, ACME, BOLT)
    store = opened(RESTARTED, GATE)
    at = RESTARTED + timedelta(minutes=5)

    replace_probes(store, (OWN, ACME), "here", at)

    wanted = {"own/model": None, "gate/lab/large@acme": None, "gate/lab/large@bolt": at}
    assert retired(store) == span_ends(store) == wanted


def test_the_list_of_one_model_takes_nothing_from_another(opened: Open) -> None:
    live(opened, ACME, BOLT)
    store = opened(RESTARTED, GATE)

    replace_probes(
        store, (OWN, make_probe("gate/lab/small@acme")), "here", RESTARTED, ("gate/lab/large@",)
    )

    assert set(retired(store).values()) == {None}


def test_an_order_to_look_that_was_withdrawn_takes_its_targets_away_at_the_start(
    opened: Open,
) -> None:
    live(opened, ACME)

    store = opened(RESTARTED)

    wanted = {"own/model": None, "gate/lab/large@acme": RESTARTED}
    assert retired(store) == span_ends(store) == wanted


def test_a_listed_target_begins_where_it_ended_before_the_restart(opened: Open) -> None:
    live(opened, ACME)
    store = replace_probes(opened(RESTARTED, GATE), (OWN, ACME), "here", RESTARTED)
    memories = memories_of([ACME], store, RESTARTED)

    assert warm(store, memories, "here", RESTARTED) == 2

    view = memories[ACME.target.key].view(RESTARTED)
    assert view.health.state is State.UP
    assert view.windows["24h"].valid == 2
    assert view.last_probe_at == START + timedelta(minutes=2)
    assert view.windows["24h"].coverage_ratio == pytest.approx(2 / 60, rel=0.05)


def test_a_target_that_nobody_ran_has_nothing_to_begin_with(opened: Open) -> None:
    store = opened(START, GATE)
    assert warm(store, memories_of([ACME], store, START), "here", START) == 0


@pytest.mark.parametrize(
    ("restarted_at", "discoveries", "spent"),
    [
        pytest.param(RESTARTED, (GATE,), {"own": 4.0, "gate": 8.0}, id="on the same day"),
        pytest.param(RESTARTED, (), {"own": 4.0, "gate": 8.0}, id="no longer asked for"),
        pytest.param(START + timedelta(hours=13), (GATE,), {}, id="on the next day"),
    ],
)
def test_what_listed_targets_cost_today_counts_from_the_start(
    opened: Open,
    restarted_at: datetime,
    discoveries: tuple[Discovery, ...],
    spent: dict[str, float],
) -> None:
    live(opened, ACME, BOLT)

    assert opened(restarted_at, *discoveries).spending.by_provider == spent


def test_a_locked_store_takes_nothing_and_is_told_in_words(opened: Open, database: str) -> None:
    store = opened(START, GATE, url=impatient(database))
    before = dict(store.target_ids)

    with locked(database), pytest.raises(StoreError, match="lock") as caught:
        replace_probes(store, (OWN, ACME), "here", START)

    assert caught.value.where == where(store.engine.url)
    assert store.target_ids == before
    assert replace_probes(store, (OWN, ACME), "here", START).target_ids.keys() > before.keys()


def test_reading_back_waits_for_nobody_who_writes(opened: Open, database: str) -> None:
    live(opened, ACME)
    store = opened(RESTARTED, GATE, url=impatient(database))
    memories = memories_of([ACME], store, RESTARTED)

    with locked(database):
        assert warm(store, memories, "here", RESTARTED) == 2


def test_a_store_that_is_lost_is_told_in_words(opened: Open) -> None:
    store = opened(START, GATE)
    with store.engine.begin() as connection:
        tables.metadata.drop_all(connection)

    with pytest.raises(StoreError, match=r"no such table|does not exist"):
        replace_probes(store, (OWN, ACME), "here", START)
    with pytest.raises(StoreError, match=r"no such table|does not exist"):
        warm(store, memories_of([ACME], store, START), "here", START)
