"""What the states recovering and blocked, slowness and holds are resumed from."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import Instant

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns; what is known of a target holds on, and nothing of it is in doubt."""
    for column in _columns():
        op.add_column("health", column)


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("health") as batch:
        for column in reversed(_columns()):
            batch.drop_column(column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("consecutive_blocked", sa.Integer, nullable=False, server_default="0"),
        sa.Column("working_since_at", Instant),
        sa.Column("blocked_from", sa.Text),
        sa.Column("is_throttled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("is_slow", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("slow_streak", sa.Integer, nullable=False, server_default="0"),
        sa.Column("recovered", sa.Integer, nullable=False, server_default="0"),
        sa.Column("history_since_at", Instant),
        sa.Column("hold_seconds", sa.Double),
        sa.Column("hold_until_at", Instant),
    ]
