"""The pages over a picture, in process."""

from collections.abc import Mapping
from typing import Any

from starlette.testclient import TestClient

from monitor.export.api import build_api
from monitor.export.pages.drawing import Sources
from monitor.export.pages.serving import Pages
from monitor.model.snapshot import Snapshot
from tests.fakes import FakeClock
from tests.unit.export.pictures import LATER
from tests.unit.export.test_metrics import make_metrics

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def client(snapshot: Snapshot, clock: FakeClock | None = None, **given: Any) -> TestClient:
    """The whole API; what is given goes to the pages."""
    clock = clock or FakeClock(at=LATER)
    pages = Pages(Sources(snapshot=lambda: snapshot, clock=clock, **given))
    api = build_api(
        snapshot=lambda: snapshot, metrics=make_metrics(snapshot), clock=clock, pages=pages
    )
    return TestClient(api, headers=HTML, raise_server_exceptions=False)


def ratios(**told: float) -> Mapping[str, Mapping[str, float]]:
    """Availability of one group."""
    return {"acme/large": told}
