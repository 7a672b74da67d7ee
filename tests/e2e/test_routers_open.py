"""The real HAProxy and Envoy go on as if there were no monitor while its probing loop is wedged."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from monitor.model.clock import SystemClock
from monitor.model.routing import MAX_AGE_SECONDS
from tests.e2e.process import MonitorProcess
from tests.e2e.routers import QUICK, WAYS, Site, both_are_up, open_site
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

WEDGED = (sys.executable, "-m", "tests.e2e.wedge")
#: What routers need to hear of it, and users to be seen.
NOTICED_SECONDS = 4.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path, QUICK) as opened:
        yield opened


def age_seconds(daemon: MonitorProcess) -> float:
    """How old the feed is, as it says itself."""
    generated_at = datetime.fromisoformat(json.loads(daemon.get("/api/v1/routing"))["generated_at"])
    return (SystemClock().now() - generated_at).total_seconds()


def test_a_probing_loop_that_stands_still_takes_nobody_out(site: Site) -> None:
    with site.monitor(*WEDGED) as daemon:
        both_are_up(daemon)
        with site.traffic():
            wait_until(site.asks("acme", *WAYS))
            site.fail()
            wait_until(lambda: site.spares("acme", *WAYS))

            daemon.signal(signal.SIGUSR1)
            begun = time.monotonic()
            wait_until(lambda: age_seconds(daemon) > 2)
            assert site.spares("acme", *WAYS)  # it is not old yet
            wait_until(site.asks("acme", *WAYS), seconds=MAX_AGE_SECONDS + NOTICED_SECONDS)
            assert time.monotonic() - begun > MAX_AGE_SECONDS - 2
            assert age_seconds(daemon) > MAX_AGE_SECONDS
            for path in ("acme/large", "acme%2Flarge"):
                assert "probing loop stands still" in daemon.get(f"/api/v1/check/{path}")

            daemon.signal(signal.SIGUSR2)
            wait_until(lambda: site.spares("acme", *WAYS))
