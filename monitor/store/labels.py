"""Targets with their labels, as they are stored: for those who read without a configuration."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.store import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """A target that was ever probed; credentials and paths are not stored.

    Attributes:
        key: Its identity.
        provider: Who serves it.
        model: What is asked for.
        group: The logical model.
        region: Free text.
        dialect: The wire format it speaks.
        host: The host (and port) of its base URL.
        simulated: Served by the built-in simulator.
        retired_at: Since when it is probed no more; None while it is.
    """

    key: str
    provider: str
    model: str
    group: str
    region: str | None
    dialect: str
    host: str
    simulated: bool
    retired_at: datetime | None


def read_labels(connection: Connection) -> dict[str, Labels]:
    """Read all targets ever seen, by key, in its order."""
    names = [field.name for field in fields(Labels)]
    query = select(*(tables.target.c[name] for name in names)).order_by(tables.target.c.key)
    found = (Labels(**dict(zip(names, row, strict=True))) for row in connection.execute(query))
    return {each.key: each for each in found}
