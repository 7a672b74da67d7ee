"""The real HAProxy and Envoy go on as if there were no monitor once it is killed.

And what the documents say of them besides.
"""

import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.e2e.routers import QUICK, SECOND_NS, WAYS, Site, block, both_are_up, envoy, open_site
from tests.e2e.servers import require_package
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path, QUICK) as opened:
        yield opened


def open_up_by_the_document(site: Site) -> None:
    """Do what the document has systemd do when the monitor ends."""
    (line,) = (
        line.partition("=")[2]
        for line in block("envoy.md", "ExecStopPost").splitlines()
        if line.startswith("ExecStopPost")
    )
    subprocess.run(shlex.split(site.replaced(line)), check=True, timeout=10)


def test_killing_the_monitor_fails_nobody(site: Site) -> None:
    with site.monitor() as daemon:
        both_are_up(daemon)
        with site.traffic() as traffic:
            wait_until(site.asks("acme", *WAYS))
            begun_ns = time.perf_counter_ns()
            daemon.signal(signal.SIGKILL)
            daemon.wait()
            wait_until(lambda: time.perf_counter_ns() > begun_ns + 4 * SECOND_NS)
            for way in WAYS:
                assert traffic.failed_ratio(way, begun_ns, time.perf_counter_ns()) == 0
            wait_until(site.asks("acme", *WAYS))
            wait_until(site.asks("bolt", *WAYS))


def test_who_was_down_when_the_monitor_was_killed_is_not_left_out(site: Site) -> None:
    with site.monitor() as daemon:
        both_are_up(daemon)
        with site.traffic():
            site.fail()
            wait_until(lambda: site.spares("acme", *WAYS))
            daemon.signal(signal.SIGKILL)
            daemon.wait()
            wait_until(site.asks("acme", "haproxy", "envoy-checks"))
            assert site.spares("acme", "envoy-file")  # nobody is left to write it
            open_up_by_the_document(site)
            wait_until(site.asks("acme", *WAYS))

            with site.monitor() as again:
                wait_until(lambda: site.spares("acme", *WAYS))
                again.signal(signal.SIGTERM)
                assert again.wait() == 0
            wait_until(site.asks("acme", *WAYS))


def test_routers_obey_who_asks_for_a_token(tmp_path: Path) -> None:
    with (
        open_site(tmp_path, QUICK, token="planted-token") as site,
        site.monitor() as daemon,
        site.traffic(),
    ):
        wait_until(site.asks("acme", *WAYS))
        site.fail()
        wait_until(lambda: site.spares("acme", *WAYS))

        assert "Send the configured token" in daemon.get("/api/v1/check/acme/large")


@pytest.mark.parametrize("page", ["haproxy.md", "envoy.md"])
def test_what_the_documents_put_in_front_of_providers_is_read(page: str, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    if page == "haproxy.md":
        text = block(page, "backend unwatched") + block(page, "listen acme")
        command = [require_package("haproxy"), "-c", "-f"]
    else:
        text = "node: {id: gateway, cluster: gateway}\n" + block(page, "LOGICAL_DNS")
        command = [envoy(), "--mode", "validate", "-c"]
    file = tmp_path / "written.yaml"
    file.write_text(text.replace("/etc/ssl/certs/ca-certificates.crt", str(authority)))
    keys = {"ACME_API_KEY": "planted", "BOLT_API_KEY": "planted"}

    done = subprocess.run(
        [*command, str(file)], env=keys, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
