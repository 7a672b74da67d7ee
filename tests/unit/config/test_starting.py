"""A first configuration file: it can be loaded as it is, and no key stands in it."""

import pytest

from monitor.config.errors import ConfigError
from monitor.config.load import load_text
from monitor.config.presets import PRESETS
from monitor.config.secrets import Sources
from monitor.config.settings import Settings
from monitor.config.starting import Started, from_keys, from_litellm

KEY = "sk-planted-key-123456"
LITELLM = """
model_list:
  - model_name: fast
    litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY}
  - model_name: careful
    litellm_params: {model: anthropic/claude-haiku-5-5, api_key: os.environ/ANTHROPIC_API_KEY}
  - model_name: anything
    litellm_params: {model: "unheard/*"}
"""


def loaded(started: Started, **environ: str) -> Settings:
    return load_text(started.text, sources=Sources(environ=environ), name="monitor.yaml")


def test_a_file_from_every_key_there_is_can_be_loaded_and_repeats_none() -> None:
    environ = {preset.env: KEY for preset in PRESETS.values() if preset.env}

    started = from_keys(environ)

    assert KEY not in started.text
    probed = {probe.target.provider for probe in loaded(started, **environ).probes}
    assert probed == set(started.probed.split(", "))
    assert {"openai", "anthropic", "openrouter"} <= probed
    assert any(each.startswith("AZURE_OPENAI_API_KEY is set") for each in started.left_out)
    assert "#   azure:\n#     api_key: ${AZURE_OPENAI_API_KEY}\n#     resource: RESOURCE" in (
        started.text
    )


def test_without_keys_the_providers_are_an_example_and_the_file_says_what_is_missing() -> None:
    started = from_keys({})

    assert started.probed.startswith("nobody yet")
    with pytest.raises(ConfigError, match="providers"):
        loaded(started)
    assert "#   openai:" in started.text


def test_what_is_commented_out_is_sound_too() -> None:
    """Take the mark off each line that is an example, and the file still loads."""
    started = from_keys({"OPENAI_API_KEY": KEY})
    keys = ("token", "public", "budget", "throughput", "maintenance", "  - {providers")
    lines = [
        line.removeprefix("# ") if line.startswith(tuple(f"# {key}" for key in keys)) else line
        for line in started.text.splitlines()
    ]
    text = "\n".join(line.replace("throughput", "  throughput") for line in lines)

    settings = loaded(Started(text, ""), OPENAI_API_KEY=KEY, MONITOR_TOKEN=KEY)

    assert settings.public
    assert len(settings.maintenance) == 1
    assert {probe.kind.value for probe in settings.probes} == {"completion", "throughput"}


def test_the_deployments_of_litellm_are_taken_over_with_all_that_is_told_of_them() -> None:
    started = from_litellm(LITELLM, "config.yaml")

    settings = loaded(started, OPENAI_API_KEY=KEY, ANTHROPIC_API_KEY=KEY)
    assert {probe.target.model for probe in settings.probes} == {"gpt-6-luna", "claude-haiku-5-5"}
    assert started.probed == "2 targets"
    assert any("model_list[2]" in each for each in started.left_out)
    assert KEY not in str(started)


@pytest.mark.parametrize("text", ["", "a: b", "model_list: []"])
def test_what_has_no_deployment_gives_no_file(text: str) -> None:
    with pytest.raises(ConfigError):
        from_litellm(text, "config.yaml")


def test_the_file_names_the_schema_that_editors_read() -> None:
    first = from_keys({}).text.splitlines()[0]

    assert first == "# yaml-language-server: $schema=monitor.schema.json"
