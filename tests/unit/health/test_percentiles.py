"""The percentiles of half an hour: of few runs the worst stands for what they cannot tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.percentiles import percentiles

VALUES = st.lists(st.floats(0, 1e6), max_size=150)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        pytest.param(4, None, id="too few for any"),
        pytest.param(5, (2, 4, 4, 4), id="enough for the median"),
        pytest.param(8, (3.5, 5.25, 7, 7), id="and for the third quartile"),
        pytest.param(10, (4.5, 6.75, 8.1, 9), id="and for the tenth"),
        pytest.param(101, (50, 75, 90, 99), id="and for the hundredth"),
    ],
)
def test_each_is_told_of_as_many_as_it_takes(count: int, told: tuple[float, ...] | None) -> None:
    found = percentiles(map(float, range(count)))

    assert found == (told and pytest.approx(told))


@pytest.mark.parametrize(
    ("count", "told"),
    [
        pytest.param(5, (2, 0, 0, 0), id="few"),
        pytest.param(101, (50, 25, 10, 1), id="many"),
    ],
)
def test_of_a_speed_the_worst_is_the_least(count: int, told: tuple[float, ...]) -> None:
    assert percentiles(map(float, range(count)), more_is_better=True) == pytest.approx(told)


@given(values=VALUES)
def test_so_many_per_cent_did_as_well_or_better(values: list[float]) -> None:
    found = percentiles(values)
    if found is None:
        assert len(values) < 5
        return

    assert found.p50 <= found.p75 <= found.p90 <= found.p99 <= max(values)
    for share, value in zip((0.5, 0.75, 0.9, 0.99), found, strict=True):
        # Between two neighbours it is interpolated, so one run may be missing.
        assert sum(each <= value for each in values) >= share * (len(values) - 1)


@given(values=VALUES)
def test_of_a_speed_it_is_the_other_way_round(values: list[float]) -> None:
    slow, quick = percentiles(values), percentiles([-each for each in values], more_is_better=True)

    assert (slow is None) is (quick is None)
    if slow and quick:
        assert [-each for each in quick] == pytest.approx(list(slow))
