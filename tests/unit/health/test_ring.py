"""The last 24 hours, in order, whatever order they come in."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.health.ring import Ring
from monitor.health.stats import Sample

DAY_SECONDS = 86400.0


def at(seconds: float) -> Sample:
    return Sample(at=seconds, is_good=True, is_executed=True)


def instants(ring: Ring, begin: float = -1, end: float = 1e9) -> list[float]:
    cut = ring.cut(begin, end)
    return [cut[place].at for place in range(len(cut))]


@given(st.lists(st.integers(0, 1_000_000_000), max_size=60))
def test_samples_come_out_in_order(instants_us: list[int]) -> None:
    ring = Ring()
    for each in instants_us:
        ring.add(at(each / 1e6))

    assert instants(ring) == [each / 1e6 for each in sorted(instants_us)]


def test_a_span_begins_after_one_instant_and_ends_with_another() -> None:
    ring = Ring()
    for each in (1.0, 2.0, 3.0):
        ring.add(at(each))

    assert instants(ring, 1.0, 2.5) == [2.0]
    assert ring.count(1.0, 2.5) == 1
    assert ring.count(2.5, 1.0) == 0


def test_what_is_older_than_a_day_goes() -> None:
    ring = Ring()
    for n in range(3 * 1440):
        ring.add(at(60.0 * n))
        ring.move(60.0 * n)

    now = 60.0 * (3 * 1440 - 1)
    assert len(ring) <= 1440 + 1 + 64
    assert instants(ring)[-1] == now
    assert instants(ring, now - DAY_SECONDS)[0] == 60.0 * 2 * 1440


def test_samples_of_the_future_wait() -> None:
    ring = Ring()
    for each in (10.0, 7200.0):
        ring.add(at(each))
    ring.move(20.0)
    assert ring.tallies()["24h"].counts.samples == 1

    ring.move(7200.0)

    assert instants(ring) == [10.0, 7200.0]
    assert ring.tallies()["24h"].counts.samples == 2


def test_a_ring_remembers_as_long_as_its_longest_window() -> None:
    ring = Ring({"short": 10.0, "long": 100.0})
    for n in range(1000):
        ring.add(at(float(n)))
        ring.move(float(n))

    assert len(ring) <= 100 + 64
    assert {name: tally.counts.samples for name, tally in ring.tallies().items()} == {
        "short": 10,
        "long": 100,
    }
