"""Instants and spans, as they are asked for and as they are meant."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from monitor.export.queries import Moment, SeriesQuery, is_over, series_stretch
from monitor.health.buckets import DAY, HOUR
from monitor.model.retention import Retention
from tests.fakes import START

MIDNIGHT = START.replace(hour=0)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("2026-03-01T12:00:00Z", START, id="UTC"),
        pytest.param("2026-03-01T12:00:00", START, id="without a zone"),
        pytest.param("2026-03-01T14:00:00+02:00", START, id="another zone"),
        pytest.param("2026-03-01T14:00:00 02:00", START, id="a plus that was lost"),
        pytest.param("2026-03-01T14:00 0200", START, id="a shorter one"),
        pytest.param("2026-03-01", MIDNIGHT, id="a date"),
        pytest.param("1772366400", START, id="seconds since the epoch"),
        pytest.param("1999-12-31T23:59:59Z", None, id="too long ago"),
        pytest.param("2200-01-01T00:00:00Z", None, id="too far away"),
        pytest.param("9999-12-31T23:59:59-14:00", None, id="beyond the calendar"),
        pytest.param("yesterday", None, id="a word"),
    ],
)
def test_instants_are_read(text: str, meant: datetime | None) -> None:
    read = TypeAdapter(Moment).validate_python
    if meant is None:
        with pytest.raises(ValidationError):
            read(text)
    else:
        assert read(text) == meant
        assert read(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("retention", "begin_at"),
    [
        pytest.param(Retention(), MIDNIGHT - 400 * DAY, id="for ever"),
        pytest.param(Retention(daily_days=100), MIDNIGHT - 100 * DAY, id="a hundred days"),
    ],
)
def test_a_series_begins_with_what_is_kept(retention: Retention, begin_at: datetime) -> None:
    asked = SeriesQuery.model_validate({"from": MIDNIGHT - 400 * DAY})

    stretch = series_stretch(asked, START, retention)

    assert stretch == (begin_at, MIDNIGHT + DAY)


def test_a_day_by_hour_is_told_unless_asked_otherwise() -> None:
    stretch = series_stretch(SeriesQuery(by="hour"), START + HOUR / 2, Retention())

    assert stretch == (START - DAY, START + HOUR)


def test_what_ended_hours_ago_is_over() -> None:
    assert not is_over(START, START + 2 * HOUR)
    assert is_over(START, START + 3 * HOUR)
