from collections.abc import Callable

import pytest

from monitor.config.settings import Settings
from monitor.model.target import Kind, Secret

Load = Callable[[str], Settings]

_TEXT = """
providers:
  openrouter:
    referer: https://status.example
    title: my monitor
    models:
      openai/gpt-oss-20b: {discover: openrouter, interval_seconds: 300, throughput: true}
      qwen/qwen3-8b:
"""


def test_a_model_to_discover_is_no_target_by_itself(load: Load) -> None:
    settings = load(_TEXT)

    assert [probe.target.key for probe in settings.probes] == ["openrouter/qwen/qwen3-8b"]
    assert [found.model for found in settings.discoveries] == ["openai/gpt-oss-20b"]


def test_a_discovery_says_where_to_look_as_whom_and_how_often(load: Load) -> None:
    (found,) = load(_TEXT).discoveries

    assert (found.kind, found.provider) == ("openrouter", "openrouter")
    assert found.base_url == "https://openrouter.ai/api/v1"
    assert found.interval_seconds == 3600
    assert dict(found.headers) == {
        "X-OpenRouter-Cache": Secret("false"),
        "X-OpenRouter-Metadata": Secret("enabled"),
        "HTTP-Referer": Secret("https://status.example"),
        "X-Title": Secret("my monitor"),
        "Authorization": Secret("Bearer sk-planted-openrouter"),
    }


def test_its_templates_are_the_probes_of_every_target(load: Load) -> None:
    (found,) = load(_TEXT).discoveries

    assert [probe.kind for probe in found.templates] == [Kind.COMPLETION, Kind.THROUGHPUT]
    assert found.template.interval_seconds == 300
    assert found.template.target.key == "openrouter/openai/gpt-oss-20b"
    assert found.template.request.max_output_tokens == 512


@pytest.mark.parametrize("seconds", [60, 86_400])
def test_the_list_is_looked_at_as_often_as_said(load: Load, seconds: int) -> None:
    model = f"{{discover: openrouter, discover_interval_seconds: {seconds}}}"
    (found,) = load(f"providers: {{openrouter: {{models: {{a/b: {model}}}}}}}").discoveries

    assert found.interval_seconds == seconds


def test_a_header_that_is_written_beats_who_is_asking(load: Load) -> None:
    text = "providers: {openrouter: {title: a, headers: {x-title: b}}}"
    (probe,) = load(text).probes

    assert dict(probe.target.headers)["x-title"] == Secret("b")
