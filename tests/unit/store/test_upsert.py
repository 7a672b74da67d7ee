"""Both databases are told of conflicts in the same words."""

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from monitor.store import tables
from monitor.store.upsert import insert_into

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_conflict_can_be_passed_over(name: str) -> None:
    insert = insert_into(tables.health, name).on_conflict_do_nothing(
        index_elements=tables.health.primary_key.columns
    )
    text = str(insert.compile(dialect=DIALECTS[name]()))
    assert "ON CONFLICT (target_id, vantage) DO NOTHING" in text
