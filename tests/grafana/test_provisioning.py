"""What runs the monitor and what stands around it: as far as that can be run without Docker."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import MonitorProcess
from tests.grafana.shipped import REPOSITORY, SHIPPED, promtool, read

pytestmark = pytest.mark.timeout(600)

PROMETHEUS = SHIPPED / "prometheus/prometheus.yml"
AMONG_SERVICES = SHIPPED / "prometheus/prometheus.compose.yml"
UNIT = REPOSITORY / "docs/systemd/llm-provider-monitor.service"
COMPOSE = read(SHIPPED / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} (.+)$", DOCKERFILE, re.MULTILINE)


def copied() -> list[str]:
    """What the image is built from."""
    return [
        word for line in instructions("COPY") if "--from" not in line for word in line.split()[:-1]
    ]


def checked(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_configuration() -> None:
    checked(promtool(), "check", "config", "--lint=all", "--lint-fatal", str(PROMETHEUS))


def test_among_services_only_addresses_and_the_token_differ() -> None:
    checked(promtool(), "check", "config", "--syntax-only", str(AMONG_SERVICES))
    alone, among = read(PROMETHEUS), read(AMONG_SERVICES)
    (job,) = among["scrape_configs"]
    job["static_configs"][0]["targets"] = ["127.0.0.1:9464"]
    among["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = ["127.0.0.1:9093"]

    assert job.pop("authorization") == {"credentials_file": "/run/secrets/monitor_token"}
    assert among == alone


def test_the_services_find_each_other() -> None:
    prometheus, datasources = (
        AMONG_SERVICES.read_text(),
        read_provisioning("datasources/prometheus.yaml"),
    )
    urls = [each["url"] for each in datasources["datasources"]]
    hosts = re.findall(r'targets: \["([a-z]+):', prometheus) + [
        url.split("/")[2].split(":")[0] for url in urls
    ]

    assert set(hosts) == {"monitor", "alertmanager", "prometheus"}
    assert set(hosts) <= SERVICES.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_is_reached_from_here_only_and_keeps_what_it_knows(name: str) -> None:
    service = SERVICES[name]

    assert "build" in service or re.search(r":v?\d+", service["image"])
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    kept = [volume.split(":")[0] for volume in service["volumes"] if not volume.startswith(".")]
    assert kept == [name]
    assert set(kept) <= COMPOSE["volumes"].keys()
    assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()


def test_what_services_are_given_is_there() -> None:
    given = {v.split(":")[0] for each in SERVICES.values() for v in each["volumes"] if v[0] == "."}

    # The operator's own file, and the dashboards, which Grafana can do without.
    own = {"./monitor.yaml", "./grafana/dashboards"}
    assert own < given
    assert [path for path in given - own if not (REPOSITORY / path).is_dir()] == []


def read_provisioning(path: str) -> Any:
    return read(SHIPPED / "provisioning" / path)


def test_grafana_knows_the_datasources_that_its_files_name() -> None:
    uids = {each["uid"] for each in read_provisioning("datasources/prometheus.yaml")["datasources"]}
    alerting = (SHIPPED / "provisioning/alerting/prometheus.yaml").read_text()
    (provider,) = read_provisioning("dashboards/dashboards.yaml")["providers"]

    assert set(re.findall(r"datasourceUid: (llmprobe\S+)", alerting)) <= uids
    assert uids == {"llmprobe-prometheus", "llmprobe-alertmanager"}
    mounts = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounts


def test_the_image_runs_the_monitor_as_nobody_special() -> None:
    assert instructions("USER") == ["10464"]
    assert json.loads(instructions("ENTRYPOINT")[0]) == ["monitor"]
    assert "[dev" not in DOCKERFILE
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied())


@pytest.mark.e2e
def test_what_is_copied_into_the_image_is_enough_to_build_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in copied():
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, source / name)

    checked(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(source))

    assert list(tmp_path.glob("*.whl"))


@pytest.mark.e2e
def test_the_image_is_healthy_while_the_monitor_is(tmp_path: Path) -> None:
    (command,) = re.findall(r'CMD (\["python".*\])', DOCKERFILE)
    _, option, code = json.loads(command)
    with MonitorProcess(tmp_path, "--demo") as demo:
        here = code.replace("127.0.0.1:9464", demo.address)
        checked(sys.executable, option, here)

    gone = subprocess.run(
        [sys.executable, option, here], check=False, capture_output=True, timeout=30
    )
    assert gone.returncode == 1


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Give the unit with a program that exists."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd here")
    path = tmp_path / UNIT.name
    path.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text()))
    return path


def test_systemd_understands_the_unit(unit: Path) -> None:
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (
        0,
        [],
    )


def test_the_unit_leaves_little_to_attack(unit: Path) -> None:
    checked("systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit))
