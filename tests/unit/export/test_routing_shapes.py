"""What the routing feed tells of a target."""

from dataclasses import replace

import pytest

from monitor.export.routing_shapes import routing_shape
from tests.unit.export.routed import candidate, routing


@pytest.mark.parametrize(
    "deployment", [pytest.param("3f9c0e", id="its own"), pytest.param(None, id="the key")]
)
def test_a_target_is_told_with_the_name_that_its_router_gives_it(deployment: str | None) -> None:
    given = candidate("acme/large")
    target = replace(given.view.target, deployment=deployment)
    told = routing(replace(given, view=replace(given.view, target=target)))

    (group,) = routing_shape(told, told.groups)["groups"]
    (shown,) = group["candidates"]
    assert (shown["target"], shown["deployment"]) == ("acme/large", deployment)
