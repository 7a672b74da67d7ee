"""Long windows out of what was folded and what is in memory."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health.availability import Availability
from monitor.health.buckets import HOUR
from monitor.health.columns import Columns
from monitor.health.past import (
    HELD_HOURS,
    QUANTITIES,
    add,
    fold_columns,
    held_since,
    not_in,
    pack,
    unpack,
)
from monitor.health.rollup import Bucket, Run, fold, merge_buckets, tally
from monitor.health.stats import sample
from monitor.model.result import Result
from monitor.model.target import Kind
from tests.fakes import START
from tests.histories import results

NOW = START + timedelta(minutes=20)
RUNNING = START.timestamp()
HOUR_SECONDS = 3600.0
TIMES = st.builds(Availability, st.integers(0, 9), st.integers(0, 9))


def bucket(history: list[Result], times: Availability) -> Bucket:
    """What a window wants of these."""
    whole = fold(Kind.COMPLETION, map(Run.of, history))
    sketches = {each: whole.sketches[each] for each in QUANTITIES if each in whole.sketches}
    return Bucket(counts=whole.counts, sketches=sketches, availability=times)


@given(st.lists(results(), max_size=60), st.integers(0, 60))
def test_samples_in_memory_make_the_same_counts_and_times(history: list[Result], cut: int) -> None:
    scheduled = [each for each in history if each.confirm == 0]
    parts = Columns(), Columns()
    for number, each in enumerate(scheduled):
        parts[number >= cut].insert(sample(each))

    found = fold_columns(parts, [Availability(1.0, 2.0), Availability(0.5)])

    exact = fold(Kind.COMPLETION, map(Run.of, scheduled))
    assert found.counts == exact.counts
    assert found.availability == (1.5, 2.0)
    for told, expected in zip(tally(found).latency, tally(exact).latency, strict=True):
        # A microsecond may make the next lane of a sketch of it.
        assert told == (None if expected is None else pytest.approx(expected, rel=0.0202))


@given(*[st.lists(results(), max_size=30), TIMES] * 2)
def test_what_was_folded_grows_by_what_was_not(
    old: list[Result], before: Availability, new: list[Result], after: Availability
) -> None:
    folded, live = bucket(old, before), bucket(new, after)

    assert unpack(pack(folded)) == folded
    assert add(folded, live) == merge_buckets([folded, live])


@pytest.mark.parametrize(
    ("folded", "spans"),
    [
        pytest.param([], [(-HELD_HOURS, math.inf)], id="nothing was folded"),
        pytest.param(range(1, HELD_HOURS + 1), [(0, math.inf)], id="all but the running hour"),
        pytest.param(range(2, HELD_HOURS + 1), [(-1, math.inf)], id="all but two"),
        pytest.param(
            [*range(1, 5), *range(7, HELD_HOURS + 1)], [(-6, -4), (0, math.inf)], id="a gap"
        ),
        pytest.param(range(HELD_HOURS + 1), [(1, math.inf)], id="the running one too"),
        pytest.param(range(-1, HELD_HOURS + 1), [], id="the next one too: the clock was set back"),
    ],
)
def test_what_was_not_folded_is_waited_for(
    folded: list[int], spans: list[tuple[float, float]]
) -> None:
    found = not_in({START - hours * HOUR for hours in folded}, NOW)

    assert found == tuple(
        (RUNNING + begin * HOUR_SECONDS, RUNNING + end * HOUR_SECONDS) for begin, end in spans
    )
    assert held_since(NOW) == START - HELD_HOURS * HOUR
