import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app

_FILE = """
budget: {usd_per_day: 5}
limits: {per_host: 50}
defaults: {throughput: true}
providers:
  openai:
    api_key: ${OPENAI_API_KEY}
    budget_usd_per_day: 3
    concurrency: 5
    models: {gpt-6-luna: , of-my-own: {throughput: false}}
  mine:
    base_url: http://127.0.0.1:1/v1
    models:
      small: {listing: true, prices: {input_usd_per_million: 0, output_usd_per_million: 0}}
      tiny: {throughput: false, prices: {input_usd_per_million: 0.001, output_usd_per_million: 0}}
  unpriced: {base_url: "http://127.0.0.1:2/v1", models: {m: {throughput: false}}}
  openrouter:
    api_key: ${OPENAI_API_KEY}
    models: {a/b: {discover: openrouter}}
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key-123456")
    return checked(_FILE, tmp_path / "monitor.yaml")


def checked(text: str, path: Path) -> str:
    path.write_text(text)
    result = CliRunner().invoke(app, ["check-config", "--config", str(path)])
    assert result.exit_code == 0, result.output
    return result.stdout


def _row(told: str, target: str) -> list[str]:
    lines = told.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith(f"{target} "))
    return re.split(r"\s{2,}", lines[at].strip())


@pytest.mark.parametrize(
    ("target", "cost"),
    [
        ("openai/gpt-6-luna", "0.41 USD"),
        ("openai/of-my-own", "?"),
        ("mine/small", "0.00 USD"),
        ("mine/tiny", "< 0.01 USD"),
    ],
)
def test_each_target_has_its_cost_a_day(told: str, target: str, cost: str) -> None:
    assert _row(told, target)[-1] == cost


def test_each_kind_of_probe_has_its_interval(told: str) -> None:
    for kind in ("completion 60 s", "throughput 900 s", "models 300 s"):
        assert kind in told


def test_each_provider_has_its_total_and_its_budget(told: str) -> None:
    lines = told.splitlines()

    assert (
        "openai: at most 0.41 USD and 23,040 output tokens of unknown price a day, "
        "of a budget of 3.00 USD"
    ) in lines
    assert "mine: less than 0.01 USD a day" in lines
    assert "unpriced: at most 23,040 output tokens of unknown price a day" in lines


def test_all_together_have_a_total_and_a_budget(told: str) -> None:
    assert (
        told.rstrip()
        .splitlines()[-2]
        .endswith(
            "is sound: 8 probes, at most 927,744 output tokens a day; at most 0.41 USD and 46,080 "
            "output tokens of unknown price a day, of a budget of 5.00 USD"
        )
    )


def test_what_is_to_be_discovered_is_told_with_what_each_endpoint_may_generate(told: str) -> None:
    assert (
        "openrouter/a/b becomes a target for each endpoint that openrouter lists, at most 47,616 "
        "output tokens a day each"
    ) in told.splitlines()


def test_how_much_may_run_at_once_is_told(told: str) -> None:
    assert (
        "at most 500 runs at once: 100 of each provider, 5 of openai, 50 at each host"
    ) in told.splitlines()


def test_no_secret_is_told(told: str) -> None:
    assert "planted" not in told


_ONE = """
providers:
  mine:
    base_url: http://127.0.0.1:1/v1
    interval_seconds: 10
    models: {small: }
"""


def test_what_is_next_is_told_as_it_can_be_typed(told: str, tmp_path: Path) -> None:
    last = told.rstrip().splitlines()[-1]

    assert last == f"Next: monitor probe openai/gpt-6-luna --config {tmp_path}/monitor.yaml"


def test_a_deadline_is_called_one_and_has_no_more_digits_than_anybody_reads(tmp_path: Path) -> None:
    told = checked(_ONE, tmp_path / "monitor.yaml")

    assert "FIRST TOKEN WITHIN  ALL WITHIN" in told
    assert "8.33 s" in _row(told, "mine/small")
    assert "8.333" not in told


def test_one_provider_without_a_price_has_its_tokens_told_once(tmp_path: Path) -> None:
    told = checked(_ONE, tmp_path / "monitor.yaml")

    assert told.count("138,240 output tokens") == 1
    assert "is sound: 1 probe, at most 138,240 output tokens a day, of unknown price\n" in told
