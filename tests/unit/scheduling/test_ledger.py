"""The ledger: every slot is run or told as late, once."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.scheduling.grid import Grid
from monitor.scheduling.ledger import Due, Ledger

GRID = Grid("a/b", 10_000_000)
ZERO = GRID.slot_us(0)


def test_a_slot_that_is_due_runs_once() -> None:
    ledger = Ledger.begin(GRID, ZERO - 1)

    assert ledger.settle(ZERO) == Due(run=0, late=())
    assert ledger.settle(ZERO + 1) == Due(run=None, late=())


def test_slots_that_a_stall_swallowed_are_late_and_the_newest_still_runs() -> None:
    ledger = Ledger.begin(GRID, ZERO - 1)

    assert ledger.settle(ZERO + 31_000_000) == Due(run=3, late=(0, 1, 2))


def test_a_slot_later_than_half_its_interval_is_not_run_any_more() -> None:
    ledger = Ledger.begin(GRID, ZERO - 1)

    assert ledger.settle(ZERO + 5_000_001) == Due(run=None, late=(0,))


def test_after_a_restart_the_slots_before_are_nobodys() -> None:
    ledger = Ledger.begin(GRID, ZERO - 1)
    ledger.restart(ZERO + 3_600_000_000)

    assert ledger.settle(ZERO + 3_610_000_000) == Due(run=361, late=())


@given(
    st.integers(0, 5_000_000),
    st.lists(st.integers(-20_000_000, 90_000_000), min_size=1, max_size=30),
)
def test_whatever_wakes_it_every_slot_is_accounted_for_once(jitter: int, gaps: list[int]) -> None:
    grid = Grid("x/y", 10_000_000, jitter)
    ledger, at = Ledger.begin(grid, 0), 0
    first, seen = ledger.last + 1, []
    for gap in gaps:
        at += gap
        due = ledger.settle(at)
        seen += [*due.late, *([] if due.run is None else [due.run])]

    assert seen == list(range(first, ledger.last + 1))
