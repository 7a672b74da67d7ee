"""A gateway lists who serves a model: one target for each endpoint, each run pinned to it."""

import signal
from pathlib import Path

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.gateway import running_gateway
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_endpoints_become_targets(tmp_path: Path) -> None:
    with running_gateway() as gateway:
        model = {"discover": "openrouter"}
        provider = {
            "base_url": gateway.base_url,
            "api_key": "${KEY}",
            "interval_seconds": 1.5,
            "title": "our monitor",
            "models": {"lab/large": model},
        }
        (tmp_path / "monitor.yaml").write_text(
            yaml.safe_dump({"providers": {"openrouter": provider}})
        )
        with MonitorProcess(tmp_path, environ={"KEY": "sk-or-planted-0123456789"}) as daemon:
            keys = {"openrouter/lab/large@acme", "openrouter/lab/large@bolt/fp8"}
            wait_until(lambda: daemon.states() == dict.fromkeys(keys, "up"))
            metrics = daemon.get("/metrics")
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0

    assert {each["provider"]["only"][0] for each in gateway.asked} == {"acme", "bolt/fp8"}
    assert gateway.asked[0]["headers"]["x-title"] == "our monitor"
    assert metrics.count("llmprobe_published_uptime_ratio{") == 2
    assert not [each for each in daemon.events if each["event"] == "internal_error"]
