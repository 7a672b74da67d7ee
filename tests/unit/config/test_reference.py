import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import reference
from monitor.config.presets import PRESETS
from monitor.config.prose import EXAMPLE
from monitor.config.settings import Settings
from monitor.model.target import Kind

_PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"
_COMMAND = "python -m monitor.config.reference > docs/configuration.md"


def test_the_page_is_current() -> None:
    assert _PAGE.read_text() == reference.markdown(), f"write it anew: {_COMMAND}"


def test_the_page_names_every_key_of_the_grammar_and_every_preset() -> None:
    page = reference.markdown()
    keys = {
        key
        for part in reference.json_schema()["$defs"].values()
        for key in part.get("properties", {})
    }

    named = {*keys, *reference.json_schema()["properties"], *PRESETS}
    assert sorted(name for name in named if f"| `{name}` |" not in page) == []


def test_the_module_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(reference.__file__, run_name="__main__")

    assert capsys.readouterr().out == reference.markdown()


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    page = reference.markdown()
    headings = {
        title.lower().replace(" ", "-") for title in re.findall("^#+ (.*)$", page, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings


def test_the_example_can_be_run(load: Callable[[str], Settings], files: Path) -> None:
    key = files / "key.secret"
    text = EXAMPLE.replace("/run/secrets/openai-europe", str(key))

    settings = load(text)

    keys = [probe.target.key for probe in settings.probes if probe.kind is Kind.COMPLETION]
    assert keys == [
        "openai/gpt-6-luna",
        "openai/gpt-6.1-sol",
        "openai-europe/gpt-6-luna",
        "azure/my-deployment",
        "inference/qwen3-8b@gpu-1",
        "inference/qwen3-8b@gpu-2",
    ]
    assert [found.model for found in settings.discoveries] == ["openai/gpt-oss-20b"]
    assert settings.warnings == ()


def test_the_schema_is_json_and_closed() -> None:
    schema = json.loads(json.dumps(reference.json_schema()))

    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["providers"]


def test_the_schema_takes_a_switch_as_a_boolean_too() -> None:
    level = reference.json_schema()["$defs"]["Defaults"]["properties"]

    for name in ("throughput", "listing"):
        assert {"type": "boolean"} in level[name]["anyOf"]


@pytest.mark.parametrize("field", ["api_key", "token"])
def test_the_schema_marks_secrets(field: str) -> None:
    text = json.dumps(reference.json_schema())

    assert re.search(rf'"{field}": {{"anyOf": \[{{[^}}]*"format": "password"', text)
