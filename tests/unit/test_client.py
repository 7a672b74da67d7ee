"""The client fails open: it has an opinion only while the monitor's word is young."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from monitor import client
from monitor.client import Routing
from tests.feeds import FakeFeed, fake_feed
from tests.waiting import wait_until


@dataclass
class Ticks:
    """Stands where the module `time` would be.

    Attributes:
        now: What it tells.
        asked: Set when somebody asked.
    """

    now: float = 0.0
    asked: threading.Event = field(default_factory=threading.Event)

    def monotonic(self) -> float:
        now = self.now
        self.asked.set()
        return now


GROUPS = {"acme/large": {"a/large": 1.0, "b/large": 0.0}, "acme/small": {"a/small": 0.5}}


@pytest.fixture
def feed() -> Iterator[FakeFeed]:
    with fake_feed(GROUPS) as running:
        yield running


@pytest.fixture
def routing(feed: FakeFeed) -> Iterator[Routing]:
    with Routing(feed.url) as following:
        assert following.wait(5)
        yield following


def test_it_knows_the_weights_of_a_group(routing: Routing) -> None:
    assert routing.weights("acme/large") == {"a/large": 1.0, "b/large": 0.0}


def test_it_knows_a_target_wherever_it_is(routing: Routing) -> None:
    candidate = routing.candidate("b/large")

    assert candidate is not None
    assert (candidate.weight, candidate.state) == (0.0, "down")


def test_of_what_the_monitor_does_not_know_it_has_no_opinion(routing: Routing) -> None:
    assert routing.weights("acme/unheard-of") is None
    assert routing.candidates("acme/unheard-of") is None
    assert routing.candidate("c/large") is None


def test_it_hears_of_changes(feed: FakeFeed, routing: Routing) -> None:
    feed.groups = {"acme/large": {"a/large": 0.0, "b/large": 1.0}}

    wait_until(lambda: routing.weights("acme/large") == {"a/large": 0.0, "b/large": 1.0})


def test_it_asks_only_for_news(feed: FakeFeed, routing: Routing) -> None:
    wait_until(lambda: len(feed.asked) > 2)

    assert {name.lower(): value for name, value in feed.asked[-1].items()}["if-none-match"]
    assert routing.is_fresh


def test_a_group_without_any_weight_is_no_opinion(feed: FakeFeed, routing: Routing) -> None:
    feed.groups = {"acme/large": {"a/large": 0.0}}

    wait_until(lambda: routing.weights("acme/large") is None)
    assert routing.candidates("acme/large")


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(16.0, id="wedged"),
        pytest.param(3600.0, id="suspended"),
        pytest.param(-3600.0, id="wedged, and the clock set back"),
    ],
)
def test_a_probing_loop_that_stands_still_is_no_opinion(
    feed: FakeFeed, routing: Routing, behind: float
) -> None:
    feed.behind_seconds = behind

    wait_until(lambda: not routing.is_fresh)
    assert routing.weights("acme/large") is None


@pytest.mark.parametrize(
    ("status", "garbage"),
    [
        pytest.param(503, b"", id="an error"),
        pytest.param(200, b"<html>", id="no JSON"),
        pytest.param(200, b'{"groups": 1}', id="another JSON"),
        pytest.param(200, b'{"max_age_seconds": 15, "groups": [{}]}', id="half of it"),
    ],
)
def test_what_was_said_last_holds_through_a_failure(
    feed: FakeFeed, routing: Routing, status: int, garbage: bytes
) -> None:
    feed.status, feed.garbage = status, garbage
    asked = len(feed.asked)

    wait_until(lambda: len(feed.asked) > asked + 1)
    assert routing.weights("acme/large")


def test_a_monitor_that_is_not_there_is_no_opinion() -> None:
    with Routing("http://127.0.0.1:9") as routing:
        assert not routing.wait(0.2)
        assert routing.weights("acme/large") is None


def test_once_stopped_it_has_no_opinion(routing: Routing) -> None:
    routing.stop()

    assert routing.weights("acme/large") is None


def test_it_sends_its_token(feed: FakeFeed) -> None:
    with Routing(feed.url, token="t0ken", group="acme/small") as routing:
        assert routing.wait(5)

    asked = {name.lower(): value for name, value in feed.asked[-1].items()}
    assert asked["authorization"] == "Bearer t0ken"
    assert "group=acme%2Fsmall" in feed.paths[-1]


def test_an_answer_is_as_old_as_its_headers_however_long_its_body_took(
    feed: FakeFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = Ticks()
    monkeypatch.setattr(client, "time", ticks)

    def be_slow() -> None:
        assert ticks.asked.wait(5)  # the headers are there
        ticks.now, feed.status = 20.0, 503

    feed.before_body = be_slow
    with Routing(feed.url) as routing:
        assert not routing.wait(5)
        ticks.now = 10.0
        assert routing.is_fresh


def test_an_answer_that_comes_once_it_is_stopped_is_no_opinion(feed: FakeFeed) -> None:
    routing = Routing(feed.url)
    feed.before_body = routing.stop

    assert not routing.start().wait(5)
    assert routing.start().weights("acme/large") is None


def test_the_end_of_a_line_is_no_part_of_a_token(feed: FakeFeed) -> None:
    with Routing(feed.url, token="t0ken\n") as routing:
        assert routing.wait(5)

    asked = {name.lower(): value for name, value in feed.asked[-1].items()}
    assert asked["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("token", ["t0\nken", "t0ken→"], ids=["two lines", "no Latin letters"])
def test_a_token_that_cannot_be_sent_is_not_logged(
    feed: FakeFeed, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    with Routing(feed.url, token=token):
        wait_until(lambda: "the monitor does not answer" in caplog.text)

    assert "t0" not in caplog.text
    assert "Error" in caplog.text


def test_the_token_is_sent_to_nobody_else(feed: FakeFeed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    with fake_feed(GROUPS) as other:
        monkeypatch.setenv("http_proxy", other.url)
        with Routing(feed.url, token="t0ken") as routing:
            assert routing.wait(5)
            feed.status, feed.location = 302, other.url
            asked = len(feed.asked)
            wait_until(lambda: len(feed.asked) > asked + 1)
            assert routing.is_fresh

        assert not other.asked


def test_an_address_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="write http://HOST:PORT"):
        Routing("monitor.example:9464")


def test_a_target_is_found_by_what_the_router_calls_it(feed: FakeFeed, routing: Routing) -> None:
    feed.deployments = {"a/large": "3f9c", "b/large": "a/small"}

    wait_until(lambda: routing.candidate("3f9c"))
    by_deployment, by_key = routing.candidate("3f9c"), routing.candidate("a/small")
    assert by_deployment is not None
    assert (by_deployment.target, by_deployment.deployment) == ("a/large", "3f9c")
    assert by_key is not None
    assert by_key.target == "a/small"
