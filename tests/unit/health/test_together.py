"""A group is available while one of its targets is."""

import math
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.health.availability import Availability, Span, Stay, availability
from monitor.health.together import Member, Times, joined, of_hour, times, together, within, without
from monitor.model.health import State

MINUTES = 60
#: What is known of a target in each minute of an hour: available, unavailable, or nothing.
HOURS = st.text("ad-", min_size=MINUTES, max_size=MINUTES)
GROUPS = st.lists(HOURS, min_size=1, max_size=5)
STATES = {"a": State.UP, "d": State.DOWN, "-": State.UNKNOWN}


def stays_of(letters: str) -> list[Stay]:
    """A stay for each minute."""
    return [Stay(float(n), float(n + 1), STATES[letter]) for n, letter in enumerate(letters)]


def of(letters: str) -> Times:
    return times(stays_of(letters))


def spans_of(letters: str, wanted: str) -> list[Span]:
    return joined((float(n), float(n + 1)) for n, each in enumerate(letters) if each == wanted)


def minutes(spans: Sequence[Span]) -> set[int]:
    return {minute for begin, end in spans for minute in range(int(begin), int(end))}


def truth(group: Sequence[str]) -> tuple[int, int]:
    """Count the minutes in which one was available, and the others of which something is known."""
    columns = [set(column) for column in zip(*group, strict=True)]
    available = sum("a" in column for column in columns)
    return available, sum("a" not in column and "d" in column for column in columns)


@given(group=GROUPS)
def test_a_group_is_available_while_a_target_is(group: list[str]) -> None:
    assert within(together(map(of, group)), 0, MINUTES) == truth(group)


@given(group=GROUPS, bounds=st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted))
def test_a_part_of_the_time_is_told_by_what_lies_in_it(group: list[str], bounds: list[int]) -> None:
    begin, end = bounds
    told = within(together(map(of, group)), begin, end)

    assert told == truth([letters[begin:end] for letters in group])


@given(letters=HOURS)
def test_a_target_alone_is_a_group_that_is_available_as_long(letters: str) -> None:
    alone = within(together([of(letters)]), 0, MINUTES)

    assert alone == availability(stays_of(letters))


@given(letters=HOURS, silence=HOURS)
def test_silences_are_left_out(letters: str, silence: str) -> None:
    silent = spans_of(silence, "-")
    told = times(stays_of(letters), silent)

    assert minutes(told.available) == minutes(of(letters).available) - minutes(silent)
    assert minutes(told.unavailable) == minutes(of(letters).unavailable) - minutes(silent)
    assert within(told, 0, MINUTES) == availability(stays_of(letters), silent)


@given(some=HOURS, others=HOURS)
def test_times_are_taken_out_of_times(some: str, others: str) -> None:
    spans, gone = spans_of(some, "a"), spans_of(others, "a")
    left = without(spans, gone)

    assert minutes(left) == minutes(spans) - minutes(gone)
    assert left == sorted(left)
    assert all(first[1] <= second[0] for first, second in pairwise(left))


def test_a_silence_may_be_without_begin_or_end() -> None:
    assert without([(0, 10)], [(-math.inf, 2), (5, math.inf)]) == [(2, 5)]


def told_of(group: Sequence[str], silences: Sequence[str]) -> Availability:
    """Reckon an hour, of which each target was silent for some minutes."""
    members = [
        Member(of(letters), availability(stays_of(letters), spans_of(silence, "-")))
        for letters, silence in zip(group, silences, strict=True)
    ]
    return of_hour(0, MINUTES, members)


HEARD = "a" * MINUTES


@given(group=GROUPS)
def test_an_hour_of_rollups_and_changes_is_exact_without_silences(group: list[str]) -> None:
    assert told_of(group, [HEARD] * len(group)) == truth(group)


@given(group=GROUPS, bounds=st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted))
def test_an_hour_is_exact_with_a_silence_of_all_in_which_no_state_changes(
    group: list[str], bounds: list[int]
) -> None:
    begin, end = bounds
    held = [one[:begin] + (one[begin : begin + 1] * (end - begin)) + one[end:] for one in group]
    silence = "a" * begin + "-" * (end - begin) + "a" * (MINUTES - end)

    known = [
        "".join(pair if s == "a" else "-" for pair, s in zip(one, silence, strict=True))
        for one in held
    ]
    assert told_of(held, [silence] * len(held)) == truth(known)


@given(group=st.lists(st.tuples(HOURS, HOURS), min_size=1, max_size=5))
def test_an_hour_with_any_silences_keeps_within_what_its_targets_tell(
    group: list[tuple[str, str]],
) -> None:
    told = told_of(*map(list, zip(*group, strict=True)))
    known = [availability(stays_of(one), spans_of(silence, "-")) for one, silence in group]
    available = [each.available_seconds for each in known]

    assert max(available) <= told.available_seconds <= min(sum(available), MINUTES)
    assert 0 <= told.unavailable_seconds <= sum(each.unavailable_seconds for each in known)
    assert sum(told) <= MINUTES
