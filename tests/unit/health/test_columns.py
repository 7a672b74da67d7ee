"""Samples in columns: nothing is lost but what is below a microsecond."""

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.health.columns import Columns
from monitor.health.stats import Sample

SECOND_US = 1_000_000
#: From 1970 to 2100.
INSTANTS = st.integers(0, 4_102_444_800 * SECOND_US).map(lambda us: us / SECOND_US)
TIMES = st.none() | st.integers(0, 4_000 * SECOND_US).map(lambda us: us / SECOND_US)
SAMPLES = st.builds(
    Sample,
    at=INSTANTS,
    is_good=st.none() | st.booleans(),
    is_executed=st.booleans(),
    openrouter_good=st.none() | st.booleans(),
    ttft_seconds=TIMES,
    duration_seconds=TIMES,
    took_place=st.booleans(),
)


@given(SAMPLES)
def test_what_goes_in_comes_out(sample: Sample) -> None:
    columns = Columns()

    columns.insert(sample)

    assert columns[0] == sample


@given(st.lists(SAMPLES, max_size=30))
@example([Sample(at=1.0, is_good=good, is_executed=True) for good in (True, False, None)])
def test_samples_lie_by_their_instants_and_equal_ones_as_they_came(samples: list[Sample]) -> None:
    columns = Columns()
    for sample in samples:
        place = columns.insert(sample)
        assert columns[place] == sample

    assert [columns[n] for n in range(len(columns))] == sorted(samples, key=lambda each: each.at)


def test_a_time_that_fits_no_column_is_cut_and_not_absent() -> None:
    columns = Columns()
    columns.insert(
        Sample(at=0.0, is_good=True, is_executed=True, ttft_seconds=1e9, duration_seconds=-1e-3)
    )

    assert columns[0].ttft_seconds == 4294.967294
    assert columns[0].duration_seconds == 0.0


def test_a_cut_is_a_copy() -> None:
    columns = Columns()
    for n in range(5):
        columns.insert(Sample(at=float(n), is_good=n % 2 == 0, is_executed=True, ttft_seconds=n))

    cut = columns.cut(1, 3)
    whole = [columns[1], columns[2]]
    columns.drop(5)

    assert [cut[n] for n in range(len(cut))] == whole


def test_the_oldest_go_first() -> None:
    columns = Columns()
    for n in range(5):
        columns.insert(Sample(at=float(n), is_good=True, is_executed=True))

    columns.drop(3)

    assert [columns[n].at for n in range(len(columns))] == [3.0, 4.0]
    assert columns.after(3 * SECOND_US) == 1
