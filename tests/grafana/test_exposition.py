"""Prometheus' own tool finds nothing wrong with what is exposed."""

import subprocess

import pytest

from monitor.model.detail import Detail
from tests.grafana.shipped import promtool
from tests.unit.export.pictures import lively_snapshot
from tests.unit.export.test_metrics import make_metrics

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("detail", Detail)
def test_the_exposition_passes_promtool(detail: Detail) -> None:
    text = make_metrics(lively_snapshot(), detail).render("")[0]

    done = subprocess.run(
        (promtool(), "check", "metrics"), input=text, check=False, capture_output=True, timeout=60
    )

    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
