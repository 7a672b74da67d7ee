"""What Envoy is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.export.envoy import EndpointsFile, endpoints
from monitor.model.health import State
from monitor.model.routing import Routing
from tests.unit.export.routed import candidate, routing

NAMED = "https://far.example/v1"
PAIR = routing(
    candidate("b/large", 0.25, State.RECOVERING, base_url="http://127.0.0.1:8002/v1"),
    candidate("a/large", 0.0, State.DOWN),
)


def told(routing: Routing, **given: Any) -> list[tuple[str, int, str, int]]:
    """Each endpoint of the only cluster: address, port, health and weight."""
    (cluster,) = endpoints(routing, given.pop("addresses", {}), **given)["resources"]
    (locality,) = cluster["endpoints"]
    return [
        (
            each["endpoint"]["address"]["socket_address"]["address"],
            each["endpoint"]["address"]["socket_address"]["port_value"],
            each["health_status"],
            each["load_balancing_weight"],
        )
        for each in locality["lb_endpoints"]
    ]


def test_weights_are_whole_numbers_and_none_is_unhealthy() -> None:
    assert told(PAIR) == [
        ("127.0.0.1", 8001, "UNHEALTHY", 1),
        ("127.0.0.1", 8002, "HEALTHY", 25),
    ]


@pytest.mark.parametrize(
    ("weight", "state", "health", "scaled"),
    [
        pytest.param(1.0, State.DEGRADED, "HEALTHY", 100, id="degraded, by its weight alone"),
        pytest.param(0.004, State.UP, "HEALTHY", 1, id="never 0, which Envoy refuses"),
        pytest.param(1.0, State.UNKNOWN, "UNKNOWN", 100, id="unknown routes as healthy"),
        pytest.param(1.0, State.DOWN, "HEALTHY", 100, id="panic"),
    ],
)
def test_each_state_has_its_health(weight: float, state: State, health: str, scaled: int) -> None:
    assert told(routing(candidate(weight=weight, state=state))) == [
        ("127.0.0.1", 8001, health, scaled)
    ]


def test_an_open_one_says_nothing_of_anybody() -> None:
    assert [each[2:] for each in told(PAIR, is_open=True)] == [("UNKNOWN", 100)] * 2
    versions = [endpoints(PAIR, {}, is_open=is_open)["version_info"] for is_open in (False, True)]
    assert versions == ["7", "7-open"]


def test_the_cluster_is_named_by_the_group_and_the_host_by_the_url() -> None:
    (cluster,) = endpoints(PAIR, {})["resources"]

    assert cluster["cluster_name"] == "lab/large"
    assert cluster["@type"].endswith("ClusterLoadAssignment")
    assert cluster["endpoints"][0]["lb_endpoints"][0]["endpoint"]["hostname"] == "127.0.0.1:8001"


def test_a_name_needs_an_address_and_a_given_one_beats_the_urls() -> None:
    both = routing(candidate("a/large", base_url=NAMED), candidate("b/large"))

    assert [each[:2] for each in told(both)] == [("127.0.0.1", 8001)]
    given = {"a/large": ("::1", 1), "b/large": ("127.0.0.9", 2)}
    assert [each[:2] for each in told(both, addresses=given)] == [("::1", 1), ("127.0.0.9", 2)]


def test_those_that_have_an_address_are_never_all_unhealthy() -> None:
    only_the_dead = routing(
        candidate("b/large", base_url=NAMED), candidate("a/large", 0.0, State.DOWN)
    )

    assert told(only_the_dead) == [("127.0.0.1", 8001, "UNKNOWN", 100)]


def test_a_group_without_any_address_is_none_of_envoys() -> None:
    assert endpoints(routing(candidate(base_url=NAMED)), {})["resources"] == []


def version(path: Path) -> str:
    found: str = json.loads(path.read_text())["version_info"]
    return found


def test_the_file_is_replaced_as_a_whole_when_it_changes_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "eds.json"
    file = EndpointsFile(path, {})
    file.write(PAIR)
    first = path.stat()
    file.write(PAIR)
    assert path.stat().st_ino == first.st_ino
    assert first.st_mode & 0o777 == 0o644

    file.write(PAIR, is_open=True)

    assert path.stat().st_ino != first.st_ino
    assert version(path) == "7-open"
    assert [each.name for each in tmp_path.iterdir()] == ["eds.json"]


def test_a_file_that_somebody_deleted_comes_back(tmp_path: Path) -> None:
    file = EndpointsFile(tmp_path / "eds.json", {})
    file.write(PAIR)
    (tmp_path / "eds.json").unlink()

    file.write(PAIR)

    assert version(tmp_path / "eds.json") == "7"


def test_what_cannot_be_written_is_tried_again_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "there" / "eds.json"
    file = EndpointsFile(path, {})
    with pytest.raises(FileNotFoundError):
        file.write(PAIR)
    path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        file.write(PAIR)
    assert [each.name for each in path.parent.iterdir()] == ["eds.json"]

    path.rmdir()
    file.write(PAIR)

    assert version(path) == "7"
