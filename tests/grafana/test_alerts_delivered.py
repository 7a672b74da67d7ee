"""From a failing provider to a message: monitor, Prometheus, Alertmanager, webhook, all real."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.simulator import FaultKind, RunningSimulator, Simulator, run_in_thread
from tests.debian import program
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import free_port, serving
from tests.grafana.fleet import settings, steady
from tests.grafana.hastened import hastened_routes, hastened_rules
from tests.prometheus import Prometheus, prometheus
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

TARGETS = tuple(map(steady, ("alpha", "beta", "gamma")))


class Told:
    """The messages of Alertmanager, in the order in which they came."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def alerts(self, status: str) -> list[dict[str, Any]]:
        """The alerts that were told with a status: firing or resolved."""
        told = [each for _, message in self.messages for each in message["alerts"]]
        return [each for each in told if each["status"] == status]

    def names(self, status: str) -> set[str]:
        """Their names."""
        return {each["labels"]["alertname"] for each in self.alerts(status)}

    def receivers(self) -> set[str]:
        """Who was told anything."""
        return {path.strip("/") for path, _ in self.messages}


@dataclass(frozen=True)
class Watch:
    """All that runs, and what was told of it."""

    folder: Path
    simulator: RunningSimulator
    monitor: MonitorProcess
    prometheus: Prometheus
    told: Told

    def firing(self, seconds: int) -> set[str]:
        """Name the alerts that were firing within so many seconds, told or not."""
        found = self.prometheus.ask(f'count_over_time(ALERTS{{alertstate="firing"}}[{seconds}s])')
        return {each["metric"]["alertname"] for each in found}

    def number(self, expr: str) -> float:
        """Evaluate what gives one number; 0 where there is none."""
        found = self.prometheus.ask(expr)
        return float(found[0]["value"][1]) if found else 0.0

    def wait_for(self, expr: str, least: float = 1.0) -> None:
        """Wait until an expression gives so much."""
        wait_until(lambda: self.number(expr) >= least, seconds=60)

    def wait_seconds(self, seconds: float) -> None:
        """Wait until Prometheus' clock went on by so much."""
        end = self.prometheus.now() + seconds
        wait_until(lambda: self.prometheus.now() > end)

    def fail(self, provider: str, **bounds: Any) -> None:
        """Let a provider answer 500."""
        self.simulator.call(
            lambda: self.simulator.simulator.inject(
                provider, None, FaultKind.SERVER_ERROR, **bounds
            )
        )

    def heal(self, provider: str) -> None:
        """Let it answer well again."""
        self.simulator.call(lambda: self.simulator.simulator.clear(provider))


@contextmanager
def webhook() -> Iterator[tuple[str, Told]]:
    """Listen for Alertmanager's messages; give the address, and what was told."""
    told = Told()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            told.messages.append((self.path, json.loads(self.rfile.read(length))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", told
        server.shutdown()
        thread.join()


@contextmanager
def alertmanager(folder: Path, webhook: str) -> Iterator[str]:
    """Run Alertmanager with the shipped routes; give its address."""
    binary = program("prometheus-alertmanager", package="prometheus-alertmanager")
    folder.mkdir()
    routes = hastened_routes(folder, webhook)

    def command(port: int) -> list[str]:
        options = {
            "config.file": str(routes),
            "storage.path": str(folder / "data"),
            "web.listen-address": f"127.0.0.1:{port}",
            "cluster.listen-address": "",
        }
        return [binary, *(f"--{name}={value}" for name, value in options.items())]

    with serving(command, folder, health="/-/ready") as origin:
        yield origin.removeprefix("http://")


def started(folder: Path, port: int) -> MonitorProcess:
    return MonitorProcess(folder, "--listen", f"127.0.0.1:{port}")


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Run it all, until every target is up and nothing fires."""
    port = free_port()
    with run_in_thread(Simulator(TARGETS)) as simulator:
        said = settings(simulator, TARGETS)
        (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(said))
        with (
            webhook() as (address, told),
            alertmanager(tmp_path / "alertmanager", address) as tells,
            started(tmp_path, port) as monitor,
            prometheus(
                tmp_path / "prometheus",
                monitor.address,
                rules=hastened_rules(tmp_path),
                alertmanager=tells,
            ) as running,
        ):
            all_here = Watch(tmp_path, simulator, monitor, running, told)
            all_here.wait_for('sum(llmprobe_state{state="up"})', len(TARGETS))
            all_here.wait_seconds(2)
            assert all_here.firing(60) == set()
            yield all_here


def fail_once(watch: Watch, provider: str) -> None:
    """Let one run fail, and go on for five seconds, which are five runs."""
    watch.fail(provider, count=1)
    failed = f'sum(llmprobe_probe_failures_total{{provider="{provider}", kind="completion"}})'
    watch.wait_for(failed)
    watch.wait_seconds(5)
    assert watch.number(failed) == 1


def test_one_failed_run_fires_nothing_and_an_outage_is_told_with_its_cause_and_its_end(
    watch: Watch,
) -> None:
    fail_once(watch, "alpha")

    assert watch.firing(60) == set()
    assert watch.told.messages == []

    watch.fail("beta")

    wait_until(lambda: "LLMTargetDown" in watch.told.names("firing"), seconds=60)
    down = [
        each
        for each in watch.told.alerts("firing")
        if each["labels"]["alertname"] == "LLMTargetDown"
    ]
    assert {each["labels"]["target"] for each in down} == {"beta/steady"}
    assert {each["annotations"]["cause"] for each in down} == {"server_error"}
    assert "beta/steady is down" in down[0]["annotations"]["summary"]
    # That it burns its budget is told at most before it is down, and kept quiet from then on.
    assert watch.told.names("firing") <= {"LLMTargetDown", "LLMTargetBudgetBurn1h"}
    assert watch.told.receivers() == {"page"}

    watch.heal("beta")
    wait_until(lambda: "LLMTargetDown" in watch.told.names("resolved"), seconds=60)
    assert watch.number('llmprobe_state{target="beta/steady", state="down"}') == 0


def test_a_dead_monitor_fires_exactly_the_alert_about_itself(watch: Watch) -> None:
    port = int(watch.monitor.address.rpartition(":")[2])
    watch.monitor.signal(signal.SIGKILL)
    watch.monitor.wait()

    wait_until(lambda: watch.told.names("firing"), seconds=60)
    watch.wait_seconds(5)
    assert watch.told.names("firing") == watch.firing(60) == {"LLMMonitorDown"}
    assert watch.told.receivers() == {"page"}

    with started(watch.folder, port):
        wait_until(lambda: watch.told.names("resolved") == {"LLMMonitorDown"}, seconds=60)
        watch.wait_seconds(2)
        assert watch.firing(2) == set()
