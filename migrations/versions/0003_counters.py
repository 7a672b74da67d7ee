"""Totals that outlive a restart: counter_total."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the table; what was counted before begins at nothing, as after each start so far."""
    op.create_table(
        "counter_total",
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("totals", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["target_id"], ["target.id"], name=op.f("fk_counter_total_target_id_target")
        ),
        sa.PrimaryKeyConstraint("target_id", "vantage", name=op.f("pk_counter_total")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the table; counters begin at nothing again."""
    op.drop_table("counter_total")
