"""Column types that mean the same in SQLite and in PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST_BIGINT = 2**63 - 1


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, exact to the microsecond.

    SQLite keeps whole microseconds since the epoch as an integer, PostgreSQL a `timestamptz`.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int] | TypeEngine[datetime]:
        """Choose what the database keeps."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | datetime | None:
        """Turn an instant into what the database keeps.

        Raises:
            ValueError: The datetime is naive, so nobody knows which instant it means.
        """
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} is naive: an instant needs its time zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: int | datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Turn what the database kept into an aware UTC datetime."""
        del dialect
        if isinstance(value, int):
            return _EPOCH + timedelta(microseconds=value)
        return None if value is None else value.astimezone(UTC)


class ForeignText(TypeDecorator[str]):
    """Text in a provider's words, made storable.

    Lone surrogates (no UTF-8) become `?` and NUL (refused by PostgreSQL) goes, because a
    provider's odd words must not cost us the row.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        del dialect
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "").encode(errors="replace").decode()


class ForeignCount(TypeDecorator[int]):
    """A count as a provider tells it; one beyond 64 bits measures nothing, so it is absent."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Drop what no integer column can hold."""
        del dialect
        return None if value is None or abs(value) > _LARGEST_BIGINT else value
