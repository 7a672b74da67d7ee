"""SQL names agree with Python names, and each field has its column."""

from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import Table

from monitor.model.health import Health, Transition
from monitor.model.outcome import Verdict
from monitor.model.result import Measurement, Result
from monitor.model.target import Target
from monitor.store import tables
from monitor.store.schedules import ScheduleSpan

KEPT_NOWHERE = {
    *("base_url", "headers", "prices", "query", "streams", "signing", "served_by", "deployment"),
    *("context_tokens", "longest_output_tokens"),
}
HELD_BY_ID = {"target", "verdict", "measurement"}


@pytest.mark.parametrize(
    ("noun", "table"),
    [
        pytest.param(Target, tables.target, id="target"),
        pytest.param(Result, tables.result, id="result"),
        pytest.param(Verdict, tables.result, id="verdict"),
        pytest.param(Measurement, tables.result, id="measurement"),
        pytest.param(Health, tables.health, id="health"),
        pytest.param(Transition, tables.transition, id="transition"),
        pytest.param(ScheduleSpan, tables.schedule, id="schedule"),
    ],
)
def test_each_field_has_a_column_of_its_name(noun: Any, table: Table) -> None:
    wanted = {field.name for field in fields(noun)} - KEPT_NOWHERE - HELD_BY_ID
    assert wanted <= set(table.columns.keys())


def test_no_column_can_hold_a_credential() -> None:
    assert not KEPT_NOWHERE & set(tables.target.columns.keys())


def test_the_key_of_a_result_is_what_makes_a_run_unique() -> None:
    key = {column.name for column in tables.result.primary_key}
    assert key == {"target_id", "kind", "vantage", "slot_at", "confirm"}


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_each_duration_instant_and_share_tells_its_unit(table: Table) -> None:
    units = {"DOUBLE": ("_seconds", "_per_second", "_usd"), "INSTANT": ("_at", "at")}
    for column in table.columns:
        kind = type(column.type).__name__.upper()
        assert kind not in units or column.name.endswith(units[kind])
