"""No secret of a configuration is shown: not by a verb, not in a log line, not in an excerpt."""

import io
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from monitor import log
from monitor.cli import app
from monitor.config.load import load_file
from monitor.probes.scrub import scrub

CONFIGURATION = """
database: postgresql://u:sk-planted-database@h/d
defaults: {query: {code: "${CODE_KEY}"}}
providers:
  mine:
    base_url: http://[::1]:1/v1
    headers: {X-Shared: "id=${SHARED}"}
    models: {m: {api_key: sk-planted-literal}}
  bedrock:
    region: eu-central-1
    aws: {access_key_id: AKIDEXAMPLE, secret_access_key: "${SIGNS}", session_token: file:session}
    models: {n: }
"""
ENVIRON = {name: f"sk planted+{name.lower()}" for name in ("SHARED", "SIGNS")}
ENVIRON["CODE_KEY"] = "sk-planted-code"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "session").write_text("sk/planted/session\n")
    path = tmp_path / "monitor.yaml"
    path.write_text(CONFIGURATION)
    return path


def test_check_config_shows_none(file: Path) -> None:
    done = CliRunner().invoke(app, ["check-config", "--config", str(file)])

    assert done.exit_code == 0
    assert "is written out in the file" in done.output
    assert "planted" not in done.output


def test_no_log_line_and_no_excerpt_shows_one(file: Path) -> None:
    settings = load_file(file, ENVIRON)
    words = f"bad: {'; '.join(secret.reveal() for secret in settings.secrets)}"
    stream = io.StringIO()
    writer = log.set_up(settings.secrets, as_json=True, stream=stream)

    structlog.get_logger().info("said", words=words)
    writer.close()

    assert words.count("planted") >= 6
    assert "planted" not in stream.getvalue()
    assert "planted" not in scrub(words, secrets=settings.secrets)
