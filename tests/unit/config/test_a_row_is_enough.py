"""A provider that speaks a known dialect is added by one row in the presets, and nothing else."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from monitor.config import reference
from monitor.config.cost import expected_cost
from monitor.config.environment import from_environment
from monitor.config.load import load_text
from monitor.config.presets import PRESETS, Preset
from monitor.config.secrets import Sources
from monitor.config.settings import Settings
from monitor.probes.dialects import DIALECTS

_ROW = Preset(
    name="acme",
    env="ACME_API_KEY",
    base_url="https://api.acme.example/v1",
    auth_header="x-acme-key",
    auth_prefix="",
    author="acme-labs",
    default_model="roadrunner-1",
    reasoning=(("coyote-", "minimal"),),
    max_tokens_parameter="max_completion_tokens",
    include_usage=False,
    headers=(("x-acme-mode", "plain"),),
    query=(("version", "2"),),
    prices=(("roadrunner-1", 1, 2),),
)
_PAGE = Path(__file__).parents[3] / "docs" / "adding-a-provider.md"
_ENVIRON = {"ACME_API_KEY": "k-1"}


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "acme", _ROW)


def _from_file() -> Settings:
    return load_text("providers: {acme: }", sources=Sources(_ENVIRON), name="m.yaml")


def _from_another_name() -> Settings:
    text = "providers: {mine: {preset: acme}}"
    return load_text(text, sources=Sources(_ENVIRON), name="m.yaml")


def _from_environment() -> Settings:
    settings = from_environment(_ENVIRON)
    assert settings
    return settings


@pytest.mark.parametrize("choose", [_from_file, _from_another_name, _from_environment])
def test_its_default_model_is_asked_as_the_row_says(choose: Callable[[], Settings]) -> None:
    (probe,) = choose().probes

    request = DIALECTS[probe.target.dialect].build(probe, "hello")

    headers = {name: value.reveal() for name, value in request.headers}
    body = json.loads(request.body)
    assert request.url == "https://api.acme.example/v1/chat/completions?version=2"
    assert (headers["x-acme-key"], headers["x-acme-mode"]) == ("k-1", "plain")
    assert (body["model"], body["max_completion_tokens"]) == ("roadrunner-1", 16)
    assert "stream_options" not in body


def test_its_models_have_groups_prices_and_efforts() -> None:
    text = "providers: {acme: {models: {roadrunner-1: , coyote-2: }}}"
    plain, thinking = load_text(text, sources=Sources(_ENVIRON), name="m.yaml").probes

    assert plain.target.group == "acme-labs/roadrunner-1"
    assert expected_cost(plain).usd == pytest.approx(1440 * (30 * 1 + 16 * 2) / 1e6)
    assert (thinking.request.reasoning_effort, thinking.request.temperature) == ("minimal", None)


def test_the_page_that_tells_how_shows_a_configuration_that_can_be_run() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", _PAGE.read_text(), re.DOTALL)

    (probe,) = load_text(block, sources=Sources(_ENVIRON), name="m.yaml").probes

    assert probe.target.key == "acme/roadrunner-1"


def test_the_page_that_tells_how_shows_a_row_of_known_fields() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)

    (row,) = ast.parse(f"[{block}]", mode="eval").body.elts  # type: ignore[attr-defined]

    assert {keyword.arg for keyword in row.keywords} <= {field.name for field in fields(Preset)}


def test_it_is_in_the_reference() -> None:
    page = reference.markdown()

    assert "| `acme` | `ACME_API_KEY` | `https://api.acme.example/v1` | `openai_chat` |" in page
    assert "| `acme` | `roadrunner-1` | 1 | 2 |" in page


def test_a_row_may_leave_places_open(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(_ROW, base_url="https://{resource}.acme.example/v1")
    monkeypatch.setitem(PRESETS, "acme", row)
    text = "providers: {acme: {resource: rock}}"

    (probe,) = load_text(text, sources=Sources(_ENVIRON), name="m.yaml").probes

    assert probe.target.base_url == "https://rock.acme.example/v1"
    assert from_environment(_ENVIRON) is None
