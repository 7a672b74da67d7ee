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

    assert [each.at for each in ring.between(-1, 1e9)] == sorted(instants)


def test_a_span_begins_after_one_instant_and_ends_with_another() -> None:
    ring = Ring()
    for each in (1.0, 2.0, 3.0):
        ring.add(at(each))

    assert [each.at for each in ring.between(1.0, 2.5)] == [2.0]


def test_what_is_older_than_a_day_goes() -> None:
    ring = Ring()
    for n in range(3 * 1440):
        ring.add(at(60.0 * n))
        ring.forget(60.0 * n)

    assert len(ring) <= 1440 + 1 + 64
    assert [each.at for each in ring.between(-1, 1e9)][-1] == 60.0 * (3 * 1440 - 1)
    assert ring.between(60.0 * (3 * 1440 - 1) - SPAN_SECONDS, 1e9)[0].at == 60.0 * 2 * 1440


def test_samples_of_the_future_wait() -> None:
    ring = Ring()
    for each in (10.0, 7200.0):
        ring.add(at(each))
    ring.forget(20.0)

    assert [each.at for each in ring.between(0, 20)] == [10.0]
    assert [each.at for each in ring.between(0, 7200)] == [10.0, 7200.0]
