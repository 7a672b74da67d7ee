"""A group's shares, and the guards that keep a router from harm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.health.group import Group, Share, share_out
from monitor.health.weight import Standing, standing
from monitor.model.health import Health, State
from tests.stories import LETTERS, Story

KEYS = ("a", "b", "c")
HARMLESS = (State.UP, State.DEGRADED, State.UNKNOWN, State.RECOVERING)


def of(*states: State, **given: float) -> dict[str, Standing]:
    """Targets in these states."""
    healths = (Health(state=state) for state in states)
    return {key: Standing(health=each) for key, each in zip(KEYS, healths, strict=False)}


def weights(group: Group) -> list[float]:
    """The weights, in order."""
    return [share.weight for share in group.shares.values()]


def test_who_is_down_gets_nothing_while_another_is_not() -> None:
    group = share_out(of(State.DOWN, State.UP, State.BLOCKED))

    assert weights(group) == [0.0, 1.0, 0.0]
    assert not group.is_panic


def test_if_all_are_down_all_share_equally() -> None:
    group = share_out(of(State.DOWN, State.DOWN))

    assert weights(group) == [1.0, 1.0]
    assert group.is_panic


def test_who_is_blocked_has_no_part_in_that() -> None:
    assert weights(share_out(of(State.DOWN, State.BLOCKED))) == [1.0, 0.0]


def test_unless_all_are() -> None:
    group = share_out(of(State.BLOCKED, State.BLOCKED))

    assert weights(group) == [1.0, 1.0]
    assert group.is_panic


def test_a_group_of_nobody_is_no_panic() -> None:
    assert share_out({}) == Group({})


def test_small_moves_are_not_published() -> None:
    before = Group({"a": Share(0.8, State.UP)})
    near = {"a": Standing(health=Health(state=State.UP), success_ratio=0.89)}
    far = {"a": Standing(health=Health(state=State.UP), success_ratio=0.7)}

    assert share_out(near).shares["a"].weight > 0.8
    assert share_out(near, Group({"a": Share(0.85, State.UP)})).shares["a"].weight == 0.85
    assert share_out(far, before).shares["a"].weight < 0.5


@pytest.mark.parametrize("before", [0.9, 0.5, 0.4, 0.3])
def test_a_move_of_exactly_a_tenth_is_published(before: float) -> None:
    """As binary fractions, some tenths are less than a tenth apart."""
    after = round(before + 0.1, 4)
    up = {"a": Standing(health=Health(state=State.UP), ttft_seconds=1.0)}
    quick = {"b": Standing(health=Health(state=State.UP), ttft_seconds=after**0.5)}

    shares = share_out(up | quick, Group({"a": Share(before, State.UP)})).shares

    assert shares["a"].weight == after


def test_a_change_of_state_is_published_with_its_weight_however_small() -> None:
    before = Group({"a": Share(0.95, State.DEGRADED)})

    assert share_out(of(State.UP), before).shares["a"] == Share(1.0, State.UP)


def test_after_a_panic_nothing_of_it_is_kept() -> None:
    panic = share_out(of(State.DOWN, State.DOWN))
    after = share_out(of(State.DOWN, State.UP), panic)

    assert weights(after) == [0.0, 1.0]


letters = st.text("".join(LETTERS) + ".", max_size=40)


@given(stories=st.lists(letters, min_size=1, max_size=3), every=st.sampled_from([5.0, 60.0]))
@settings(deadline=None)
def test_whatever_happens_a_group_is_never_published_to_its_harm(
    stories: list[str], every: float
) -> None:
    told = [Story(every_seconds=every, usual_ttft_seconds=0.4) for _ in stories]
    group: Group | None = None
    for place in range(max(map(len, stories))):
        for each, story in zip(told, stories, strict=True):
            each.tell(story[place : place + 1] or ".")
        standings = {
            str(number): standing(each.health, each.traces, each.now)
            for number, each in enumerate(told)
        }
        group = share_out(standings, group)

        shares = group.shares.values()
        assert sum(share.weight for share in shares) > 0
        assert all(0 <= share.weight <= 1 for share in shares)
        is_any_alive = any(share.state in HARMLESS for share in shares)
        assert group.is_panic is not is_any_alive
        if is_any_alive:
            assert all((share.weight > 0) is (share.state in HARMLESS) for share in shares)


@given(story=letters, every=st.sampled_from([5.0, 60.0, 600.0]))
@settings(deadline=None)
def test_nothing_leaves_down_to_serve_without_a_success(story: str, every: float) -> None:
    told = Story(every_seconds=every, usual_ttft_seconds=0.4)
    for letter in story:
        before = told.health
        told.tell(letter)

        assert isinstance(told.health.state, State)
        if before.state is State.DOWN and told.health.state is not State.DOWN:
            assert letter in "sSb"
            assert told.health.state is (State.BLOCKED if letter == "b" else State.RECOVERING)
        if before.state is State.BLOCKED and told.health.state is not State.BLOCKED:
            assert letter in "sS"
        assert 0 <= told.health.recovered <= 4
