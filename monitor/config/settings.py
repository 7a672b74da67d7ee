"""What the rest of the program gets to see of the configuration."""

from dataclasses import dataclass

from monitor.model.target import Probe, Secret

DEFAULT_VANTAGE = "local"
DEFAULT_DATABASE = "sqlite:///monitor.db"
DEFAULT_LISTEN = "127.0.0.1:9464"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A configuration that can be run.

    Attributes:
        probes: What to probe, and how.
        vantage: The name of the place that this daemon probes from.
        database: SQLAlchemy URL of the store.
        listen: `HOST:PORT` of the HTTP surfaces.
        token: Bearer token that the HTTP surfaces ask for; None if they are open.
        source: `file PATH` or `environment`.
        secrets: Every secret that was resolved, for the log and the excerpts to redact.
        warnings: What is unwise about it but can be run.
    """

    probes: tuple[Probe, ...]
    vantage: str = DEFAULT_VANTAGE
    database: str = DEFAULT_DATABASE
    listen: str = DEFAULT_LISTEN
    token: Secret | None = None
    source: str = "environment"
    secrets: tuple[Secret, ...] = ()
    warnings: tuple[str, ...] = ()
