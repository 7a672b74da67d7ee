"""OpenRouter's own SDK, which refuses what is not its form, understands our endpoints."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.simulator import Behaviour, Script, SimulatedTarget, Simulator, run_in_thread
from tests.e2e.process import MonitorProcess
from tests.e2e.venvs import cached_venv
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

SDK = "openrouter==1.3.84"
TOKEN = "t0ken-of-this-test"
# Run by the Python of the SDK's own environment.
SCRIPT = """
import json, sys
from openrouter import OpenRouter, errors
client = OpenRouter(server_url=sys.argv[1], api_key=sys.argv[2])
data = client.endpoints.list(author="sim", slug="small").data
told = {"id": data.id, "endpoints": [each.model_dump(mode="json") for each in data.endpoints]}
try:
    client.endpoints.list(author="sim", slug="none")
except errors.OpenRouterError as error:
    told["error"] = [error.status_code, json.loads(error.body)["error"]["message"]]
print(json.dumps(told))
"""


def configure(folder: Path, urls: dict[str, str]) -> None:
    prices = {"input_usd_per_million": 0.15, "output_usd_per_million": 0.6}
    providers = {
        name: {
            "base_url": url,
            "dialect": "openai_chat",
            "headers": {"authorization": "Bearer sim-key"},
            "models": {"small": {"group": "sim/small"}},
        }
        for name, url in urls.items()
    }
    providers["dear"]["models"] = {"small": {"group": "sim/small", "prices": prices}}
    defaults = {"interval_seconds": 1, "jitter_seconds": 0}
    settings = {"token": TOKEN, "defaults": defaults, "providers": providers}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


def ask(address: str) -> dict[str, Any]:
    python = str(cached_venv(SDK) / "python")
    told = subprocess.run(
        [python, "-W", "ignore", "-c", SCRIPT, f"http://{address}/api/v1", TOKEN],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    return dict(json.loads(told.stdout))


def _ask_until_known(address: str) -> dict[str, Any]:
    """Ask until latencies are told; runs that we ourselves held up are none."""
    told: dict[str, Any] = {}

    def is_known() -> bool:
        told.update(ask(address))
        return all(each["latency_last_30m"] for each in told["endpoints"])

    wait_until(is_known, seconds=60)
    return told


def test_the_official_client_reads_a_group(tmp_path: Path) -> None:
    cached_venv(SDK)
    behaviour = Behaviour(script=Script(first_token_seconds=0.05, gap_seconds=0.001))
    fleet = [
        SimulatedTarget(provider=name, model="small", group="sim/small", behaviour=behaviour)
        for name in ("cheap", "dear")
    ]
    with run_in_thread(Simulator(fleet)) as simulator:
        configure(tmp_path, {name: simulator.base_url(name) for name in ("cheap", "dear")})
        with MonitorProcess(tmp_path) as daemon:
            wait_until(lambda: len(daemon.runs(target="cheap/small", outcome="ok")) > 6)
            wait_until(lambda: len(daemon.runs(target="dear/small", outcome="ok")) > 6)
            told = _ask_until_known(daemon.address)

    assert told["id"] == "sim/small"
    assert told["error"] == [404, "There is no group of this name."]
    endpoints = {each["tag"]: each for each in told["endpoints"]}
    assert endpoints["dear"]["pricing"]["prompt"] == "0.00000015"
    assert endpoints["cheap"]["pricing"]["prompt"] == "-1"
    for each in endpoints.values():
        assert each["status"] == 0
        assert each["uptime_last_5m"] == each["uptime_last_1d"] == 100.0
        latency = each["latency_last_30m"]
        # A sketch is right within a hundredth.
        assert 49 <= latency["p50"] <= latency["p99"] < 2000
        assert each["throughput_last_30m"] is None
