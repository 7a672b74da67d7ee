"""Both databases are told of conflicts in the same words."""

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store import tables
from monitor.store.upsert import insert_into, insert_many_into

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
