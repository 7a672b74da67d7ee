"""The routing feed over a real server, followed."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from typing import Any

import pytest

from monitor.export import routing as module
from monitor.export.routing_shapes import routing_shape
from monitor.model.health import State
from monitor.recorder.feed import Feed
from tests.events import following
from tests.fakes import FakeClock
from tests.integration.feed_site import ROUTING, Open, Site, change, sites
from tests.unit.recorder.test_feed import picture, view
from tests.waiting import wait_until


@pytest.fixture
def opened(clock: FakeClock) -> Iterator[Open]:
    with sites(clock) as begin:
        yield begin


@pytest.fixture
def site(opened: Open) -> Site:
    return opened()


@pytest.mark.parametrize("path", [ROUTING, "/api/v1/events"])
def test_the_token_is_asked_for(opened: Open, path: str) -> None:
    site = opened(token="t0ken-of-this-test")
    refused = site.get(path)
    authorization = {"authorization": "Bearer t0ken-of-this-test"}

    assert (refused.status, refused.body["title"]) == (401, "Unauthorized")
    assert site.get(**authorization).status == 200
    with following(site.address, headers=authorization) as follower:
        assert follower.next().name == "routing"
    states = cycle((State.DOWN, State.UP))

    def is_missed() -> bool:
        site.draw(next(states))  # who is gone is missed when it would be told
        return not site.held

    wait_until(is_missed)


def test_a_follower_is_told_how_things_are_and_then_what_changes(site: Site) -> None:
    with following(site.address) as follower:
        first = follower.next()
        site.changes.add(change(1))
        transition = follower.next()
        site.draw(State.DOWN)
        moved = follower.next()

    assert [each.name for each in (first, transition, moved)] == [
        "routing",
        "transition",
        "routing",
    ]
    assert first.data["groups"] == site_groups(State.UP)
    assert moved.data["seq"] == first.data["seq"] + 1
    assert transition.data["new_state"] == "down"
    assert transition.data["result_id"] == "result-1"
    assert transition.id == moved.id == site.changes.last_id


def site_groups(state: State) -> Any:
    feed = Feed(FakeClock())
    large, small = view("a/x", state), view("c/y", group="acme/small")
    drawn = feed.draw(picture(large, view("b/x"), small))
    return routing_shape(drawn, drawn.groups)["groups"]


def test_who_comes_back_is_told_what_it_missed_though_we_began_anew(opened: Open) -> None:
    known = tuple(map(change, range(4)))
    first = opened(*known[:2])
    with following(first.address) as follower:
        heard = follower.next("routing").id
    first.close()

    second = opened(*known)
    with following(second.address, heard) as follower:
        told = [follower.next("transition").data["result_id"] for _ in range(2)]
        second.changes.add(change(9))
        told.append(follower.next("transition").data["result_id"])

    assert told == ["result-2", "result-3", "result-9"]


def test_who_comes_back_from_before_all_changes_is_told_all(opened: Open) -> None:
    with following(opened().address) as follower:
        heard = follower.next("routing").id

    with following(opened(change(1), change(2)).address, heard) as follower:
        assert [follower.next("transition").data["result_id"] for _ in range(2)] == [
            "result-1",
            "result-2",
        ]


def test_a_follower_hears_a_heartbeat_when_nothing_changes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEAT_SECONDS", 0.2)
    with following(site.address) as follower:
        follower.next("routing")
        site.draw(State.UP)
        follower.next("")
        beat = follower.next("")

        named = follower.next("heartbeat")

    generated_at = site.feed.routing.heartbeat_at.isoformat()
    assert beat.data == generated_at
    assert named.data == {"generated_at": generated_at, "max_age_seconds": 15}
    assert not named.id  # it is no place to come back to


def test_who_goes_away_leaves_nothing_behind(site: Site) -> None:
    for _ in range(3):
        with following(site.address) as follower:
            follower.next("routing")
            assert site.held
    site.draw(State.DOWN)

    wait_until(lambda: not site.held)
    assert not site.changes._listeners


@pytest.mark.parametrize("token", [None, "t0ken-of-this-test"], ids=["open", "with a token"])
def test_many_that_come_at_once_are_no_more_than_may_be_held(
    opened: Open, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.setattr(module, "_MOST_HELD", 5)
    site = opened(token=token)
    request = f"GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"
    with ExitStack() as ends:
        asking = [ends.enter_context(site.connect()) for _ in range(30)]
        for each in asking:
            each.sendall(request.encode())
        answers = [each.recv(12) for each in asking]

    assert Counter(answers) == {b"HTTP/1.1 200": 5, b"HTTP/1.1 503": 25}
    wait_until(lambda: not site.held)
    with following(site.address, headers={"authorization": f"Bearer {token}"}) as another:
        assert another.next().name == "routing"  # the places were given back


def test_only_so_many_are_held(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_HELD", 2)
    with following(site.address) as one, following(site.address) as other:
        one.next("routing")
        other.next("routing")
        refused = site.get("/api/v1/events")
        at_once = site.get(f"{ROUTING}?wait=10", if_none_match=site.get().headers["etag"])

    assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert refused.body["title"] == "Service Unavailable"
    assert at_once.status == 304
    assert at_once.seconds < 5
    site.draw(State.DOWN)
    wait_until(lambda: not site.held)
    with following(site.address) as third:
        assert third.next().name == "routing"
