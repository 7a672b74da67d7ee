"""Which level wins: `defaults` < provider < model < target."""

from collections.abc import Callable

import pytest

from monitor.config.errors import ConfigError
from monitor.config.settings import Settings
from monitor.model.target import Probe, RequestSettings, Secret

Load = Callable[[str], Settings]

_ALL = """
defaults:
  interval_seconds: 61
  region: one
  headers: {X-One: "1", x-both: "1"}
  request: {temperature: 0.1}
providers:
  mine:
    base_url: https://llm.example/v1
    interval_seconds: 62
    headers: {X-Two: "2", X-Both: "2"}
    request: {temperature: 0.2}
    models:
      small:
        interval_seconds: 63
        region: three
        headers: {X-Three: "3"}
        request: {temperature: 0.3, include_usage: false}
        targets:
          - {name: a}
          - {name: b, interval_seconds: 64, region: four, request: {temperature: null}}
      large:
"""


def _probes(settings: Settings) -> dict[str, Probe]:
    return {probe.target.key: probe for probe in settings.probes}


@pytest.mark.parametrize(
    ("key", "interval", "region", "temperature"),
    [
        ("mine/large", 62, "one", 0.2),
        ("mine/small@a", 63, "three", 0.3),
        ("mine/small@b", 64, "four", None),
    ],
)
def test_the_innermost_level_wins(
    load: Load, key: str, interval: float, region: str, temperature: float | None
) -> None:
    probe = _probes(load(_ALL))[key]

    assert probe.interval_seconds == interval
    assert probe.target.region == region
    assert probe.request.temperature == temperature


def test_headers_of_all_levels_are_joined_by_their_names_in_any_case(load: Load) -> None:
    headers = _probes(load(_ALL))["mine/small@a"].target.headers

    assert {name: value.reveal() for name, value in headers} == {
        "X-One": "1",
        "X-Both": "2",
        "X-Two": "2",
        "X-Three": "3",
    }


def _request(load: Load, **levels: str) -> RequestSettings:
    given = {"defaults": "{}", "provider": "{}", "model": "{}", "reasoning": "true"} | levels
    text = """
defaults: {{request: {defaults}}}
providers:
  mine:
    base_url: https://llm.example/v1
    request: {provider}
    models: {{small: {{reasoning: {reasoning}, request: {model}}}}}
"""
    (probe,) = load(text.format(**given)).probes
    return probe.request


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, (512, None, "low")),
        ({"defaults": "{max_output_tokens: 16, temperature: 0}"}, (512, None, "low")),
        ({"provider": "{max_output_tokens: 2000}"}, (2000, None, "low")),
        ({"provider": "{reasoning_effort: minimal}"}, (512, None, "minimal")),
        ({"provider": "{reasoning_effort: null}"}, (512, None, None)),
        ({"model": "{max_output_tokens: 64, temperature: 1}"}, (64, 1.0, "low")),
        ({"model": "{reasoning_effort: null}"}, (512, None, None)),
        ({"reasoning": "false"}, (16, 0.0, None)),
        ({"reasoning": "false", "provider": "{reasoning_effort: low}"}, (16, 0.0, None)),
        ({"reasoning": "false", "model": "{reasoning_effort: none}"}, (16, 0.0, "none")),
        ({"reasoning": "false", "defaults": "{temperature: null}"}, (16, None, None)),
    ],
)
def test_reasoning_yields_only_to_what_the_model_says_itself(
    load: Load, levels: dict[str, str], expected: tuple[int, float | None, str | None]
) -> None:
    request = _request(load, **levels)

    assert (request.max_output_tokens, request.temperature, request.reasoning_effort) == expected


@pytest.mark.parametrize(
    ("provider", "model", "group"),
    [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("mistral", "mistral-small-latest", "mistralai/mistral-small-latest"),
        ("mine", "small", "mine/small"),
        ("mine", "qwen/qwen3", "qwen/qwen3"),
        ("mine", "qwen/qwen3:free", "qwen/qwen3:free"),
        ("mine", "accounts/a/models/b", "mine/b"),
    ],
)
def test_a_group_is_author_and_slug(load: Load, provider: str, model: str, group: str) -> None:
    text = f"""
providers:
  {provider}: {{base_url: "https://llm.example/v1", models: {{"{model}": }}}}
"""
    (probe,) = load(text).probes

    assert probe.target.group == group


_OTHER_HOST = "providers: {openai: {base_url: 'https://proxy.example/v1', models: {m: }}}"


def test_a_preset_key_goes_to_no_other_host(load: Load) -> None:
    (probe,) = load(_OTHER_HOST).probes

    assert probe.target.headers == ()


@pytest.mark.parametrize(
    "base_url", ["https://api.openai.com/v1", "https://api.openai.com/v1/"], ids=["same", "slash"]
)
def test_a_preset_key_goes_to_the_base_url_of_the_preset(load: Load, base_url: str) -> None:
    (probe,) = load(f"providers: {{openai: {{base_url: '{base_url}', models: {{m: }}}}}}").probes

    assert probe.target.headers == (("Authorization", Secret("Bearer sk-planted-openai")),)


def test_a_header_that_is_written_beats_the_key(load: Load) -> None:
    text = "providers: {groq: {headers: {authorization: 'Bearer x y'}, models: {m: }}}"
    (probe,) = load(text).probes

    assert probe.target.headers == (("authorization", Secret("Bearer x y")),)


def test_a_preset_is_found_by_its_name_under_any_other(load: Load) -> None:
    text = "providers: {mine: {preset: openai, models: {gpt-4o: }}}"
    (probe,) = load(text).probes

    assert probe.target.key == "mine/gpt-4o"
    assert probe.target.group == "openai/gpt-4o"
    assert probe.request.max_tokens_parameter == "max_completion_tokens"


def test_a_preset_sends_its_own_headers_unless_told_otherwise(load: Load) -> None:
    text = "providers: {openrouter: {api_key: '${XAI_API_KEY}', headers: {%s}, models: {a/b: }}}"
    plain, other = (load(text % own).probes[0] for own in ("", "x-openrouter-cache: 'true'"))

    assert dict(plain.target.headers)["X-OpenRouter-Cache"] == Secret("false")
    assert dict(other.target.headers)["x-openrouter-cache"] == Secret("true")


def test_prices_of_a_target_beat_those_of_its_model(load: Load) -> None:
    text = """
providers:
  mine:
    base_url: https://llm.example/v1
    models:
      small:
        prices: {input_usd_per_million: 1, output_usd_per_million: 2}
        targets:
          - {name: a}
          - {name: b, prices: {input_usd_per_million: 3, output_usd_per_million: 4}}
"""
    prices = [probe.target.prices for probe in load(text).probes]

    assert [price and price.input_usd_per_million for price in prices] == [1, 3]


def test_a_problem_that_targets_share_is_told_once(load: Load) -> None:
    text = """
defaults: {deadlines: {total_seconds: 70}}
providers: {openai: {models: {a: , b: , c: }}}
"""
    with pytest.raises(ConfigError) as caught:
        load(text)

    assert len(caught.value.problems) == 1
