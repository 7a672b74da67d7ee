"""Values survive the way into either database and back."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import DateTime, Dialect, Integer, make_url

from monitor.store.columns import ForeignCount, ForeignText, Instant

SQLITE: Dialect = make_url("sqlite://").get_dialect()()
POSTGRESQL: Dialect = make_url("postgresql+psycopg://").get_dialect()()
BOTH = [pytest.param(SQLITE, id="sqlite"), pytest.param(POSTGRESQL, id="postgresql")]
ANY_INSTANT = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5.5))]),
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
)


@pytest.mark.parametrize("dialect", BOTH)
@given(at=ANY_INSTANT)
def test_an_instant_comes_back_as_the_same_instant_in_utc(dialect: Dialect, at: datetime) -> None:
    kept = Instant().process_bind_param(at, dialect)
    back = Instant().process_result_value(kept, dialect)
    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


def test_sqlite_keeps_whole_microseconds_since_the_epoch() -> None:
    at = datetime(1970, 1, 2, 0, 0, 0, 7, tzinfo=UTC)
    assert Instant().process_bind_param(at, SQLITE) == 86_400_000_007
    assert isinstance(Instant().load_dialect_impl(SQLITE), Integer)


def test_postgresql_keeps_a_timestamp_with_time_zone() -> None:
    kept = Instant().load_dialect_impl(POSTGRESQL)
    assert isinstance(kept, DateTime)
    assert kept.timezone


@pytest.mark.parametrize("dialect", BOTH)
def test_a_naive_datetime_is_refused(dialect: Dialect) -> None:
    with pytest.raises(ValueError, match="naive"):
        Instant().process_bind_param(datetime(2026, 3, 1), dialect)  # noqa: DTZ001


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("column", [Instant(), ForeignText(), ForeignCount()], ids=repr)
def test_nothing_stays_nothing(dialect: Dialect, column: Any) -> None:
    assert column.process_bind_param(None, dialect) is None
    assert Instant().process_result_value(None, dialect) is None


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        pytest.param("plain", "plain", id="plain words stay"),
        pytest.param("zu viel ⏳", "zu viel ⏳", id="so do other scripts"),
        pytest.param("a\0b", "ab", id="NUL goes"),
        pytest.param("a\ud800b", "a?b", id="half a character is replaced"),
    ],
)
def test_a_providers_words_are_made_storable(given_text: str, kept: str) -> None:
    assert ForeignText().process_bind_param(given_text, SQLITE) == kept


@pytest.mark.parametrize(
    ("given_count", "kept"),
    [
        pytest.param(0, 0, id="zero is a count"),
        pytest.param(2**63 - 1, 2**63 - 1, id="the largest that fits"),
        pytest.param(2**63, None, id="one more measures nothing"),
        pytest.param(-(10**30), None, id="nor does its opposite"),
    ],
)
def test_a_count_beyond_64_bits_is_absent(given_count: int, kept: int | None) -> None:
    assert ForeignCount().process_bind_param(given_count, SQLITE) == kept
