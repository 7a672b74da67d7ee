"""Sketches err by 1 % at most, and merge in any order to the same bytes."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.sketch import (
    _HEAD,
    RELATIVE_ERROR,
    Sketch,
    _pack,
    merge,
    merge_less,
    merge_stored,
)
from monitor.health.stats import quantile

VALUES = st.floats(1e-9, 1e9)
MANY = st.lists(VALUES, max_size=80)
SHARES = st.floats(0, 1)


@given(st.lists(VALUES, min_size=1, max_size=200), SHARES)
def test_each_quantile_is_within_the_bound_of_that_of_the_values(
    values: list[float], share: float
) -> None:
    exact = quantile(sorted(values), share, 1)
    told = quantile(Sketch.of(values).ordered(), share, 1)

    assert exact is not None
    assert told is not None
    assert abs(told - exact) <= RELATIVE_ERROR * exact


@given(VALUES)
def test_each_value_is_told_within_the_bound(value: float) -> None:
    (told,) = Sketch.of([value]).ordered()

    assert abs(told - value) <= RELATIVE_ERROR * value


@pytest.mark.parametrize("lane", [-1047, -1046, -1, 0, 1, 500, 1046])
def test_a_lane_ends_at_its_power_and_the_next_begins_above_it(lane: int) -> None:
    end = 1.02**lane
    at, above = Sketch.of([end]), Sketch.of([math.nextafter(end, math.inf)])

    assert _HEAD.unpack_from(at.data) == (lane, 1, 1)
    assert _HEAD.unpack_from(above.data) == (lane + 1, 1, 1)


@given(MANY, MANY)
def test_a_merge_counts_what_both_counted(one: list[float], other: list[float]) -> None:
    assert merge([Sketch.of(one), Sketch.of(other)]) == Sketch.of([*one, *other])


@given(MANY, MANY)
def test_what_is_taken_off_was_never_there(one: list[float], other: list[float]) -> None:
    pieces = [Sketch.of(one).data, Sketch.of(other).data]

    assert merge_less(pieces, pieces[1:]) == Sketch.of(one)
    assert merge_less([Sketch.of([*one, *other]).data], pieces) == Sketch()


def test_what_is_not_there_cannot_be_taken_off() -> None:
    whole = Sketch.of([1.0, 1.0, 2.0])

    def less(*values: float) -> Sketch:
        return merge_less([whole.data], [Sketch.of(values).data])

    assert less(0.5, 2.0, 2.0, 9.0) == Sketch.of([1.0, 1.0])
    assert less(2.0, 2.0) == Sketch.of([1.0, 1.0])
    assert less(1.0, 1.0, 1.0) == Sketch.of([2.0])
    assert less(9.0) == whole


@given(MANY, MANY, MANY)
def test_merging_is_associative_and_commutative(
    one: list[float], other: list[float], third: list[float]
) -> None:
    a, b, c = Sketch.of(one), Sketch.of(other), Sketch.of(third)

    assert merge([a, b]) == merge([b, a])
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == merge([a, b, c])
    assert merge([a, Sketch()]) == a


@given(st.lists(MANY, max_size=6), MANY)
def test_sketches_may_lie_one_behind_the_other(ones: list[list[float]], other: list[float]) -> None:
    pieces = [Sketch.of(one).data for one in ones]

    whole = Sketch.of([*itertools.chain(*ones), *other])
    assert merge_stored([b"".join(pieces), Sketch.of(other).data]) == whole
    assert merge_stored([*pieces[::-1], Sketch.of(other).data]) == whole


@given(MANY)
def test_the_order_of_values_makes_no_difference(values: list[float]) -> None:
    assert Sketch.of(values) == Sketch.of(values[::-1])
    assert Sketch.of(values).count == len(values)


@pytest.mark.parametrize("count", [1, 255, 256, 65_535, 65_536, 200_000])
def test_counts_of_any_size_are_kept_and_added(count: int) -> None:
    some = Sketch.of([0.5] * count + [0.7])
    both = merge_stored([some.data, some.data])

    assert list(some.ordered()[-2:]) == pytest.approx([0.5, 0.7], rel=RELATIVE_ERROR)
    assert both.count == 2 * (count + 1)
    assert both == Sketch.of([0.5] * 2 * count + [0.7] * 2)


@given(
    st.lists(
        st.tuples(st.sampled_from((1, 100, 254, 255, 256, 65_535, 70_000)), st.integers(-1, 2)),
        max_size=40,
    )
)
def test_no_count_runs_over_into_its_neighbours(parts: list[tuple[int, int]]) -> None:
    """Neighbouring lanes, in sketches whose counts take one, two and four bytes."""
    parts += [(255, -1), (255, 0), (255, 1), (255, 2)]
    stored = [_pack(lane, [count]) for count, lane in parts]
    sums = [sum(count for count, its in parts if its == lane) for lane in range(-1, 3)]

    assert merge_stored(stored).data == _pack(-1, sums)


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan])
def test_what_is_no_positive_number_is_not_counted(value: float) -> None:
    assert Sketch.of([value]) == Sketch()


@pytest.mark.parametrize("value", [1e-300, 1e300])
def test_values_out_of_all_measure_are_counted_at_the_end(value: float) -> None:
    assert Sketch.of([value]).count == 1


def test_a_sketch_of_an_hour_is_small() -> None:
    """A minute apart, from 0.25 to 1 s: as the answers of most providers lie."""
    assert len(Sketch.of([0.25 * 4 ** (n / 59) for n in range(60)]).data) <= 160


def test_the_values_are_a_sequence() -> None:
    values = Sketch.of([1.0, 2.0, 3.0]).ordered()

    assert len(values) == 3
    assert list(values[1:]) == pytest.approx([2.0, 3.0], rel=RELATIVE_ERROR)
    assert not Sketch().ordered()
    with pytest.raises(IndexError):
        values[3]
