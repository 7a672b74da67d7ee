"""Random pasts of a target, and what makes two statistics agree."""

from dataclasses import fields, replace

import pytest
from hypothesis import strategies as st

from monitor.health.sketch import RELATIVE_ERROR
from monitor.model.outcome import Outcome
from monitor.model.result import Measurement, Result
from monitor.model.target import Kind
from monitor.model.window import WindowStats
from tests.factories import make_result

OUTCOMES = (Outcome.OK,) * 6 + (
    Outcome.STARVED,
    Outcome.TIMEOUT,
    Outcome.SERVER_ERROR,
    Outcome.RATE_LIMITED,
    Outcome.UNCLASSIFIED,
    Outcome.INCONCLUSIVE,
    Outcome.MISSED,
)
SECONDS = st.none() | st.floats(0.001, 60)
FEW = st.none() | st.integers(0, 100)


@st.composite
def results(draw: st.DrawFn, minutes: float = 60, kind: Kind = Kind.COMPLETION) -> Result:
    """A result whose slot lies within so many minutes from `START` on."""
    outcome = draw(st.sampled_from(OUTCOMES))
    status = draw(st.sampled_from((200, 400, 500)))
    result = make_result(
        outcome,
        minute=draw(st.integers(0, int(minutes * 60) - 1)) / 60,
        kind=kind,
        http_status=status,
        confirm=draw(st.sampled_from((0, 0, 0, 1))),
        tainted=draw(st.sampled_from((False, False, False, True))),
        openrouter_good=draw(st.sampled_from((True, False, None))),
    )
    measured = Measurement(
        ttft_seconds=draw(SECONDS),
        ttfat_seconds=draw(SECONDS),
        duration_seconds=draw(SECONDS),
        connect_seconds=draw(SECONDS),
        output_tokens_per_second=draw(SECONDS),
        input_tokens=draw(FEW),
        cost_usd=draw(st.none() | st.integers(0, 10**6).map(lambda n: n / 10**9)),
    )
    return replace(result, measurement=measured)


def assert_stats_agree(told: WindowStats, exact: WindowStats) -> None:
    """Counts and shares are the same; times are within the sketches' bound."""
    for field in fields(WindowStats):
        one, other = getattr(told, field.name), getattr(exact, field.name)
        if field.name.endswith("_seconds"):
            assert one == (None if other is None else pytest.approx(other, rel=RELATIVE_ERROR))
        else:
            assert one == other, field.name
