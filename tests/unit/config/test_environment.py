import pytest

from monitor.config.environment import from_environment
from monitor.config.errors import ConfigError
from monitor.config.presets import PRESETS
from monitor.model.target import Secret

_KEYS = {preset.env: "k" for preset in PRESETS.values() if preset.env}


@pytest.mark.parametrize("environ", [{}, {"HOME": "/root"}, {"OPENAI_API_KEY": ""}])
def test_without_a_known_key_there_is_nothing_to_probe(environ: dict[str, str]) -> None:
    assert from_environment(environ) is None


def test_each_key_brings_its_providers_default_model() -> None:
    settings = from_environment({"MISTRAL_API_KEY": "m-1", "OPENAI_API_KEY": "o-1"})

    assert settings is not None
    assert [probe.target.key for probe in settings.probes] == [
        "openai/gpt-6-luna",
        "mistral/mistral-small-latest",
    ]
    assert settings.secrets == (Secret("o-1"), Secret("m-1"))
    assert settings.source == "environment"
    assert settings.token is None
    mistral = settings.probes[1]
    assert mistral.request.include_usage is False
    assert mistral.target.headers == (("Authorization", Secret("Bearer m-1")),)


def test_all_keys_together_can_be_run() -> None:
    settings = from_environment(_KEYS)

    assert settings is not None
    complete = [each for each in PRESETS.values() if each.default_model and not each.places]
    assert [probe.target.provider for probe in settings.probes] == [each.name for each in complete]
    groups = [probe.target.group for probe in settings.probes]
    assert groups.count("openai/gpt-oss-20b") == 3


@pytest.mark.parametrize("name", ["AZURE_OPENAI_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "HF_TOKEN"])
def test_a_key_that_leaves_open_what_to_probe_brings_nothing(name: str) -> None:
    assert from_environment({name: "k"}) is None


def test_the_token_of_the_surfaces_may_come_from_the_environment_too() -> None:
    settings = from_environment({"OPENAI_API_KEY": "o-1", "MONITOR_TOKEN": "t-1"})

    assert settings is not None
    assert settings.token == Secret("t-1")
    assert Secret("t-1") in settings.secrets


def test_a_key_that_cannot_be_sent_is_an_error_that_does_not_show_it() -> None:
    with pytest.raises(ConfigError) as caught:
        from_environment({"OPENAI_API_KEY": "sk-planted\n", "GROQ_API_KEY": "g"})

    assert str(caught.value) == (
        "environment: providers.openai.api_key: the environment variable OPENAI_API_KEY must be "
        "visible ASCII characters without a line break, or it cannot be sent"
    )
