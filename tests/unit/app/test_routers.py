"""Routers are told the weights, and that there are none once nobody may route by them."""

import io
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor import log
from monitor.app.observers import Observers
from monitor.app.routers import Routers, open_routers
from monitor.app.surfaces import redrawing
from monitor.config.settings import RouterSettings, Settings
from monitor.export.metrics import Metrics
from monitor.export.server import ServerError, bind
from monitor.model.health import State
from monitor.model.target import Probe, Secret
from monitor.recorder.feed import Feed
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from tests.fakes import START, FakeClock, ListSink
from tests.unit.export.routed import candidate, routing

PAIR = routing(
    candidate("a/large", 0.0, State.DOWN),
    candidate("b/large", base_url="http://127.0.0.1:8002/v1"),
)


class Scene:
    """Routers of a configuration, and what is logged about them."""

    def __init__(self, clock: FakeClock, **given: Any) -> None:
        self.log = io.StringIO()
        self.lines = log.set_up(as_json=True, stream=self.log)
        self.metrics = Metrics(clock)
        settings = Settings(probes=(), routers=RouterSettings(**given), token=Secret("t"))
        observers = Observers(self.metrics)
        self.routers: Routers = open_routers(settings, lambda: PAIR, clock, observers)

    def events(self) -> list[str]:
        self.lines.close()
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


def statuses(path: Path) -> list[str]:
    (cluster,) = json.loads(path.read_text())["resources"]
    return [each["health_status"] for each in cluster["endpoints"][0]["lb_endpoints"]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab%2Flarge.json"


@pytest.fixture
def scene(clock: FakeClock, path: Path) -> Iterator[Scene]:
    scene = Scene(clock, envoy_folder=str(path.parent))
    yield scene
    scene.routers.stop()
    scene.lines.close()


def test_the_file_is_there_from_the_start(scene: Scene, path: Path) -> None:
    scene.routers.start(PAIR)

    assert statuses(path) == ["UNHEALTHY", "HEALTHY"]


def test_it_opens_while_the_probing_loop_stands_still(
    scene: Scene, path: Path, clock: FakeClock
) -> None:
    scene.routers.tell(PAIR)
    clock.advance(15.1)
    scene.routers.tell(PAIR)
    opened = statuses(path)
    clock.advance(-15.1)
    scene.routers.tell(PAIR)

    assert opened == ["UNKNOWN", "UNKNOWN"]
    assert statuses(path) == ["UNHEALTHY", "HEALTHY"]


def test_it_is_left_open_at_the_end(scene: Scene, path: Path) -> None:
    scene.routers.start(PAIR)
    scene.routers.stop()
    scene.routers.tell(PAIR)  # a picture that was under way

    assert statuses(path) == ["UNKNOWN", "UNKNOWN"]


def test_one_that_was_never_told_anything_tells_nothing(scene: Scene, path: Path) -> None:
    scene.routers.stop()

    assert not path.exists()


def test_a_file_that_cannot_be_written_is_told_once_and_tried_again(
    scene: Scene, path: Path
) -> None:
    path.mkdir()
    for _ in range(3):
        scene.routers.tell(PAIR)
    path.rmdir()
    for _ in range(2):
        scene.routers.tell(PAIR)

    assert statuses(path) == ["UNHEALTHY", "HEALTHY"]
    assert scene.events() == ["routing_file_failed", "routing_file_written"]
    assert "llmprobe_internal_errors_total 1.0" in scene.metrics.render("")[0].decode()


def test_the_agent_answers_whom_it_knows_by_the_token(clock: FakeClock) -> None:
    with bind("127.0.0.1:0") as free:
        host, port = free.getsockname()
    scene = Scene(clock, haproxy_agent=f"{host}:{port}")
    scene.routers.start(PAIR)
    try:
        with socket.create_connection((host, port)) as asking:
            asking.sendall(b"t a/large\n")
            assert asking.recv(100) == b"down #down\n"
    finally:
        scene.routers.stop()
        scene.lines.close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port))


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_folder_that_can_never_be_written_to_is_told_at_the_start(
    clock: FakeClock, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ServerError, match=r"routing\.envoy\.folder must be there"):
        Scene(clock, envoy_folder=str(tmp_path / place))


def test_a_port_that_is_taken_is_told_at_the_start(clock: FakeClock) -> None:
    with bind("127.0.0.1:0") as taken:
        host, port = taken.getsockname()
        with pytest.raises(ServerError, match=r"another address for routing\.haproxy_agent"):
            Scene(clock, haproxy_agent=f"{host}:{port}")


@pytest.mark.parametrize("part", ["refresh", "draw"])
def test_it_opens_though_nothing_can_be_drawn_any_more(
    scene: Scene, path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    memories = {
        one.view.target.key: TargetMemory(
            probe=Probe(target=one.view.target), health=one.view.health, spans=(), begun_at=START
        )
        for one in PAIR.groups[0].candidates
    }
    recorder, feed = Recorder(memories, ListSink(), clock, "here"), Feed(clock)
    redraw = redrawing(recorder, feed, scene.routers, scene.metrics)
    redraw()
    drawn = statuses(path)
    monkeypatch.setattr(recorder if part == "refresh" else feed, part, lambda *_: 1 // 0)
    clock.advance(16)

    with pytest.raises(ZeroDivisionError):
        redraw()

    assert drawn == ["UNHEALTHY", "HEALTHY"]
    assert statuses(path) == ["UNKNOWN", "UNKNOWN"]
