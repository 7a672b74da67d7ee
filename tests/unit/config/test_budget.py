from collections.abc import Callable

from monitor.config.settings import Settings
from monitor.probes.budget import Budget

Load = Callable[[str], Settings]

_TEXT = """
budget: {usd_per_day: %s}
providers:
  openai: {budget_usd_per_day: %s, models: {gpt-6-luna: }}
  mine:
    base_url: https://llm.example/v1
    models: {small: %s}
"""
_FREE = "{prices: {input_usd_per_million: 0, output_usd_per_million: 0}}"


def test_without_a_budget_there_is_no_limit(load: Load) -> None:
    assert load("providers: {openai: }").budget == Budget()


def test_limits_are_overall_and_by_provider(load: Load) -> None:
    settings = load(_TEXT % (5, 2.5, _FREE))

    assert settings.budget == Budget(overall=5, providers={"openai": 2.5})
    assert settings.warnings == ()


def test_a_limit_that_a_day_may_reach_is_warned_of(load: Load) -> None:
    below = (
        "is below what a day may cost (0.37 USD at most); near the budget throughput probes stop "
        "and intervals stretch; once it is spent, runs are missed"
    )

    assert load(_TEXT % (0.3, 0.1, _FREE)).warnings == (
        f"m.yaml:2: budget.usd_per_day: {below}",
        f"m.yaml:4: providers.openai.budget_usd_per_day: {below}",
    )


def test_a_limit_that_does_not_see_everything_is_warned_of(load: Load) -> None:
    assert load(_TEXT % (5, 5, "")).warnings == (
        "m.yaml:2: budget.usd_per_day: does not count targets of unknown price; write their prices",
    )
