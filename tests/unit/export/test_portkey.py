"""A group as a config of the Portkey gateway."""

import json

import pytest

from monitor.export.portkey import portkey_config
from monitor.model.health import State
from monitor.model.routing import GroupRouting
from tests.factories import make_target
from tests.unit.export.routed import candidate, routing


def group_of(*candidates: object) -> GroupRouting:
    return routing(*candidates).groups[0]  # type: ignore[arg-type]


def test_each_target_has_its_weight_its_address_and_its_model() -> None:
    config = portkey_config(
        group_of(candidate("a/large", 0.25), candidate("b/large", 0.0, State.DOWN))
    )

    assert config == {
        "id": "llmprobe-lab/large",
        "strategy": {"mode": "loadbalance"},
        "targets": [
            {
                "name": "a/large",
                "provider": "openai",
                "custom_host": "http://127.0.0.1:8001/v1",
                "override_params": {"model": "large"},
                "weight": 0.25,
                "isOpen": False,
            },
            {
                "name": "b/large",
                "provider": "openai",
                "custom_host": "http://127.0.0.1:8001/v1",
                "override_params": {"model": "large"},
                "weight": 0.0,
                "isOpen": True,
            },
        ],
    }


def test_weights_that_may_be_true_no_more_are_left_out() -> None:
    group = group_of(candidate("a/large", 0.25), candidate("b/large", 0.0, State.DOWN))
    config = portkey_config(group, is_open=True)

    assert [(each["weight"], each["isOpen"]) for each in config["targets"]] == [(1.0, False)] * 2


def test_no_credential_is_in_it() -> None:
    target = make_target()
    secrets = [value.reveal() for _, value in target.headers]
    written = json.dumps(portkey_config(group_of(candidate(target.key))))

    assert secrets
    assert not any(secret.split()[-1] in written for secret in secrets)
    assert "authorization" not in written


@pytest.mark.parametrize(
    ("dialect", "base_url", "told"),
    [
        pytest.param(
            "anthropic_messages",
            "https://api.anthropic.example/v1",
            {"provider": "anthropic", "custom_host": "https://api.anthropic.example/v1"},
            id="as it is",
        ),
        pytest.param(
            "gemini_generate",
            "https://gemini.example/v1beta",
            {"provider": "google", "custom_host": "https://gemini.example"},
            id="without what Portkey adds",
        ),
        pytest.param(
            "bedrock_converse",
            "https://bedrock-runtime.eu-west-1.example",
            {"provider": "bedrock", "aws_region": "eu-west-1"},
            id="by its region",
        ),
    ],
)
def test_the_address_is_what_portkey_wants(
    dialect: str, base_url: str, told: dict[str, str]
) -> None:
    one = candidate("a/large", dialect=dialect, base_url=base_url, region="eu-west-1")
    (written,) = portkey_config(group_of(one))["targets"]

    assert {name: written[name] for name in told} == told
    assert ("custom_host" in written) is ("custom_host" in told)


def test_a_region_that_is_not_known_is_not_written() -> None:
    one = candidate("a/large", dialect="bedrock_converse")
    (written,) = portkey_config(group_of(one))["targets"]

    assert not {"aws_region", "custom_host"} & written.keys()
