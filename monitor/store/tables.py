"""The tables. A column is named as the field it keeps; what it means stands at that field.

`result` has no rowid: its key begins with (target, slot), which is the order it is read in, and
the rows lie in it, so that one target's results from an instant on are one range of the file
(a fifth smaller than a rowid table with an index, and as fast).
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from monitor.store.columns import ForeignCount, ForeignText, Instant

#: Constraints bear names, so that a migration can drop them in either database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: One row a target that was ever probed. Credentials and paths are none of its business.
target = Table(
    "target",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("region", Text),
    Column("dialect", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

#: One row a run. Its key makes writing twice harmless.
result = Table(
    "result",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("slot_at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("confirm", Integer, nullable=False),
    Column("result_id", Text, nullable=False),
    Column("started_at", Instant),
    Column("schedule_delay_seconds", Double),
    Column("outcome", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("phase", Text),
    Column("http_status", Integer),
    Column("provider_code", ForeignText),
    Column("message", ForeignText),
    Column("retry_after_seconds", Double),
    Column("openrouter_good", Boolean),
    Column("dns_seconds", Double),
    Column("connect_seconds", Double),
    Column("tls_seconds", Double),
    Column("first_byte_seconds", Double),
    Column("headers_seconds", Double),
    Column("reused", Boolean),
    Column("ttft_seconds", Double),
    Column("ttfat_seconds", Double),
    Column("duration_seconds", Double),
    Column("output_tokens_per_second", Double),
    Column("e2e_tokens_per_second", Double),
    Column("input_tokens", ForeignCount),
    Column("output_tokens", ForeignCount),
    Column("reasoning_tokens", ForeignCount),
    Column("cached_tokens", ForeignCount),
    Column("reads", Integer),
    Column("received_bytes", BigInteger),
    Column("cost_usd", Double),
    Column("finish_reason", ForeignText),
    Column("request_id", ForeignText),
    Column("loop_lag_seconds", Double),
    Column("observation_delay_seconds", Double),
    Column("tainted", Boolean, nullable=False),
    PrimaryKeyConstraint("target_id", "slot_at", "kind", "vantage", "confirm"),
    sqlite_with_rowid=False,
)

#: Which interval a probe had, and from when to when; an open end is null.
schedule = Table(
    "schedule",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("interval_seconds", Double, nullable=False),
    Column("valid_from_at", Instant, nullable=False),
    Column("valid_to_at", Instant),
    PrimaryKeyConstraint("target_id", "kind", "vantage", "valid_from_at"),
)

#: What is believed of a target from a vantage, so that a restart resumes.
health = Table(
    "health",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("vantage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since_at", Instant),
    Column("reason", Text),
    Column("consecutive_failures", Integer, nullable=False),
    Column("consecutive_successes", Integer, nullable=False),
    Column("consecutive_blocked", Integer, nullable=False, server_default="0"),
    Column("failing_since_at", Instant),
    Column("working_since_at", Instant),
    Column("ever_worked", Boolean, nullable=False),
    Column("last_result_at", Instant),
    Column("last_success_at", Instant),
    Column("blocked_from", Text),
    Column("is_throttled", Boolean, nullable=False, server_default=false()),
    Column("is_slow", Boolean, nullable=False, server_default=false()),
    Column("slow_streak", Integer, nullable=False, server_default="0"),
    Column("recovered", Integer, nullable=False, server_default="0"),
    Column("history_since_at", Instant),
    Column("hold_seconds", Double),
    Column("hold_until_at", Instant),
    PrimaryKeyConstraint("target_id", "vantage"),
)

_IS_OUTAGE = text("new_state = 'down'")

#: History of the changes of state. `slot_at` and `result_id` name the result that decided; that is
#: no foreign key because a transition outlives its result, which is pruned.
transition = Table(
    "transition",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("vantage", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("old_state", Text, nullable=False),
    Column("new_state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("incident_at", Instant),
    Column("slot_at", Instant, nullable=False),
    Column("result_id", Text, nullable=False),
    UniqueConstraint("target_id", "vantage", "result_id"),
    Index(None, "vantage", "at"),
    # A history begins with the change before it, which may be of long ago.
    Index(None, "target_id", "vantage", "id"),
    # Outages are few among the changes; the page of incidents looks for nothing else.
    Index(None, "vantage", "id", sqlite_where=_IS_OUTAGE, postgresql_where=_IS_OUTAGE),
    sqlite_autoincrement=True,
)

#: Ever-growing totals behind the exported counters, as JSON; no pruning touches them.
counter_total = Table(
    "counter_total",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("vantage", Text, nullable=False),
    Column("totals", Text, nullable=False),
    PrimaryKeyConstraint("target_id", "vantage"),
    sqlite_with_rowid=False,
)

#: What the runs of an hour or a day (UTC) add up to. Outcomes are kept as {outcome: {rule: count}}.
rollup = Table(
    "rollup",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("bucket_at", Instant, nullable=False),
    Column("samples", BigInteger, nullable=False),
    Column("good", BigInteger, nullable=False),
    Column("valid", BigInteger, nullable=False),
    Column("executed", BigInteger, nullable=False),
    Column("openrouter_good", BigInteger, nullable=False),
    Column("openrouter_valid", BigInteger, nullable=False),
    Column("input_tokens", ForeignCount),
    Column("output_tokens", ForeignCount),
    Column("reasoning_tokens", ForeignCount),
    Column("cached_tokens", ForeignCount),
    Column("cost_usd", Double, nullable=False),
    Column("outcomes", JSON, nullable=False),
    Column("confirms", JSON, nullable=False),
    Column("available_seconds", Double, nullable=False),
    Column("unavailable_seconds", Double, nullable=False),
    PrimaryKeyConstraint("target_id", "kind", "vantage", "resolution", "bucket_at"),
    sqlite_with_rowid=False,
)

#: The sketches of a rollup. They lie apart, by quantity, because a question wants one or two of
#: them for many buckets, and counts without any: it then reads a fraction of the pages.
rollup_sketch = Table(
    "rollup_sketch",
    metadata,
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("bucket_at", Instant, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("target_id", "kind", "vantage", "resolution", "quantity", "bucket_at"),
    sqlite_with_rowid=False,
)

#: Hours that got results since they were folded, written with these; oldest first.
rollup_due = Table(
    "rollup_due",
    metadata,
    Column("hour_at", Instant, nullable=False),
    Column("target_id", Integer, ForeignKey(target.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("vantage", Text, nullable=False),
    PrimaryKeyConstraint("hour_at", "target_id", "kind", "vantage"),
    sqlite_with_rowid=False,
)

#: The newest instant before which results may have been pruned: hours from before it are never
#: folded again, because what is left of them is not all.
rollup_seal = Table(
    "rollup_seal",
    metadata,
    Column("until_at", Instant, nullable=False, autoincrement=False),
    PrimaryKeyConstraint("until_at"),
)
