"""The routing feed over a real server: asked, and waited for."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from monitor.model.health import State
from tests.fakes import FakeClock
from tests.integration.feed_site import ROUTING, Open, Site, Told, sites
from tests.waiting import wait_until


@pytest.fixture
def opened(clock: FakeClock) -> Iterator[Open]:
    with sites(clock) as begin:
        yield begin


@pytest.fixture
def site(opened: Open) -> Site:
    return opened()


def waiting(site: Site, path: str) -> "Future[Told]":
    """Ask in a thread for what is newer than now; it waits when this returns."""
    etag = site.get().headers["etag"]
    told = site.askers.submit(site.get, path, if_none_match=etag)
    wait_until(lambda: site.held)
    return told


def test_it_tells_all_groups_with_their_candidates(site: Site) -> None:
    site.draw(State.DOWN)
    told = site.get().body

    assert told["max_age_seconds"] == 15
    assert [each["group"] for each in told["groups"]] == ["acme/large", "acme/small"]
    large = told["groups"][0]["candidates"]
    assert [(each["target"], each["weight"], each["state"]) for each in large] == [
        ("b/x", 1.0, "up"),
        ("a/x", 0.0, "down"),
    ]


def test_who_wants_one_group_is_told_of_no_other(site: Site) -> None:
    told = site.get(f"{ROUTING}?group=acme/small").body

    assert [each["group"] for each in told["groups"]] == ["acme/small"]


@pytest.mark.parametrize("wait", ["", "&wait=10"], ids=["at once", "though asked to wait"])
def test_a_group_that_is_none_is_a_problem(site: Site, wait: str) -> None:
    told = site.get(f"{ROUTING}?group=acme/none{wait}", if_none_match=site.get().headers["etag"])

    assert (told.status, told.body["status"]) == (404, 404)
    assert told.headers["content-type"] == "application/problem+json"
    assert told.seconds < 5


def test_what_is_known_is_not_told_again_but_the_heartbeat_is(site: Site) -> None:
    first = site.get()
    site.draw(State.UP)
    again = site.get(if_none_match=first.headers["etag"])
    site.draw(State.DOWN)
    news = site.get(if_none_match=first.headers["etag"])

    assert (again.status, again.body, news.status) == (304, None, 200)
    assert again.headers["etag"] == first.headers["etag"] != news.headers["etag"]
    beats = [each.headers["llmprobe-generated-at"] for each in (first, again, news)]
    assert beats == sorted(set(beats))
    assert news.body["generated_at"] == beats[-1]
    assert news.body["seq"] == first.body["seq"] + 1


def test_who_waits_is_told_of_a_change_at_once(site: Site) -> None:
    told = waiting(site, f"{ROUTING}?wait=10")
    site.draw(State.DOWN)

    assert told.result().status == 200
    assert told.result().seconds < 8
    assert not site.held


def test_who_waits_is_told_of_none_after_the_time(site: Site) -> None:
    told = waiting(site, f"{ROUTING}?wait=1")
    site.draw(State.UP)

    assert told.result().status == 304
    assert told.result().seconds >= 0.9
    assert not site.held


def test_who_knows_nothing_waits_for_nothing(site: Site) -> None:
    assert site.get(f"{ROUTING}?wait=10").seconds < 5
    assert site.get(f"{ROUTING}?wait=10", if_none_match='W/"1"').seconds < 5


@pytest.mark.parametrize("wait", ["11", "-1", "soon"])
def test_a_wait_that_is_none_is_a_problem(site: Site, wait: str) -> None:
    told = site.get(f"{ROUTING}?wait={wait}")

    assert told.status == 422
    assert told.body["errors"][0]["parameter"] == "wait"
