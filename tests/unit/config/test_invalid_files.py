"""Every `invalid-*.yaml` holds the messages that it must bring about."""

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.config.errors import ConfigError
from monitor.config.load import load_file

_FILES = sorted((Path(__file__).parents[2] / "config").glob("invalid-*.yaml"))
_EXPECTED = re.compile(r"^# expect: (.*)$", re.MULTILINE)


def _error(path: Path, environ: Mapping[str, str]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_file(path, environ)
    return caught.value


def _by_file(path: Path) -> str:
    return path.stem.removeprefix("invalid-")


def test_there_are_files_to_try() -> None:
    assert len(_FILES) >= 18


@pytest.mark.parametrize("path", _FILES, ids=_by_file)
def test_a_bad_file_gets_exactly_the_messages_that_it_announces(
    path: Path, environ: Mapping[str, str]
) -> None:
    expected = _EXPECTED.findall(path.read_text())

    lines = str(_error(path, environ)).splitlines()

    shown = [re.sub(rf"^{re.escape(str(path))}:(\d+): ", r"line \1: ", line) for line in lines]
    assert shown == expected


@pytest.mark.parametrize("path", _FILES, ids=_by_file)
def test_no_secret_shows_up_in_an_error(path: Path, environ: Mapping[str, str]) -> None:
    error = _error(path, environ)

    said = "".join((str(error), repr(error), *traceback.format_exception(error)))

    assert not re.search(r"sk-|planted", said)
