"""Which kinds of probes a target has, and how they are asked."""

from collections.abc import Callable

import pytest

from monitor.config.settings import Settings
from monitor.model.target import Kind, Probe

Load = Callable[[str], Settings]

_COMPLETION, _THROUGHPUT, _MODELS = Kind.COMPLETION, Kind.THROUGHPUT, Kind.MODELS


def _probes(load: Load, *, defaults: str = "", provider: str = "", model: str = "") -> list[Probe]:
    text = f"""
defaults: {{ {defaults} }}
providers:
  mine:
    base_url: https://llm.example/v1
    models: {{small: {{ {model} }}}}
    {provider}
"""
    return list(load(text).probes)


@pytest.mark.parametrize(
    ("defaults", "provider", "model", "kinds"),
    [
        ("", "", "", [_COMPLETION]),
        ("throughput: true", "", "", [_COMPLETION, _THROUGHPUT]),
        ("throughput: {}", "", "", [_COMPLETION, _THROUGHPUT]),
        ("throughput: null", "", "", [_COMPLETION]),
        ("listing: true", "", "", [_COMPLETION, _MODELS]),
        ("throughput: true", "listing: {}", "", [_COMPLETION, _THROUGHPUT, _MODELS]),
        ("throughput: true", "throughput: false", "", [_COMPLETION]),
        ("throughput: true", "throughput: false", "throughput: true", [_COMPLETION, _THROUGHPUT]),
        ("throughput: false", "throughput: {interval_seconds: 60}", "", [_COMPLETION, _THROUGHPUT]),
        ("throughput: {enabled: false, interval_seconds: 60}", "", "", [_COMPLETION]),
        ("throughput: '${REASONING}'", "", "", [_COMPLETION, _THROUGHPUT]),
    ],
)  # fmt: skip
def test_the_innermost_level_says_which_kinds_there_are_and_completion_comes_first(
    load: Load, defaults: str, provider: str, model: str, kinds: list[Kind]
) -> None:
    probes = _probes(load, defaults=defaults, provider=provider, model=model)

    assert [probe.kind for probe in probes] == kinds
    assert {probe.target.key for probe in probes} == {"mine/small"}


def test_settings_of_a_kind_come_from_every_level(load: Load) -> None:
    _, throughput = _probes(
        load,
        defaults="throughput: {interval_seconds: 600, max_output_tokens: 100}",
        provider="throughput: {deadlines: {total_seconds: 70}}",
        model="throughput: {max_output_tokens: 300}",
    )

    assert throughput.interval_seconds == 600
    assert throughput.deadlines.total_seconds == 70
    assert throughput.request.max_output_tokens == 300


@pytest.mark.parametrize(
    ("defaults", "model", "tokens"),
    [
        ("throughput: true", "", 256),
        ("throughput: {max_output_tokens: 100}", "", 100),
        ("throughput: true", "reasoning: true", 768),
        ("throughput: {max_output_tokens: 100}", "reasoning: true", 768),
        ("throughput: {max_output_tokens: 1000}", "reasoning: true", 1000),
        ("throughput: true", "reasoning: true, throughput: {max_output_tokens: 100}", 100),
    ],
)
def test_a_reasoning_model_may_think_before_the_long_answer(
    load: Load, defaults: str, model: str, tokens: int
) -> None:
    _, throughput = _probes(load, defaults=defaults, model=model)

    assert throughput.request.max_output_tokens == tokens


def test_a_long_answer_is_asked_for_as_a_short_one_but_without_the_image(load: Load) -> None:
    completion, throughput = _probes(
        load,
        defaults="throughput: true",
        provider="request: {image: true, temperature: 0.5, extra_body: {a: 1}}",
    )

    assert completion.request.has_image
    assert not throughput.request.has_image
    assert throughput.request.temperature == 0.5
    assert throughput.request.extra_body == {"a": 1}


def test_a_speed_that_cannot_be_measured_is_warned_of(load: Load) -> None:
    settings = load("""
defaults: {throughput: true}
providers:
  mine: {base_url: https://llm.example/v1, streams: false, models: {a: , b: {throughput: false}}}
""")

    assert settings.warnings == (
        "m.yaml:2: defaults.throughput: no speed can be measured on answers that are not streamed",
    )


@pytest.mark.parametrize(
    ("defaults", "model", "warm"),
    [
        ("listing: true", "throughput: true", []),
        ("connection: warm", "throughput: true", [_COMPLETION, _THROUGHPUT]),
        ("connection: warm", "connection: fresh", []),
        ("connection: warm", "throughput: {connection: fresh}", [_COMPLETION]),
        ("throughput: {connection: warm}", "listing: {connection: warm}", [_THROUGHPUT, _MODELS]),
    ],
)
def test_a_connection_is_fresh_unless_it_is_to_be_kept_warm(
    load: Load, defaults: str, model: str, warm: list[Kind]
) -> None:
    probes = _probes(load, defaults=defaults, model=model)

    assert [probe.kind for probe in probes if probe.keeps_connection] == warm
