"""Columns of `result` that a database from before the first release lacks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_LATER = ("dns_seconds", "first_byte_seconds", "headers_seconds", "observation_delay_seconds")


def upgrade() -> None:
    """Add what is missing; a database of a release lacks nothing."""
    if op.get_context().as_sql:
        return
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("result")}
    for name in _LATER:
        if name not in there:
            op.add_column("result", sa.Column(name, sa.Double))


def downgrade() -> None:
    """Keep the columns: the first release has them."""
