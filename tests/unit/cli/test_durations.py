from datetime import timedelta

import pytest

from monitor.cli.durations import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("90m", 5400),
        ("12h", 43_200),
        ("7d", 604_800),
        ("0.5h", 1800),
        (" 1d ", 86_400),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "0s", "1w", "1d12h", "nan d", "999999999d"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        duration(text)


def test_ten_years_are_enough() -> None:
    with pytest.raises(ValueError, match="ten years"):
        duration("9999d")
