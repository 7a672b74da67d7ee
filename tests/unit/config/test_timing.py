import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.chain import Chain
from monitor.config.levels import Deadlines as Body
from monitor.config.levels import Defaults, Throughput
from monitor.config.schema import ModelBody
from monitor.config.timing import timing
from monitor.model.target import Deadlines, Kind


def _chain(defaults: Defaults, model: ModelBody) -> Chain:
    return Chain(((("defaults",), defaults), (("provider",), None), (("model",), model)))


def test_without_settings_a_probe_runs_every_minute() -> None:
    times = timing(_chain(Defaults(), ModelBody()), is_reasoning=False)

    assert (times.interval_seconds, times.jitter_seconds) == (60, 6)
    assert times.deadlines == Deadlines()
    assert times.findings == ()


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (60, (5, 20, 10, 50)),
        (120, (5, 20, 10, 50)),
        (12, (5, 10, 10, 10)),
        (6, (2.5, 5, 5, 5)),
    ],
)
def test_deadlines_that_are_not_set_shrink_with_the_interval(
    interval: float, expected: tuple[float, ...]
) -> None:
    times = timing(_chain(Defaults(interval_seconds=interval), ModelBody()), is_reasoning=False)

    seconds = times.deadlines
    assert (
        seconds.connect_seconds,
        seconds.first_token_seconds,
        seconds.stall_seconds,
        seconds.total_seconds,
    ) == pytest.approx(expected)


def test_a_long_first_token_deadline_stretches_the_total_that_is_not_set() -> None:
    model = ModelBody(interval_seconds=300, deadlines=Body(first_token_seconds=90))

    assert timing(_chain(Defaults(), model), is_reasoning=False).deadlines.total_seconds == 90


@pytest.mark.parametrize(
    ("outer", "own", "seconds"),
    [
        (None, None, 45),
        (20, None, 45),
        (48, None, 48),
        (None, 15, 15),
        (48, 15, 15),
    ],
)
def test_a_reasoning_model_gets_45_s_unless_it_says_otherwise_itself(
    outer: float | None, own: float | None, seconds: float
) -> None:
    defaults = Defaults(deadlines=Body(first_token_seconds=outer))
    model = ModelBody(deadlines=Body(first_token_seconds=own))

    times = timing(_chain(defaults, model), is_reasoning=True)

    assert times.deadlines.first_token_seconds == seconds
    assert times.findings == ()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.THROUGHPUT, (900, 90, 5, 20, 10, 120)),
        (Kind.MODELS, (300, 30, 5, 30, 10, 30)),
    ],
)
def test_the_other_kinds_run_less_often(kind: Kind, expected: tuple[float, ...]) -> None:
    times = timing(_chain(Defaults(), ModelBody()), is_reasoning=False, kind=kind)

    seconds = times.deadlines
    assert (
        times.interval_seconds,
        times.jitter_seconds,
        seconds.connect_seconds,
        seconds.first_token_seconds,
        seconds.stall_seconds,
        seconds.total_seconds,
    ) == expected
    assert times.findings == ()


def test_the_other_kinds_have_the_deadlines_of_completion_but_for_the_total() -> None:
    body = Body(connect_seconds=4, first_token_seconds=7, stall_seconds=3, total_seconds=9)
    chain = _chain(Defaults(deadlines=body), ModelBody())

    times = timing(chain, is_reasoning=False, kind=Kind.THROUGHPUT)

    assert times.deadlines == Deadlines(
        connect_seconds=4, first_token_seconds=7, stall_seconds=3, total_seconds=120
    )


def test_deadlines_of_completion_are_cut_where_another_kind_is_shorter() -> None:
    throughput = Throughput(interval_seconds=12)
    body = Body(connect_seconds=11, first_token_seconds=40, stall_seconds=40)
    chain = _chain(Defaults(deadlines=body), ModelBody(throughput=throughput))

    times = timing(chain, is_reasoning=False, kind=Kind.THROUGHPUT)

    assert times.findings == ()
    assert times.deadlines == Deadlines(
        connect_seconds=5, first_token_seconds=10, stall_seconds=10, total_seconds=10
    )


@pytest.mark.parametrize(
    ("outer", "own", "seconds"), [(None, None, 50), (20, None, 50), (None, 15, 15)]
)
def test_a_whole_answer_may_take_as_long_as_the_run_unless_the_model_says_otherwise(
    outer: float | None, own: float | None, seconds: float
) -> None:
    defaults = Defaults(streams=False, deadlines=Body(first_token_seconds=outer))
    model = ModelBody(deadlines=Body(first_token_seconds=own))

    times = timing(_chain(defaults, model), is_reasoning=False)

    assert times.deadlines.first_token_seconds == seconds


_SOME = st.none() | st.floats(min_value=0.1, max_value=200)


@settings(deadline=None)
@given(
    interval=st.floats(min_value=1, max_value=86_400),
    connect=_SOME,
    first_token=_SOME,
    stall=_SOME,
    total=_SOME,
    is_reasoning=st.booleans(),
)
def test_deadlines_fit_or_a_finding_says_which_does_not(
    *,
    interval: float,
    connect: float | None,
    first_token: float | None,
    stall: float | None,
    total: float | None,
    is_reasoning: bool,
) -> None:
    body = Body(
        connect_seconds=connect,
        first_token_seconds=first_token,
        stall_seconds=stall,
        total_seconds=total,
    )
    model = ModelBody(interval_seconds=interval, deadlines=body)

    times = timing(_chain(Defaults(), model), is_reasoning=is_reasoning)

    deadlines = times.deadlines
    fits = (
        0 < deadlines.connect_seconds < deadlines.total_seconds < times.interval_seconds
        and 0 < deadlines.first_token_seconds <= deadlines.total_seconds
        and 0 < deadlines.stall_seconds <= deadlines.total_seconds
        and 0 <= times.jitter_seconds < times.interval_seconds / 2
    )
    assert fits == (not times.findings)
    if (connect, first_token, stall, total) == (None, None, None, None):
        assert fits
