"""The one seam between the dialects: both know ON CONFLICT, each under its own import."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    CursorResult,
    Executable,
    Table,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can say what happens on a conflict.

    Args:
        table: Where to.
        dialect: `connection.dialect.name`; whatever is not SQLite is PostgreSQL.
    """
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_many_into(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT as `insert_into` does, for `execute_many`.

    PostgreSQL gets one list a column, however many rows there are: the statement stays the
    same, is prepared once, and takes a third of the time that a list of rows takes.
    """
    if dialect == "sqlite":
        return sqlite.insert(table)
    filled = _filled(table)
    lists = (bindparam(_list_of(each.name), type_=ARRAY(each.type)) for each in filled)
    names = (column(each.name, each.type) for each in filled)
    rows = func.unnest(*lists).table_valued(*names, name="given").render_derived()
    return postgresql.insert(table).from_select([each.name for each in filled], select(*rows.c))


def execute_many(
    connection: Connection,
    insert: Executable,
    rows: Sequence[Mapping[str, Any]],
) -> CursorResult[Any]:
    """Execute what `insert_many_into` began.

    Args:
        connection: In a transaction.
        insert: The statement.
        rows: At least one; each with all columns of the table, but those that number themselves.
    """
    if connection.dialect.name == "sqlite":
        return connection.execute(insert, rows)
    return connection.execute(insert, {_list_of(n): [row[n] for row in rows] for n in rows[0]})


def _filled(table: Table) -> list[Column[Any]]:
    return [each for each in table.columns if each is not table.autoincrement_column]


def _list_of(name: str) -> str:
    return f"list_of_{name}"
