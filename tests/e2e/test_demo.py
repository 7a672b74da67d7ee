"""Without keys: the simulated fleet, which says what it is and shows one of each trouble."""

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    with MonitorProcess(tmp_path_factory.mktemp("demo")) as running:
        yield running


def test_within_two_minutes_targets_are_up_degraded_and_down(demo: MonitorProcess) -> None:
    wait_until(lambda: {"up", "degraded", "down"} <= set(demo.states().values()), seconds=120)

    metrics = demo.get("/metrics")
    for state in ("up", "degraded", "down"):
        assert re.search(rf'llmprobe_state\{{[^}}]*state="{state}"[^}}]*\}} 1.0', metrics)


def test_the_emblem_is_counted_as_overloaded(demo: MonitorProcess) -> None:
    wait_until(lambda: demo.runs(target="borealis/chat-large"), seconds=60)

    seen = demo.runs(target="borealis/chat-large")[0]
    assert (seen["outcome"], seen["http_status"]) == ("overloaded", 404)
    assert "Too many simultaneous queries" in seen["message"]
    counted = re.compile(
        r'llmprobe_probe_failures_total\{[^}]*outcome="overloaded"[^}]*'
        r'target="borealis/chat-large"\} [1-9]'
    )
    wait_until(lambda: counted.search(demo.get("/metrics")))


def test_it_says_plainly_that_it_is_simulated(demo: MonitorProcess) -> None:
    assert "SIMULATED FLEET: no configuration and no API keys were found" in demo.log
    assert "Simulated fleet" in demo.get("/")
    assert json.loads(demo.get("/api/v1/targets"))["simulated"] is True
    assert json.loads(demo.get("/readyz"))["simulated"] is True
    assert "llmprobe_simulated 1.0" in demo.get("/metrics")


def test_its_log_counts_targets_as_the_pages_do(demo: MonitorProcess) -> None:
    serving = next(each for each in demo.events if each["event"] == "serving")

    assert serving["targets"] == len(json.loads(demo.get("/api/v1/targets"))["targets"])
    assert serving["probes"] == 2 * serving["targets"]


def test_its_figures_stay_out_of_the_real_database(demo: MonitorProcess) -> None:
    names = {path.name for path in Path(demo.folder).iterdir()}

    assert "monitor-demo.db" in names
    assert "monitor.db" not in names


def test_it_ends_in_order(tmp_path: Path) -> None:
    with MonitorProcess(tmp_path, "--demo") as demo:
        demo.signal(signal.SIGINT)

        assert demo.wait(seconds=10) == 0
    assert "Traceback" not in demo.log
    assert "Warning" not in demo.log
