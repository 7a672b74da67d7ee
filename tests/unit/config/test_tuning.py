"""Settings that the command line tries out."""

import pytest

from monitor.config.errors import ConfigError
from monitor.config.tuning import changes


def test_assignments_are_read_as_the_file_is() -> None:
    tried = changes(["failures=2", "confirm_seconds = 5, 10", "ramp=0.5,1", "slow_ratio=3"])

    assert tried == {
        "failures": 2,
        "confirm_seconds": [5.0, 10.0],
        "ramp": [0.5, 1.0],
        "slow_ratio": 3.0,
    }


def test_an_empty_list_makes_no_confirm_runs() -> None:
    assert changes(["confirm_seconds="]) == {"confirm_seconds": []}


def test_nothing_changes_nothing() -> None:
    assert changes([]) == {}


def test_all_that_is_wrong_is_told_at_once_and_no_value() -> None:
    wrong = ["failures=planted", "failure=2", "ramp", "confirm_seconds=1,-1", "blocked=0"]

    with pytest.raises(ConfigError) as caught:
        changes(wrong)

    assert sorted(str(caught.value).splitlines()) == [
        "command line: --set blocked: must be at least 1",
        "command line: --set confirm_seconds: must be more than 0",
        "command line: --set failures: must be a whole number",
        "command line: --set: must be NAME=VALUE, like failures=2",
        "command line: --set: names no setting of health; did you mean failures?",
    ]
