"""A server that we did not write: the LiteLLM proxy, answering with mock responses."""

import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.e2e.venvs import cached_venv
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

KEY = "sk-litellm-master-0123456789"
PROXY = {
    "model_list": [
        {
            "model_name": "mocked",
            "litellm_params": {
                "model": "openai/gpt-4o-mini",
                "api_key": "sk-none",
                "mock_response": "Red, orange, yellow, green, blue, indigo and violet.",
            },
        }
    ],
    "general_settings": {"master_key": KEY},
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - loopback
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The proxy's base URL."""
    binaries = cached_venv("litellm[proxy]")
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "proxy.yaml").write_text(yaml.safe_dump(PROXY))
    port = _free_port()
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    command = [str(binaries / "litellm"), "--config", "proxy.yaml", "--host", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        proxy = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=folder,
            env=os.environ | offline,
            stdout=log,
            stderr=log,
        )
    try:
        live = f"http://127.0.0.1:{port}/health/liveliness"
        wait_until(lambda: _answers(live) or proxy.poll() is not None, seconds=180)
        assert proxy.poll() is None, (folder / "log").read_text()[-3000:]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        proxy.terminate()
        proxy.wait(timeout=30)


def test_a_foreign_server_is_probed_timed_and_recorded(litellm: str, tmp_path: Path) -> None:
    provider = {"base_url": litellm, "dialect": "openai_chat", "api_key": "${PROXY_KEY}"}
    settings = {
        "defaults": {"interval_seconds": 3},
        "providers": {"proxy": provider | {"models": {"mocked": {}, "no-such-model": {}}}},
    }
    (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings))

    with MonitorProcess(tmp_path, environ={"PROXY_KEY": KEY}) as daemon:
        wait_until(lambda: len(daemon.runs(target="proxy/mocked", outcome="ok")) >= 3, seconds=60)
        wait_until(lambda: daemon.runs(target="proxy/no-such-model"), seconds=60)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0

    with sqlite3.connect(tmp_path / "monitor.db") as database:
        rows = database.execute(
            "select ttft_seconds, input_tokens, output_tokens, duration_seconds from result "
            "where outcome = 'ok'"
        ).fetchall()
    database.close()
    assert len(rows) >= 3
    for ttft, tokens_in, tokens_out, duration in rows:
        assert 0 < ttft <= duration < 3
        assert tokens_in > 5
        assert tokens_out > 5
    (missing, *_) = daemon.runs(target="proxy/no-such-model")
    assert missing["outcome"] in {"model_unavailable", "invalid_request"}
