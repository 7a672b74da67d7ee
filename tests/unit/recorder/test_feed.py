"""The feed numbers what moved, and tells who waits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.model.health import Health, State
from monitor.model.snapshot import Snapshot, TargetView, Totals
from monitor.recorder.feed import Feed
from tests.factories import make_target
from tests.fakes import START, FakeClock


def view(key: str, state: State = State.UP, group: str = "acme/large") -> TargetView:
    """A target of a group in a state."""
    return TargetView(
        target=make_target(key, group=group),
        interval_seconds=60.0,
        health=Health(state=state),
        is_stale=False,
        windows={},
        totals=Totals(),
        last_result=None,
        last_probe_at=None,
    )


def picture(*views: TargetView, seconds: float = 0) -> Snapshot:
    """All targets at an instant."""
    now = START + timedelta(seconds=seconds)
    return Snapshot(
        generated_at=now, heartbeat_at=now, vantage="here", is_simulated=False, targets=views
    )


@pytest.fixture
def feed(clock: FakeClock) -> Feed:
    return Feed(clock)


def test_groups_are_published_with_the_heaviest_first(feed: Feed) -> None:
    routing = feed.draw(
        picture(view("a/x", State.DOWN), view("b/x"), view("c/y", group="acme/small"))
    )

    assert [group.group for group in routing.groups] == ["acme/large", "acme/small"]
    large = routing.groups[0]
    assert [(each.view.target.key, each.weight) for each in large.candidates] == [
        ("b/x", 1.0),
        ("a/x", 0.0),
    ]
    assert large.is_available
    assert not large.is_panic


def test_the_number_grows_with_what_moved_and_only_then(feed: Feed) -> None:
    first = feed.draw(picture(view("a/x"), view("b/x"))).seq
    same = feed.draw(picture(view("a/x"), view("b/x"), seconds=1))
    moved = feed.draw(picture(view("a/x", State.DOWN), view("b/x"), seconds=2)).seq
    gone = feed.draw(picture(view("b/x"), seconds=3)).seq

    assert (same.seq, moved, gone) == (first, first + 1, first + 2)
    assert same.heartbeat_at == START + timedelta(seconds=1)


def test_a_group_is_shared_out_anew_only_when_one_of_its_views_is(feed: Feed) -> None:
    one, other, apart = view("a/x"), view("b/x"), view("c/y", group="acme/small")
    large, small = feed.draw(picture(one, other, apart)).groups

    assert feed.draw(picture(one, other, apart, seconds=1)).groups == (large, small)
    fallen = view("b/x", State.DOWN)
    moved, same = feed.draw(picture(one, fallen, apart, seconds=2)).groups
    (left, _) = feed.draw(picture(one, apart, seconds=3)).groups

    assert same is small
    assert [each.weight for each in moved.candidates] == [1.0, 0.0]
    assert [each.view for each in left.candidates] == [one]


def test_a_weight_that_crept_is_published_once_it_moved_enough(feed: Feed) -> None:
    def told(ratio: float) -> float:
        views = view("a/x"), replace(view("b/x"), success_ratio=ratio)
        weights = {}
        for _ in range(3):  # the same views, again and again
            (group,) = feed.draw(picture(*views)).groups
            weights = {each.view.target.key: each.weight for each in group.candidates}
        return weights["b/x"]

    first, crept, moved = told(1.0), told(0.99), told(0.5)

    assert first == crept
    assert moved < first


def test_it_grows_over_a_restart(feed: Feed, clock: FakeClock) -> None:
    before = feed.draw(picture(view("a/x"))).seq
    clock.advance(1)

    assert Feed(clock).routing.seq > before


def test_who_listens_is_told_of_changes_until_it_ends(feed: Feed) -> None:
    told: list[int] = []
    end = feed.listen(lambda: told.append(feed.routing.seq))
    feed.draw(picture(view("a/x")))
    feed.draw(picture(view("a/x")))
    assert told == [feed.routing.seq]

    end()
    feed.draw(picture(view("a/x", State.DOWN)))
    assert len(told) == 1


def test_small_moves_of_a_weight_are_no_news(feed: Feed) -> None:
    feed.draw(picture(view("a/x"), view("b/x")))
    seq = feed.routing.seq
    feed.draw(picture(replace(view("a/x"), success_ratio=0.93), view("b/x")))
    assert feed.routing.seq == seq

    feed.draw(picture(replace(view("a/x"), success_ratio=0.8), view("b/x")))
    assert feed.routing.seq == seq + 1


def test_a_group_in_which_nobody_can_be_routed_to_panics(feed: Feed) -> None:
    routing = feed.draw(picture(view("a/x", State.DOWN), view("b/x", State.DOWN)))

    assert routing.groups[0].is_panic
    assert not routing.groups[0].is_available
    assert {each.weight for each in routing.groups[0].candidates} == {1.0}


def test_of_a_group_of_which_nothing_is_known_it_says_nothing(feed: Feed) -> None:
    unknown = feed.draw(picture(view("a/x", State.UNKNOWN), view("b/x", State.UNKNOWN)))
    one_down = feed.draw(picture(view("a/x", State.UNKNOWN), view("b/x", State.DOWN)))

    assert unknown.groups[0].is_available is None
    assert one_down.groups[0].is_available is False


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"deployment": "azure-eu"}, id="what a router calls it"),
        pytest.param({"base_url": "http://10.0.0.2/v1"}, id="where it is"),
    ],
)
def test_a_target_that_a_reload_changed_is_news_though_no_weight_moved(
    feed: Feed, change: dict[str, Any]
) -> None:
    told: list[int] = []
    feed.listen(lambda: told.append(feed.routing.seq))
    one, other = view("a/x"), view("b/x")
    before = feed.draw(picture(one, other)).seq
    changed = replace(one, target=replace(one.target, **change))

    after = feed.draw(picture(changed, other)).seq

    assert after == before + 1
    assert told == [before, after]
    assert feed.draw(picture(replace(changed), other)).seq == after
