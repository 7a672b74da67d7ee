"""The grid: slots that do not drift, do not herd, and stay in order."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.scheduling.grid import Grid

MICRO = 1_000_000

grids = st.builds(
    lambda key, interval, share: Grid(key, interval, int(interval * share)),
    st.text(min_size=1, max_size=20),
    st.integers(1_000, 3_600 * MICRO),
    st.floats(0, 0.5),
)


@pytest.mark.parametrize("jitter", [0.0, 6.0, 29.0], ids=lambda s: f"jitter {s:g} s")
def test_the_mean_interval_is_exact_over_ten_thousand_slots(jitter: float) -> None:
    grid = Grid.of("openai/gpt#completion", 60.0, jitter)

    first, last = grid.slot_us(29_000_000), grid.slot_us(29_010_000)

    # The jitter of the two ends is all that can be off, and it does not grow with the slots.
    assert abs((last - first) / 10_000 - 60 * MICRO) <= jitter * MICRO / 10_000
    gaps = {grid.slot_us(k + 1) - grid.slot_us(k) for k in range(10_000)}
    assert max(gaps) <= (60 + jitter) * MICRO


def test_the_mean_interval_is_exact_to_a_millisecond_with_the_default_jitter() -> None:
    grid = Grid.of("openai/gpt#completion", 60.0, 6.0)

    mean = (grid.slot_us(10_000) - grid.slot_us(0)) / 10_000

    assert abs(mean - 60 * MICRO) <= 1_000


def test_two_hundred_probes_of_one_interval_spread_over_it() -> None:
    phases = sorted(Grid.of(f"p{n}/m#completion", 60.0).phase_us / MICRO for n in range(200))

    in_each_sixth = [sum(1 for p in phases if 10 * i <= p < 10 * i + 10) for i in range(6)]

    assert min(in_each_sixth) >= 15
    assert max(b - a for a, b in pairwise(phases)) < 3.0
    assert len({round(phase, 2) for phase in phases}) > 190


@given(grids, st.integers(-(10**6), 10**6))
def test_slots_stay_in_order_and_within_their_interval(grid: Grid, k: int) -> None:
    assert grid.slot_us(k) < grid.slot_us(k + 1)
    assert 0 <= grid.slot_us(k) - grid.phase_us - k * grid.interval_us <= grid.jitter_us


@given(grids, st.integers(0, 4 * 10**15))
def test_latest_and_next_enclose_every_instant(grid: Grid, at_us: int) -> None:
    latest, following = grid.latest(at_us), grid.next_after(at_us)

    assert following == latest + 1
    assert grid.slot_us(latest) <= at_us < grid.slot_us(following)


def test_a_restart_moves_no_slot() -> None:
    assert Grid.of("a/b#completion", 60.0, 6.0).slot_us(7) == (
        Grid.of("a/b#completion", 60.0, 6.0).slot_us(7)
    )


@pytest.mark.parametrize(
    ("interval", "jitter"),
    [(0.0, 0.0), (-1.0, 0.0), (10.0, 10.0), (10.0, -1.0)],
    ids=["no interval", "negative interval", "jitter fills the interval", "negative jitter"],
)
def test_a_grid_that_cannot_be_kept_is_refused(interval: float, jitter: float) -> None:
    with pytest.raises(ValueError, match="of a/b"):
        Grid.of("a/b", interval, jitter)
