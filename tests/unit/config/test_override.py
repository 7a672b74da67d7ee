import pytest

from monitor.config.errors import ConfigError
from monitor.config.override import override
from monitor.config.settings import Settings
from monitor.model.target import Secret

_SETTINGS = Settings(probes=())


def test_what_is_not_given_stays() -> None:
    assert override(_SETTINGS) == _SETTINGS


def test_what_is_given_wins() -> None:
    changed = override(_SETTINGS, database="sqlite:///other.db", listen="[::1]:1")

    assert (changed.database, changed.listen) == ("sqlite:///other.db", "[::1]:1")


def test_the_command_line_is_held_to_the_rules_of_the_file() -> None:
    with pytest.raises(ConfigError) as caught:
        override(_SETTINGS, database="monitor.db", listen="9464")

    assert str(caught.value) == (
        "command line: --database: must be a URL like sqlite:///monitor.db or "
        "postgresql://host/name\n"
        "command line: --listen: must be HOST:PORT, like 127.0.0.1:9464 or [::1]:9464"
    )


def test_an_address_that_others_can_reach_needs_a_token() -> None:
    with pytest.raises(ConfigError, match="needs a token"):
        override(_SETTINGS, listen="0.0.0.0:9464")

    guarded = Settings(probes=(), token=Secret("t"))
    assert override(guarded, listen="0.0.0.0:9464").listen == "0.0.0.0:9464"


def test_the_password_in_a_database_of_the_command_line_is_a_secret_too() -> None:
    settings = Settings(probes=(), secrets=(Secret("k"),))

    changed = override(settings, database="postgresql://u:p%40ss@h/d")

    assert changed.secrets == (Secret("k"), Secret("p%40ss"), Secret("p@ss"))
    assert override(settings).secrets == settings.secrets
