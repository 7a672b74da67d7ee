"""How long things are kept, as the operator set it."""

from pathlib import Path

import pytest

from monitor.config.errors import ConfigError
from monitor.config.load import load_text
from monitor.config.secrets import Sources
from monitor.config.settings import Settings
from monitor.model.retention import Retention

FILE = """\
providers:
  own: {{base_url: "http://127.0.0.1:8000/v1", models: {{m: }}}}
retention: {retention}
"""


def load(retention: str) -> Settings:
    sources = Sources(environ={}, directory=Path())
    return load_text(FILE.format(retention=retention), sources=sources, name="monitor.yaml")


@pytest.mark.parametrize(
    ("retention", "kept"),
    [
        pytest.param("", Retention(raw_days=30, hourly_days=400, daily_days=None), id="nothing"),
        pytest.param("{}", Retention(), id="nothing in it"),
        pytest.param("{raw_days: 7}", Retention(raw_days=7), id="one of them"),
        pytest.param(
            "{raw_days: 90, hourly_days: 91, daily_days: 3650}",
            Retention(raw_days=90, hourly_days=91, daily_days=3650),
            id="all of them",
        ),
        pytest.param(
            "{raw_days: 91, hourly_days: 91, daily_days: 91}",
            Retention(raw_days=91, hourly_days=91, daily_days=91),
            id="as short as can be",
        ),
    ],
)
def test_what_is_not_said_is_kept_as_usual(retention: str, kept: Retention) -> None:
    assert load(retention).retention == kept


@pytest.mark.parametrize(
    "retention",
    [
        pytest.param("{raw_days: 1}", id="less than the windows of a day need"),
        pytest.param("{hourly_days: 90}", id="less than the windows of 90 days need"),
        pytest.param("{daily_days: 0}", id="none"),
        pytest.param("{raw_days: true}", id="no number"),
        pytest.param("{days: 30}", id="unknown"),
    ],
)
def test_what_would_take_from_a_window_is_told(retention: str) -> None:
    with pytest.raises(ConfigError, match=r"line 3|:3:"):
        load(retention)


@pytest.mark.parametrize(
    ("retention", "told"),
    [
        pytest.param(
            "{raw_days: 401}",
            "monitor.yaml:3: retention.hourly_days: must be at least raw_days",
            id="results longer than the hours that are usual",
        ),
        pytest.param(
            "{raw_days: 100, hourly_days: 99}",
            "monitor.yaml:3: retention.hourly_days: must be at least raw_days",
            id="results longer than hours",
        ),
        pytest.param(
            "{daily_days: 399}",
            "monitor.yaml:3: retention.daily_days: must be at least hourly_days",
            id="hours that are usual longer than days",
        ),
    ],
)
def test_nothing_goes_before_that_which_it_is_made_of(retention: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(retention)

    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{told}; ")
