"""The first tables: target, result, schedule, health, transition."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.store.columns import ForeignCount, ForeignText, Instant

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables, first the one that the others refer to."""
    _create_target()
    _create_result()
    _create_schedule()
    _create_health()
    _create_transition()


def downgrade() -> None:
    """Drop the tables, with all that they hold."""
    for table in ("transition", "health", "schedule", "result", "target"):
        op.drop_table(table)


def _create_target() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("group", sa.Text, nullable=False),
        sa.Column("region", sa.Text),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("retired_at", Instant),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("key", name=op.f("uq_target_key")),
    )


def _create_result() -> None:
    op.create_table(
        "result",
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("slot_at", Instant, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("confirm", sa.Integer, nullable=False),
        sa.Column("result_id", sa.Text, nullable=False),
        sa.Column("started_at", Instant),
        sa.Column("schedule_delay_seconds", sa.Double),
        *_verdict(),
        *_measurement(),
        sa.Column("finish_reason", ForeignText),
        sa.Column("request_id", ForeignText),
        sa.Column("loop_lag_seconds", sa.Double),
        sa.Column("observation_delay_seconds", sa.Double),
        sa.Column("tainted", sa.Boolean, nullable=False),
        _to_target("result"),
        sa.PrimaryKeyConstraint(
            "target_id", "slot_at", "kind", "vantage", "confirm", name=op.f("pk_result")
        ),
        sqlite_with_rowid=False,
    )


def _verdict() -> list[sa.Column[Any]]:
    return [
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("phase", sa.Text),
        sa.Column("http_status", sa.Integer),
        sa.Column("provider_code", ForeignText),
        sa.Column("message", ForeignText),
        sa.Column("retry_after_seconds", sa.Double),
        sa.Column("openrouter_good", sa.Boolean),
    ]


def _measurement() -> list[sa.Column[Any]]:
    return [
        sa.Column("dns_seconds", sa.Double),
        sa.Column("connect_seconds", sa.Double),
        sa.Column("tls_seconds", sa.Double),
        sa.Column("first_byte_seconds", sa.Double),
        sa.Column("headers_seconds", sa.Double),
        sa.Column("reused", sa.Boolean),
        sa.Column("ttft_seconds", sa.Double),
        sa.Column("ttfat_seconds", sa.Double),
        sa.Column("duration_seconds", sa.Double),
        sa.Column("output_tokens_per_second", sa.Double),
        sa.Column("e2e_tokens_per_second", sa.Double),
        sa.Column("input_tokens", ForeignCount),
        sa.Column("output_tokens", ForeignCount),
        sa.Column("reasoning_tokens", ForeignCount),
        sa.Column("cached_tokens", ForeignCount),
        sa.Column("reads", sa.Integer),
        sa.Column("received_bytes", sa.BigInteger),
        sa.Column("cost_usd", sa.Double),
    ]


def _create_schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("interval_seconds", sa.Double, nullable=False),
        sa.Column("valid_from_at", Instant, nullable=False),
        sa.Column("valid_to_at", Instant),
        _to_target("schedule"),
        sa.PrimaryKeyConstraint(
            "target_id", "kind", "vantage", "valid_from_at", name=op.f("pk_schedule")
        ),
    )


def _create_health() -> None:
    op.create_table(
        "health",
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since_at", Instant),
        sa.Column("reason", sa.Text),
        sa.Column("consecutive_failures", sa.Integer, nullable=False),
        sa.Column("consecutive_successes", sa.Integer, nullable=False),
        sa.Column("failing_since_at", Instant),
        sa.Column("ever_worked", sa.Boolean, nullable=False),
        sa.Column("last_result_at", Instant),
        sa.Column("last_success_at", Instant),
        _to_target("health"),
        sa.PrimaryKeyConstraint("target_id", "vantage", name=op.f("pk_health")),
    )


def _create_transition() -> None:
    op.create_table(
        "transition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("target_id", sa.Integer, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("old_state", sa.Text, nullable=False),
        sa.Column("new_state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("incident_at", Instant),
        sa.Column("slot_at", Instant, nullable=False),
        sa.Column("result_id", sa.Text, nullable=False),
        _to_target("transition"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
        sa.UniqueConstraint(
            "target_id",
            "vantage",
            "result_id",
            name=op.f("uq_transition_target_id_vantage_result_id"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_transition_vantage_at"), "transition", ["vantage", "at"])


def _to_target(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["target_id"], ["target.id"], name=op.f(f"fk_{table}_target_id_target")
    )
