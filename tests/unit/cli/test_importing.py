from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app

_PROXY = """
model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 100}
    model_info: {id: east}
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://my-resource.openai.azure.com/
      api_version: "2024-10-21"
      api_key: sk-planted-azure
    model_info: {id: west}
  - {model_name: "*", litellm_params: {model: "openai/*"}}
router_settings: {routing_strategy: simple-shuffle}
"""


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", "litellm", *arguments])


@pytest.fixture
def proxy(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(_PROXY)
    return path


def test_what_it_prints_passes_check_config(
    proxy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "monitor.yaml"
    made.write_text(_run(str(proxy)).stdout)
    for name in ("OPENAI_API_KEY", "LITELLM_AZURE_API_KEY"):
        monkeypatch.setenv(name, "sk-planted-other")
    checked = CliRunner().invoke(app, ["check-config", "--config", str(made)])

    assert checked.exit_code == 0, checked.output
    assert "litellm/gpt-4o" in checked.stdout
    assert "is sound: 2 probes" in checked.stdout


def test_what_is_not_taken_over_is_told_beside_it(proxy: Path) -> None:
    result = _run(str(proxy))
    to_set = "set the environment variable LITELLM_AZURE_API_KEY to it"

    assert result.exit_code == 0
    assert [line.removeprefix(f"{proxy}:") for line in result.stderr.splitlines()] == [
        f"11: model_list[1].litellm_params.api_key: is written out; {to_set}",
        "13: model_list[2]: is a wildcard; write an entry for each model that is to be probed",
        "14: router_settings: is not taken over",
    ]
    assert "planted" not in result.output


def test_it_writes_a_file_that_is_not_there(proxy: Path, tmp_path: Path) -> None:
    made = tmp_path / "monitor.yaml"
    result = _run(str(proxy), "--output", str(made))

    assert result.exit_code == 0
    assert f"{made}: 2 targets" in result.stdout
    assert made.read_text() == _run(str(proxy)).stdout


def test_it_does_not_write_over_a_file(proxy: Path, tmp_path: Path) -> None:
    made = tmp_path / "monitor.yaml"
    made.write_text("mine")
    result = _run(str(proxy), "--output", str(made))

    assert result.exit_code == 2
    assert f"{made}: cannot be written: File exists" in result.stderr
    assert made.read_text() == "mine"


def test_a_file_without_any_target_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("model_list: [{model_name: a, litellm_params: {model: weird/a}}]")
    result = _run(str(path), "--output", str(tmp_path / "monitor.yaml"))

    assert result.exit_code == 1
    assert "no target could be taken over" in result.stderr
    assert not (tmp_path / "monitor.yaml").exists()


@pytest.mark.parametrize("content", [None, b"\xff", b"a: [", b"a: b"], ids=str)
def test_a_file_that_cannot_be_read_is_an_error_of_use(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "config.yaml"
    if content is not None:
        path.write_bytes(content)
    result = _run(str(path))

    assert result.exit_code == 2
    assert str(path) in result.stderr
