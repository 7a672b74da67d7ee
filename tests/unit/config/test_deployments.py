"""What routers call targets in a configuration."""

import pytest

from monitor.config.errors import ConfigError
from tests.unit.config.conftest import Load

PROVIDER = "providers: {{own: {{base_url: 'http://127.0.0.1:8000/v1', models: {models}}}}}"


def test_a_target_has_the_name_that_its_router_gives_it(load: Load) -> None:
    targets = "[{name: a, deployment: 3f9c}, {name: b}]"
    text = PROVIDER.format(models=f"{{m: {{deployment: 77ab}}, n: {{targets: {targets}}}}}")

    found = {each.target.key: each.target.deployment for each in load(text).probes}
    assert found == {"own/m": "77ab", "own/n@a": "3f9c", "own/n@b": None}


@pytest.mark.parametrize(
    ("models", "complaint"),
    [
        pytest.param(
            "{m: {deployment: x}, n: {deployment: x}}",
            "providers.own.models.n.deployment: providers.own.models.m is known by this name",
            id="twice",
        ),
        pytest.param(
            "{m: {deployment: own/n}, n: {}}",
            "providers.own.models.m.deployment: providers.own.models.n is known by this name",
            id="another's key",
        ),
        pytest.param(
            "{m: {deployment: x, targets: [{name: a}]}}",
            "providers.own.models.m.deployment: is the name of one target; write it under targets",
            id="of several",
        ),
        pytest.param("{m: {deployment: 'a b'}}", "without spaces", id="with spaces"),
    ],
)
def test_a_name_is_that_of_one_target(load: Load, models: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as told:
        load(PROVIDER.format(models=models))

    assert complaint in str(told.value)


def test_its_own_key_is_a_name_too(load: Load) -> None:
    (probe,) = load(PROVIDER.format(models="{m: {deployment: own/m}}")).probes

    assert probe.target.deployment == "own/m"


def test_targets_that_are_discovered_have_no_name_of_one(load: Load) -> None:
    text = """
providers:
  openrouter:
    api_key: ${OPENROUTER_API_KEY}
    models: {lab/m: {discover: openrouter, deployment: x}}
"""
    with pytest.raises(ConfigError, match="deployment: cannot stand beside discover"):
        load(text)
