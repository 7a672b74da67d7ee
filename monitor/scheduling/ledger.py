"""Pure: which slots are due, which were lost, and that none is run twice."""

from dataclasses import dataclass

from monitor.scheduling.grid import Grid


@dataclass(frozen=True, slots=True)
class Due:
    """What a wake-up finds.

    Attributes:
        run: The slot to run now; None if there is none.
        late: Slots that passed without a run, oldest first.
    """

    run: int | None
    late: tuple[int, ...]


@dataclass(slots=True)
class Ledger:
    """Keeps account of one probe's slots, whatever wakes it, late, twice or not at all.

    Attributes:
        grid: The probe's slots.
        last: The newest slot that is accounted for.
        grace_us: A slot later than this is not run any more.
    """

    grid: Grid
    last: int
    grace_us: int

    @classmethod
    def begin(cls, grid: Grid, at_us: int) -> "Ledger":
        """Open the account at an instant; slots before it are nobody's.

        The grace is half the interval: a slot that begins later than that says more of the next.
        """
        return cls(grid, grid.latest(at_us), grid.interval_us // 2)

    def settle(self, at_us: int) -> Due:
        """Account for all slots up to an instant."""
        newest = self.grid.latest(at_us)
        first, self.last = self.last + 1, max(self.last, newest)
        if newest < first:
            return Due(run=None, late=())
        is_in_time = at_us - self.grid.slot_us(newest) <= self.grace_us
        end = newest if is_in_time else newest + 1
        return Due(run=newest if is_in_time else None, late=tuple(range(first, end)))

    def restart(self, at_us: int) -> None:
        """Begin anew at an instant, after the wall clock was stepped."""
        self.last = self.grid.latest(at_us)
