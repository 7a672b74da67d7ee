"""What a database holds: rows, bytes and the oldest instant, by table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from monitor.store import tables
from monitor.store.columns import Instant
from monitor.store.postgresql import unhurried
from monitor.store.telling import told

#: Of each table, the column that tells how old a row is, where it is not the first instant.
_AGE = {"health": "last_result_at"}

#: By the number of pages: the bytes of a tree beyond 2 GiB are told as a negative number.
_SQLITE_SIZES = """
SELECT m.tbl_name, sum(s.pageno) * (SELECT page_size FROM pragma_page_size)
FROM dbstat AS s JOIN sqlite_schema AS m ON m.name = s.name
WHERE s.aggregate = TRUE GROUP BY m.tbl_name
"""
#: A table that was divided is as large as its partitions.
_POSTGRESQL_SIZES = """
SELECT c.relname, coalesce(
    (SELECT sum(pg_total_relation_size(part.relid)) FROM pg_partition_tree(c.oid) AS part),
    pg_total_relation_size(c.oid)
)
FROM pg_class AS c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInfo:
    """What one table holds.

    Attributes:
        table: Its name.
        rows: How many rows.
        bytes: What they take on disk, with their indexes; None where the database cannot tell.
        oldest_at: The instant of the oldest row; None where rows have no age, or without rows.
    """

    table: str
    rows: int
    bytes: int | None
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What a database holds.

    Attributes:
        tables: Table by table.
        bytes: The whole of it on disk, with SQLite's write-ahead log.
        free_bytes: Of that, what SQLite will fill again before its file grows; None elsewhere.
    """

    tables: tuple[TableInfo, ...]
    bytes: int
    free_bytes: int | None


def take_inventory(engine: Engine) -> Inventory:
    """Count everything, in one transaction that only reads; takes seconds for millions of rows.

    Raises:
        StoreError: The database is lost.
    """
    try:
        return _take_inventory(engine)
    except DBAPIError as error:
        remedy = "Check that it can be reached"
        raise told(error, "Not all could be counted", engine.url, remedy) from error


def _take_inventory(engine: Engine) -> Inventory:
    with engine.connect().execution_options(begin="BEGIN") as connection:
        unhurried(connection)
        is_sqlite = connection.dialect.name == "sqlite"
        sizes = _sqlite_sizes(connection) if is_sqlite else _sizes(connection, _POSTGRESQL_SIZES)
        infos = tuple(_info(connection, table, sizes) for table in tables.metadata.sorted_tables)
        if not is_sqlite:
            whole = connection.execute(text("SELECT pg_database_size(current_database())"))
            return Inventory(tables=infos, bytes=whole.scalar_one(), free_bytes=None)
        pages = connection.execute(text("PRAGMA freelist_count")).scalar_one()
        page = connection.execute(text("PRAGMA page_size")).scalar_one()
        return Inventory(tables=infos, bytes=_on_disk(engine), free_bytes=pages * page)


def _info(connection: Connection, table: Table, sizes: Mapping[str, int]) -> TableInfo:
    instants = [column.name for column in table.columns if isinstance(column.type, Instant)]
    age = _AGE.get(table.name, instants[0] if instants else None)
    oldest = (func.min(table.c[age]),) if age else ()
    rows, *oldest_at = connection.execute(select(func.count(), *oldest).select_from(table)).one()
    return TableInfo(
        table=table.name,
        rows=rows,
        bytes=sizes.get(table.name),
        oldest_at=oldest_at[0] if oldest_at else None,
    )


def _sqlite_sizes(connection: Connection) -> dict[str, int]:
    try:
        return _sizes(connection, _SQLITE_SIZES)
    except OperationalError:  # SQLite was built without the table that tells
        return {}


def _sizes(connection: Connection, query: str) -> dict[str, int]:
    return {name: int(size) for name, size in connection.execute(text(query))}


def _on_disk(engine: Engine) -> int:
    file = Path(engine.url.database or "").absolute()
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
