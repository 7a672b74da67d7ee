"""Which configuration is in force: a file, the keys in the environment, or neither."""

from collections.abc import Mapping
from pathlib import Path

from monitor.config.environment import from_environment
from monitor.config.override import override
from monitor.config.settings import Settings
from monitor.config.source import Source

#: Read when no file is named and it is there.
DEFAULT_FILE = Path("monitor.yaml")


def choose_settings(
    config: Path | None,
    environ: Mapping[str, str],
    *,
    database: str | None = None,
    listen: str | None = None,
) -> Settings | None:
    """Find the configuration; None means that there is nothing real to probe.

    Args:
        config: The file that was named; else `monitor.yaml`, if it is there.
        environ: Where secrets and the providers' keys are.
        database: Overrides the database of the configuration.
        listen: Overrides its address.

    Raises:
        ConfigError: The file or an override is wrong.
    """
    source = choose_source(config, environ, database=database, listen=listen)
    if source:
        return source.load()
    settings = from_environment(environ)
    return override(settings, database=database, listen=listen) if settings else None


def choose_source(
    config: Path | None,
    environ: Mapping[str, str],
    *,
    database: str | None = None,
    listen: str | None = None,
) -> Source | None:
    """Find the file; None where there is none.

    Args:
        config: As for `choose_settings`, like all of them.
        environ: Where its references lead.
        database: Beats what it says.
        listen: Beats what it says.
    """
    file = config or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    return Source(file, environ, database, listen) if file else None
