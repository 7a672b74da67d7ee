"""Both databases are told of conflicts in the same words."""

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store import tables
from monitor.store.engine import Engine
from monitor.store.targets import sync_targets
from monitor.store.upsert import execute_many, insert_into, insert_many_into
from tests.factories import make_target
from tests.fakes import START

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_conflict_can_be_passed_over(name: str) -> None:
    insert = insert_into(tables.health, name).on_conflict_do_nothing(
        index_elements=tables.health.primary_key.columns
    )
    text = str(insert.compile(dialect=DIALECTS[name]()))
    assert "ON CONFLICT (target_id, vantage) DO NOTHING" in text


def test_postgresql_gets_a_list_for_each_column_and_numbers_the_rows_itself() -> None:
    insert = insert_many_into(tables.transition, "postgresql")
    text = str(insert.compile(dialect=DIALECTS["postgresql"]()))
    assert text.startswith("INSERT INTO transition (target_id, vantage, at,")
    assert "FROM unnest(" in text


def test_many_rows_are_written_as_the_library_would_write_them(engine: Engine) -> None:
    table = tables.transition
    row = {
        "vantage": "here",
        "at": START,
        "old_state": "up",
        "new_state": "down",
        "reason": "timeout",
        "incident_at": None,
        "slot_at": START,
        "result_id": "1",
    }
    with engine.begin() as connection:
        (target_id,) = sync_targets(connection, [make_target()], START).values()
        given = [row | {"target_id": target_id, "result_id": name} for name in ("1", "2", "2")]
        inserting = insert_many_into(table, engine.dialect.name).on_conflict_do_nothing(
            index_elements=("target_id", "vantage", "result_id")
        )
        counts = [execute_many(connection, inserting, given).rowcount for _ in range(2)]
        found = connection.execute(select(table).order_by(table.c.id)).mappings().all()

    assert counts == [2, 0] or engine.dialect.name != "sqlite"
    assert [dict(each) for each in found] == [
        each | {"id": found[place]["id"]} for place, each in enumerate(given[:2])
    ]
