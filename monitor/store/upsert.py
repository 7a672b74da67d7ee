"""The one seam between the dialects: both know ON CONFLICT, each under its own import."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can say what happens on a conflict.

    Args:
        table: Where to.
        dialect: `connection.dialect.name`; whatever is not SQLite is PostgreSQL.
    """
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
