"""Moves all that is kept from one database to another, of whichever kind, whole or not at all."""

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, Table, exists, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from monitor.store.errors import StoreError
from monitor.store.location import where
from monitor.store.postgresql import unhurried
from monitor.store.tables import metadata
from monitor.store.telling import told

#: Rows that are read, and in SQLite written, at a time.
_PAGE = 2000


def count_rows(source: Engine) -> int:
    """Count what there is to copy; a daemon that goes on writing may add to it.

    Raises:
        StoreError: The database is lost.
    """
    try:
        with source.connect() as connection:
            unhurried(connection)
            tables = metadata.sorted_tables
            counts = (select(func.count()).select_from(table) for table in tables)
            return sum(connection.execute(count).scalar_one() for count in counts)
    except DBAPIError as error:
        raise told(
            error, "Nothing could be counted", source.url, "Check that it answers"
        ) from error


def transfer(
    source: Engine,
    destination: Engine,
    on_table: Callable[[str, int], None],
    on_rows: Callable[[int], None] = lambda _rows: None,
) -> None:
    """Copy every row, in one transaction; a daemon may go on writing to the source meanwhile.

    What it writes after the start is not copied.

    Args:
        source: Of `open_reader`.
        destination: Of `open_engine`, with the tables of this version and without a row.
        on_table: Told after each table its name and how many rows it has.
        on_rows: Told now and then how many rows more were written.

    Raises:
        StoreError: The destination holds something, or one of them failed; nothing was copied.
    """
    try:
        with source.connect() as reading, destination.begin() as writing:
            unhurried(reading)
            _be_alone(writing)
            for table in metadata.sorted_tables:
                on_table(table.name, _copy(table, reading, writing, on_rows))
    except DBAPIError as error:
        remedy = "Nothing was copied; check that both can be reached, and the room on the disk"
        raise told(error, "The copy was given up", destination.url, remedy) from error
    if destination.dialect.name == "postgresql":
        with destination.begin() as connection:
            unhurried(connection)
            connection.execute(text("ANALYZE"))


def _be_alone(connection: Connection) -> None:
    unhurried(connection)
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in metadata.tables)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
    for table in metadata.sorted_tables:
        if connection.execute(select(exists(select(table)))).scalar_one():
            raise StoreError(
                f"The database to copy to holds something already, in its table {table.name}",
                where=where(connection.engine.url),
                remedy="Name one that is empty or does not exist",
            )


def _copy(
    table: Table, reading: Connection, writing: Connection, on_rows: Callable[[int], None]
) -> int:
    found = reading.execute(select(table), execution_options={"yield_per": _PAGE})
    copied = 0
    if writing.dialect.name == "postgresql":
        copied = _stream(table, found, writing, on_rows)
        _advance(table, writing)
    else:
        for page in found.mappings().partitions():
            writing.execute(insert(table), [dict(row) for row in page])
            copied += len(page)
            on_rows(len(page))
    kept = writing.execute(select(func.count()).select_from(table)).scalar_one()
    if kept != copied:
        raise StoreError(
            f"Of {copied} rows of the table {table.name}, {kept} arrived",
            where=where(writing.engine.url),
            remedy="Nothing was copied; keep other programs away from it and try again",
        )
    return copied


def _stream(
    table: Table,
    rows: Iterable[Row[Any]],
    connection: Connection,
    on_rows: Callable[[int], None],
) -> int:
    """Write rows with COPY, several times as fast as INSERT."""
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    given = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    copied = 0
    with (
        closing(connection.connection.cursor()) as cursor,
        cast("Any", cursor).copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([to(v) if to else v for to, v in zip(given, row, strict=True)])
            copied += 1
            if copied % _PAGE == 0:
                on_rows(_PAGE)
    on_rows(copied % _PAGE)
    return copied


def _advance(table: Table, connection: Connection) -> None:
    """Let the table number on behind the highest number that was copied."""
    for column in table.primary_key.columns:
        sequence = func.pg_get_serial_sequence(func.quote_ident(table.name), column.name)
        if connection.execute(select(sequence)).scalar_one():
            highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, highest, False)))
