"""What the command line says beats the file, and is held to the same rules."""

from collections.abc import Callable
from dataclasses import replace

from monitor.config import checks
from monitor.config.errors import ConfigError, Problem
from monitor.config.secrets import database_passwords
from monitor.config.settings import Settings

_SOURCE = "command line"


def override(
    settings: Settings, *, database: str | None = None, listen: str | None = None
) -> Settings:
    """Put *database* and *listen* in the place of what *settings* has, where they are given.

    Raises:
        ConfigError: One of them is malformed, or others could reach the address without a token.
    """
    passwords = database_passwords(database or "")
    changed = replace(
        settings,
        database=settings.database if database is None else database,
        listen=settings.listen if listen is None else listen,
        secrets=tuple(dict.fromkeys((*settings.secrets, *passwords))),
    )
    wrong = {
        "--database": _said(checks.database, changed.database),
        "--listen": _said(checks.listen, changed.listen) or _unguarded(changed),
    }
    problems = [Problem(option, None, message) for option, message in wrong.items() if message]
    if problems:
        raise ConfigError(_SOURCE, problems)
    return changed


def _unguarded(settings: Settings) -> str | None:
    wrong = checks.open_listen(settings.listen, has_token=settings.token is not None)
    return f"{wrong}; set token in the file, or MONITOR_TOKEN without one" if wrong else None


def _said(check: Callable[[str], str], value: str) -> str | None:
    try:
        check(value)
    except ValueError as error:
        return str(error)
    return None
