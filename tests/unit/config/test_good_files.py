import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.config.load import load_file
from monitor.config.settings import Settings, SpoolSettings
from monitor.model.target import Deadlines, Prices, Probe, RequestSettings, Secret
from monitor.scheduling.limits import Bounds


@pytest.fixture(scope="session")
def good(files: Path, environ: Mapping[str, str]) -> dict[str, Settings]:
    paths = files.glob("good-*.yaml")
    return {path.stem.removeprefix("good-"): load_file(path, environ) for path in paths}


def _probe(settings: Settings, key: str) -> Probe:
    return next(probe for probe in settings.probes if probe.target.key == key)


def test_the_full_file_sets_the_daemon(good: dict[str, Settings], files: Path) -> None:
    settings = good["full"]

    assert settings.vantage == "fra1"
    assert settings.listen == "0.0.0.0:9464"
    assert settings.token == Secret("sk-planted-token")
    assert settings.database == "postgresql://monitor:sk-planted-p%40ss@db.example/monitor"
    assert settings.source == f"file {files / 'good-full.yaml'}"
    assert settings.warnings == ()


def test_the_full_file_bounds_what_runs_at_once(good: dict[str, Settings]) -> None:
    assert good["full"].limits == Bounds(
        overall=50, per_provider=20, per_host=10, providers={"openai": 5}
    )
    assert good["minimal"].limits == Bounds(overall=500, per_provider=100, per_host=100)


def test_the_full_file_names_a_canary(good: dict[str, Settings]) -> None:
    assert good["full"].canary == "one.one.one.one:443"
    assert good["minimal"].canary is None


def test_the_full_file_says_where_results_wait(good: dict[str, Settings]) -> None:
    assert good["full"].spool == SpoolSettings(path="/var/spool/monitor", max_bytes=10_485_760)
    assert good["minimal"].spool == SpoolSettings()


def test_the_full_file_makes_its_targets_in_order(good: dict[str, Settings]) -> None:
    assert [probe.target.key for probe in good["full"].probes] == [
        "openai/gpt-4o-mini",
        "openai/o-next",
        "openai/my-model@eu",
        "openai/my-model@us",
        "my-vllm/qwen3",
    ]


def test_a_plain_model_takes_what_the_levels_say(good: dict[str, Settings]) -> None:
    probe = _probe(good["full"], "openai/gpt-4o-mini")

    assert probe.interval_seconds == 120
    assert probe.jitter_seconds == 6
    assert probe.deadlines == Deadlines()
    assert probe.request == RequestSettings(max_tokens_parameter="max_completion_tokens")
    assert probe.target.group == "openai/gpt-4o-mini"
    assert probe.target.base_url == "https://api.openai.com/v1"
    assert probe.target.prices == Prices(input_usd_per_million=0.15, output_usd_per_million=0.6)
    assert probe.target.headers == (("Authorization", Secret("Bearer sk-planted-openai")),)


def test_a_reasoning_model_gets_time_tokens_and_no_temperature(good: dict[str, Settings]) -> None:
    probe = _probe(good["full"], "openai/o-next")

    assert probe.deadlines == Deadlines(first_token_seconds=45)
    assert probe.request == RequestSettings(
        max_output_tokens=512,
        max_tokens_parameter="max_completion_tokens",
        temperature=None,
        reasoning_effort="low",
    )


def test_targets_of_a_model_differ_in_what_they_set(good: dict[str, Settings]) -> None:
    eu = _probe(good["full"], "openai/my-model@eu").target
    us = _probe(good["full"], "openai/my-model@us").target

    assert (eu.base_url, eu.region) == ("https://eu.example/v1", "eu")
    assert (us.base_url, us.region) == ("https://us.example/v1", None)
    assert eu.group == us.group == "openai/my-model"
    assert dict(eu.headers) == {"Authorization": Secret("Bearer sk-planted-from-file")}
    assert dict(us.headers) == {
        "Authorization": Secret("Bearer sk-planted-openai"),
        "X-Tenant": Secret("t-1"),
    }


def test_every_secret_is_listed_for_redaction(good: dict[str, Settings]) -> None:
    revealed = {secret.reveal() for secret in good["full"].secrets}

    assert revealed == {
        "sk-planted-openai",
        "sk-planted-token",
        "sk-planted-from-file",
        "sk-planted-p%40ss",
        "sk-planted-p@ss",
    }


def test_a_name_is_enough_for_a_preset(good: dict[str, Settings]) -> None:
    (probe,) = good["minimal"].probes

    assert probe.target.key == "openai/gpt-6-luna"
    assert good["minimal"].database == "sqlite:///monitor.db"
    assert good["minimal"].listen == "127.0.0.1:9464"
    assert good["minimal"].vantage == "local"


def test_anchors_and_merges_work(good: dict[str, Settings]) -> None:
    patient = _probe(good["anchors"], "openai/gpt-4o-mini")
    plain = _probe(good["anchors"], "openai/gpt-4.1")

    assert patient.deadlines.total_seconds == 110
    assert patient.deadlines.first_token_seconds == 30
    assert plain.deadlines.first_token_seconds == 60
    assert plain.target.prices == Prices(input_usd_per_million=2.5, output_usd_per_million=10)


def test_scalars_are_those_of_yaml_1_2_and_references_fit_numbers(
    good: dict[str, Settings],
) -> None:
    settings = good["yaml-1.2"]

    assert settings.vantage == "no"
    assert [probe.target.key for probe in settings.probes] == ["1234/true", "1234/2026-01-01"]
    assert settings.probes[0].target.region == "12:30:45"
    assert settings.probes[0].interval_seconds == 90
    assert settings.probes[0].request.temperature is None


def test_unwise_settings_are_warned_of(good: dict[str, Settings], files: Path) -> None:
    name = re.escape(str(files / "good-unwise.yaml"))
    warnings = [re.sub(rf"^{name}:", "", warning) for warning in good["unwise"].warnings]

    assert warnings == [
        "1: token: is written out in the file; use ${NAME} or file:/path",
        "4: providers.openai.api_key: is written out in the file; use ${NAME} or file:/path",
        "6: providers.mine.base_url: plain http to another host shows the API key to the network",
    ]


def test_settings_do_not_show_their_secrets(good: dict[str, Settings]) -> None:
    shown = [repr(settings) for name, settings in good.items() if name != "full"]

    assert not [text for text in shown if "sk-planted" in text]
