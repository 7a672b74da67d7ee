"""The last 24 hours, in order, whatever order they come in."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.health.ring import SPAN_SECONDS, Ring
from monitor.health.stats import Sample


def at(seconds: float) -> Sample:
    return Sample(at=seconds, is_good=True, is_executed=True)


@given(st.lists(st.floats(0, 1000), max_size=60))
def test_samples_come_out_in_order(instants: list[float]) -> None:
    ring = Ring()
    for each in instants:
        ring.add(at(each))

    assert [each.at for each in ring.since(0)] == sorted(instants)


def test_since_begins_at_the_instant() -> None:
    ring = Ring()
    for each in (1.0, 2.0, 3.0):
        ring.add(at(each))

    assert [each.at for each in ring.since(2.0)] == [2.0, 3.0]


def test_what_is_older_than_a_day_goes() -> None:
    ring = Ring()
    for n in range(3 * 1440):
        ring.add(at(60.0 * n))

    assert len(ring) <= 1440 + 1 + 64
    assert [each.at for each in ring.since(0)][-1] == 60.0 * (3 * 1440 - 1)
    assert ring.since(60.0 * 3 * 1440 - SPAN_SECONDS)[0].at == 60.0 * 3 * 1440 - SPAN_SECONDS
