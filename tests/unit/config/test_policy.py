"""How quickly minds change, as it was set."""

from collections.abc import Callable
from dataclasses import fields

import pytest

from monitor.config.health import Health
from monitor.config.policy import with_changes
from monitor.config.settings import Settings
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy

Load = Callable[[str], Settings]

_ALL = """
defaults: {health: {failures: 4, successes: 3, clearing: 6, blocked: 5, slow_times: 8}}
groups:
  acme/small: {health: {clearing: 7, blocked: 6, slow_times: 9}}
  acme/large:
providers:
  mine:
    base_url: https://llm.example/v1
    health: {successes: 4, clearing: 8}
    models:
      small:
        group: acme/small
        health: {blocked: 7, slow_times: 10}
        targets:
          - {name: a}
          - {name: b, health: {slow_times: 11}}
      large: {group: acme/large, throughput: true}
"""


def _policies(settings: Settings) -> dict[str, HealthPolicy]:
    return {probe.key: probe.policy for probe in settings.probes}


def test_the_grammar_knows_each_figure_of_the_machine() -> None:
    assert set(Health.model_fields) == {field.name for field in fields(HealthPolicy)}


def test_what_is_not_set_is_the_usual(load: Load) -> None:
    (probe,) = load("providers: {openai: {models: {m: }}}").probes

    assert probe.policy == DEFAULT_POLICY


@pytest.mark.parametrize(
    ("key", "figures"),
    [
        pytest.param("mine/large#completion", (4, 4, 8, 5, 8), id="a provider beats defaults"),
        pytest.param("mine/large#throughput", (4, 4, 8, 5, 8), id="for probes of each kind"),
        pytest.param("mine/small@a#completion", (4, 4, 7, 7, 10), id="a group a provider"),
        pytest.param("mine/small@b#completion", (4, 4, 7, 7, 11), id="a target its model"),
    ],
)
def test_the_innermost_level_wins(load: Load, key: str, figures: tuple[int, ...]) -> None:
    policy = _policies(load(_ALL))[key]

    names = ("failures", "successes", "clearing", "blocked", "slow_times")
    assert tuple(getattr(policy, name) for name in names) == figures


@pytest.mark.parametrize(
    ("interval", "delays"),
    [
        pytest.param(60, (10, 20), id="both"),
        pytest.param(36.1, (10, 20), id="both, barely"),
        pytest.param(36, (10,), id="the second is too late"),
        pytest.param(12, (), id="the next slot comes first"),
    ],
)
def test_confirm_runs_that_are_not_set_are_as_many_as_fit(
    load: Load, interval: float, delays: tuple[float, ...]
) -> None:
    text = f"providers: {{openai: {{interval_seconds: {interval}, models: {{m: }}}}}}"
    (probe,) = load(text).probes

    assert probe.policy.confirm_seconds == delays


@pytest.mark.parametrize(
    ("given", "delays"), [("[1, 2]", (1.0, 2.0)), ("[]", ())], ids=["quick", "none"]
)
def test_confirm_runs_that_are_set_stay(load: Load, given: str, delays: tuple[float, ...]) -> None:
    text = f"""
defaults: {{interval_seconds: 5, health: {{confirm_seconds: {given}}}}}
providers: {{openai: {{models: {{m: }}}}}}
"""
    (probe,) = load(text).probes

    assert probe.policy.confirm_seconds == delays


def test_a_list_of_the_file_is_a_tuple_of_the_policy(load: Load) -> None:
    (probe,) = load("providers: {openai: {health: {ramp: [0.2, 1]}, models: {m: }}}").probes

    assert probe.policy.ramp == (0.2, 1.0)


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        pytest.param({"hold_seconds": 700.0}, (700, 700), id="the longest is fitted to the first"),
        pytest.param({"hold_seconds": 60.0}, (60, 600), id="where it must be"),
        pytest.param({"longest_hold_seconds": 45.0}, (30, 45), id="unless it is set"),
    ],
)
def test_holds_fit_each_other(changes: dict[str, float], holds: tuple[float, float]) -> None:
    changed = with_changes(DEFAULT_POLICY, changes)

    assert (changed.hold_seconds, changed.longest_hold_seconds) == holds


def test_what_a_gateway_lists_has_the_policy_of_its_model(load: Load) -> None:
    text = """
groups: {acme/large: {health: {failures: 2}}}
providers: {openrouter: {models: {acme/large: {discover: openrouter}}}}
"""
    (found,) = load(text).discoveries

    assert found.template.policy.failures == 2
