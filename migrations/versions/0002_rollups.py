"""Rollups: rollup, rollup_sketch, rollup_due, rollup_seal."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import ForeignCount, Instant

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_HOUR_US = 3_600_000_000
_CHANGES = "ix_transition_target_id_vantage_id"
_OUTAGES = "ix_transition_vantage_id"
_IS_OUTAGE = sa.text("new_state = 'down'")


def upgrade() -> None:
    """Create the tables, and have every hour folded that there is."""
    _create_rollup()
    _create_sketch()
    _create_due()
    op.create_table(
        "rollup_seal",
        sa.Column("until_at", Instant, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("until_at", name=op.f("pk_rollup_seal")),
    )
    op.create_index(_CHANGES, "transition", ["target_id", "vantage", "id"])
    op.create_index(
        _OUTAGES,
        "transition",
        ["vantage", "id"],
        sqlite_where=_IS_OUTAGE,
        postgresql_where=_IS_OUTAGE,
    )
    is_sqlite = op.get_context().dialect.name == "sqlite"
    hour = f"slot_at - slot_at % {_HOUR_US}" if is_sqlite else "date_trunc('hour', slot_at, 'UTC')"
    op.execute(
        "INSERT INTO rollup_due (hour_at, target_id, kind, vantage) "  # noqa: S608 - no input
        f"SELECT DISTINCT {hour}, target_id, kind, vantage FROM result"
    )


def downgrade() -> None:
    """Drop the tables; what was pruned from the results is lost with them."""
    op.drop_index(_OUTAGES, "transition")
    op.drop_index(_CHANGES, "transition")
    for table in ("rollup_seal", "rollup_due", "rollup_sketch", "rollup"):
        op.drop_table(table)


def _create_rollup() -> None:
    op.create_table(
        "rollup",
        *_whose(),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("bucket_at", Instant, nullable=False),
        sa.Column("samples", sa.BigInteger, nullable=False),
        sa.Column("good", sa.BigInteger, nullable=False),
        sa.Column("valid", sa.BigInteger, nullable=False),
        sa.Column("executed", sa.BigInteger, nullable=False),
        sa.Column("openrouter_good", sa.BigInteger, nullable=False),
        sa.Column("openrouter_valid", sa.BigInteger, nullable=False),
        sa.Column("input_tokens", ForeignCount),
        sa.Column("output_tokens", ForeignCount),
        sa.Column("reasoning_tokens", ForeignCount),
        sa.Column("cached_tokens", ForeignCount),
        sa.Column("cost_usd", sa.Double, nullable=False),
        sa.Column("outcomes", sa.JSON, nullable=False),
        sa.Column("confirms", sa.JSON, nullable=False),
        sa.Column("available_seconds", sa.Double, nullable=False),
        sa.Column("unavailable_seconds", sa.Double, nullable=False),
        _to_target("rollup"),
        sa.PrimaryKeyConstraint(
            "target_id", "kind", "vantage", "resolution", "bucket_at", name=op.f("pk_rollup")
        ),
        sqlite_with_rowid=False,
    )


def _create_sketch() -> None:
    op.create_table(
        "rollup_sketch",
        *_whose(),
        sa.Column("resolution", sa.Text, nullable=False),
        sa.Column("quantity", sa.Text, nullable=False),
        sa.Column("bucket_at", Instant, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        _to_target("rollup_sketch"),
        sa.PrimaryKeyConstraint(
            "target_id",
            "kind",
            "vantage",
            "resolution",
            "quantity",
            "bucket_at",
            name=op.f("pk_rollup_sketch"),
        ),
        sqlite_with_rowid=False,
    )


def _create_due() -> None:
    op.create_table(
        "rollup_due",
        sa.Column("hour_at", Instant, nullable=False),
        *_whose(),
        _to_target("rollup_due"),
        sa.PrimaryKeyConstraint(
            "hour_at", "target_id", "kind", "vantage", name=op.f("pk_rollup_due")
        ),
        sqlite_with_rowid=False,
    )


def _whose() -> list[sa.Column[Any]]:
    return [
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
    ]


def _to_target(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["target_id"], ["target.id"], name=op.f(f"fk_{table}_target_id_target")
    )
