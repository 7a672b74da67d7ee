"""A server that we did not write: the LiteLLM proxy, answering with mock responses."""

import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.e2e.servers import serving
from tests.e2e.venvs import LITELLM, cached_venv
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


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The proxy's base URL."""
    binaries = cached_venv(LITELLM)
    folder = tmp_path_factory.mktemp("litellm")
    (folder / "proxy.yaml").write_text(yaml.safe_dump(PROXY))
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    command = [str(binaries / "litellm"), "--config", "proxy.yaml", "--host", "127.0.0.1", "--port"]
    with serving(
        lambda port: [*command, str(port)], folder, health="/health/liveliness", environ=offline
    ) as origin:
        yield f"{origin}/v1"


def _failed(daemon: MonitorProcess) -> set[str]:
    """List what a model that is not there ended in, but for runs that we ourselves held up."""
    runs = daemon.runs(target="proxy/no-such-model")
    return {each["outcome"] for each in runs} - {"inconclusive"}


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
            "where outcome = 'ok' order by slot_at limit 3"  # the stop may cut the next one short
        ).fetchall()
    database.close()
    assert len(rows) == 3
    for ttft, tokens_in, tokens_out, duration in rows:
        assert 0 < ttft <= duration < 3
        assert tokens_in > 5
        assert tokens_out > 5
    assert _failed(daemon) <= {"model_unavailable", "invalid_request"}
