"""A gateway lists who serves a model: one target for each endpoint, each run pinned to it."""

import signal
from pathlib import Path

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.gateway import Gateway, running_gateway
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


KEYS = {"openrouter/lab/large@acme", "openrouter/lab/large@bolt/fp8"}


def start(folder: Path, gateway: Gateway) -> MonitorProcess:
    provider = {
        "base_url": gateway.base_url,
        "api_key": "${KEY}",
        "interval_seconds": 1.5,
        "title": "our monitor",
        "models": {"lab/large": {"discover": "openrouter"}},
    }
    settings = yaml.safe_dump({"providers": {"openrouter": provider}})
    (folder / "monitor.yaml").write_text(settings)
    return MonitorProcess(folder, environ={"KEY": "sk-or-planted-0123456789"})


def valid(daemon: MonitorProcess) -> dict[str, int]:
    """How many runs count in the uptime of each target."""
    return {key: each["windows"]["24h"]["valid"] for key, each in daemon.targets().items()}


def test_endpoints_become_targets(tmp_path: Path) -> None:
    with running_gateway() as gateway, start(tmp_path, gateway) as daemon:
        wait_until(lambda: daemon.states() == dict.fromkeys(KEYS, "up"))
        metrics = daemon.get("/metrics")
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0

    assert {each["provider"]["only"][0] for each in gateway.asked} == {"acme", "bolt/fp8"}
    assert gateway.asked[0]["headers"]["x-title"] == "our monitor"
    assert metrics.count("llmprobe_published_uptime_ratio{") == 2
    assert not [each for each in daemon.events if each["event"] == "internal_error"]


def test_what_was_known_of_endpoints_outlives_a_restart(tmp_path: Path) -> None:
    with running_gateway() as gateway:
        with start(tmp_path, gateway) as daemon:
            wait_until(lambda: daemon.states() == dict.fromkeys(KEYS, "up"))
            wait_until(lambda: min(valid(daemon).values()) > 3)
            before = valid(daemon)
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
        with start(tmp_path, gateway) as daemon:
            wait_until(daemon.targets)
            first_seen = valid(daemon)
            assert len(daemon.runs()) < min(before.values())

    assert first_seen.keys() == KEYS
    assert all(first_seen[key] >= before[key] for key in KEYS)
