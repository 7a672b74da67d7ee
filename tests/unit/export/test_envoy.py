"""What Envoy is told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.export.envoy import EndpointsFiles, endpoints, file_name
from monitor.model.health import State
from monitor.model.routing import GroupRouting, Routing
from tests.unit.export.routed import candidate, routing

NAMED = "https://far.example/v1"
PAIR = routing(
    candidate("b/large", 0.25, State.RECOVERING, base_url="http://127.0.0.1:8002/v1"),
    candidate("a/large", 0.0, State.DOWN),
)


def told(routing: Routing, **given: Any) -> list[tuple[str, int, str, int]]:
    """Each endpoint of the only cluster: address, port, health and weight."""
    (group,) = routing.groups
    cluster = endpoints(group, given.pop("addresses", {}), **given)
    assert cluster
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


def test_the_cluster_is_named_by_the_group_and_the_host_by_the_url() -> None:
    cluster = endpoints(PAIR.groups[0], {})

    assert cluster
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
    assert endpoints(routing(candidate(base_url=NAMED)).groups[0], {}) is None


def version(path: Path) -> str:
    told = json.loads(path.read_text())
    (cluster,) = told["resources"]  # Envoy refuses more than one
    assert file_name(cluster["cluster_name"]) == path.name
    found: str = told["version_info"]
    return found


def test_a_file_is_replaced_as_a_whole_when_it_changes_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "lab%2Flarge.json"
    files = EndpointsFiles(tmp_path, {})
    files.write(PAIR)
    first = path.stat()
    files.write(replace(PAIR, seq=8))
    assert path.stat().st_ino == first.st_ino
    assert first.st_mode & 0o777 == 0o644
    assert version(path) == "7"

    files.write(PAIR, is_open=True)

    assert path.stat().st_ino != first.st_ino
    assert version(path) == "7-open"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_each_group_has_a_file_and_one_without_addresses_has_none(tmp_path: Path) -> None:
    (large,) = PAIR.groups
    nobody = routing(candidate(base_url=NAMED)).groups[0]
    groups = (large, replace(large, group="lab/small"), replace(nobody, group="lab/far"))

    EndpointsFiles(tmp_path, {}).write(replace(PAIR, groups=groups))

    names = {each.name for each in tmp_path.iterdir()}
    assert names == {"lab%2Flarge.json", "lab%2Fsmall.json"}
    assert {version(tmp_path / name) for name in names} == {"7"}


def test_a_file_that_somebody_deleted_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "lab%2Flarge.json"
    files = EndpointsFiles(tmp_path, {})
    files.write(PAIR)
    path.unlink()

    files.write(PAIR)

    assert version(path) == "7"


def test_what_cannot_be_written_is_tried_again_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "there" / "lab%2Flarge.json"
    files = EndpointsFiles(path.parent, {})
    with pytest.raises(FileNotFoundError):
        files.write(PAIR)
    path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        files.write(PAIR)
    assert [each.name for each in path.parent.iterdir()] == [path.name]

    path.rmdir()
    files.write(PAIR)

    assert version(path) == "7"


def test_one_that_cannot_be_written_keeps_no_other_from_being(tmp_path: Path) -> None:
    (large,) = PAIR.groups
    pair = replace(PAIR, groups=(large, replace(large, group="lab/small")))
    path, other = tmp_path / "lab%2Flarge.json", tmp_path / "lab%2Fsmall.json"
    files = EndpointsFiles(tmp_path, {})
    files.write(pair)
    path.unlink()
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        files.write(pair, is_open=True)
    assert version(other) == "7-open"

    path.rmdir()
    files.write(pair, is_open=True)
    assert version(path) == "7-open"


def statuses(path: Path) -> list[str]:
    (cluster,) = json.loads(path.read_text())["resources"]
    return [each["health_status"] for each in cluster["endpoints"][0]["lb_endpoints"]]


@pytest.mark.parametrize(
    "left",
    [
        pytest.param((), id="gone"),
        pytest.param(routing(candidate("a/large", base_url=NAMED)).groups, id="without addresses"),
    ],
)
def test_the_file_of_a_group_that_went_is_left_open(
    tmp_path: Path, left: tuple[GroupRouting, ...]
) -> None:
    path = tmp_path / "lab%2Flarge.json"
    files = EndpointsFiles(tmp_path, {})
    files.write(PAIR)
    gone = replace(PAIR, seq=8, groups=left)

    files.write(gone)

    assert statuses(path) == ["UNKNOWN", "UNKNOWN"]
    path.unlink()
    files.write(gone)
    files.write(replace(gone, seq=9))
    assert not path.exists()  # it is forgotten: who deletes it has it deleted


def test_the_file_of_a_group_that_went_is_opened_as_soon_as_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "lab%2Flarge.json"
    files = EndpointsFiles(tmp_path, {})
    files.write(PAIR)
    path.unlink()
    path.mkdir()
    gone = replace(PAIR, seq=8, groups=())
    with pytest.raises(IsADirectoryError):
        files.write(gone)

    path.rmdir()
    files.write(gone)

    assert statuses(path) == ["UNKNOWN", "UNKNOWN"]


def test_a_name_may_be_as_long_as_that_of_a_file(tmp_path: Path) -> None:
    (large,) = PAIR.groups
    group = f"lab/{'é' * 40}mmmm"

    EndpointsFiles(tmp_path, {}).write(replace(PAIR, groups=(replace(large, group=group),)))

    (path,) = tmp_path.iterdir()
    assert len(path.name) == 255


@pytest.mark.parametrize("heavier", ["a/large", "b/large"])
def test_two_at_one_address_are_one_endpoint_as_good_as_the_better(heavier: str) -> None:
    both = routing(
        *(
            candidate(key, *((1.0, State.UP) if key == heavier else (0.0, State.DOWN)))
            for key in ("a/large", "b/large")
        ),
        candidate("c/large", 0.5, base_url="http://127.0.0.1:8003/v1"),
    )

    assert told(both) == [("127.0.0.1", 8001, "HEALTHY", 100), ("127.0.0.1", 8003, "HEALTHY", 50)]
