"""A result laid flat is the same result when it is built again."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.result import Measurement, Result
from monitor.model.target import Kind
from monitor.store.rows import result_columns, to_result, to_row
from tests.factories import make_result

SHARE = st.none() | st.floats(0, 1e6)
COUNT = st.none() | st.integers(0, 2**40)
WORD = st.none() | st.text(max_size=20)
CHOICE = st.none() | st.booleans()
VERDICTS = st.builds(
    Verdict,
    outcome=st.sampled_from(Outcome),
    fault=st.sampled_from(Fault),
    rule=st.text(min_size=1, max_size=10),
    phase=st.none() | st.sampled_from(Phase),
    http_status=st.none() | st.integers(100, 599),
    provider_code=WORD,
    message=WORD,
    retry_after_seconds=SHARE,
    openrouter_good=CHOICE,
)
MEASUREMENTS = st.builds(
    Measurement,
    dns_seconds=SHARE,
    connect_seconds=SHARE,
    reused=CHOICE,
    ttft_seconds=SHARE,
    output_tokens=COUNT,
    received_bytes=COUNT,
    cost_usd=SHARE,
)


def flat(result: Result) -> list[object]:
    """Select from the row what `to_result` reads, in its order."""
    row = to_row(result, 7)
    return [result.target, *(row[str(column.key)] for column in result_columns()[1:])]


@given(verdict=VERDICTS, measurement=MEASUREMENTS, kind=st.sampled_from(Kind), confirm=COUNT)
def test_a_result_survives_the_way_through_a_row(
    verdict: Verdict, measurement: Measurement, kind: Kind, confirm: int | None
) -> None:
    result = replace(
        make_result(),
        verdict=verdict,
        measurement=measurement,
        kind=kind,
        confirm=confirm or 0,
        request_id="req_1",
        finish_reason="stop",
        loop_lag_seconds=0.25,
        tainted=True,
        started_at=make_result().slot_at + timedelta(seconds=1),
    )
    assert to_result(flat(result)) == result


def test_a_row_carries_the_id_that_follows_from_its_key() -> None:
    result = make_result()
    row = to_row(result, 7)
    assert (row["target_id"], row["result_id"]) == (7, result.id)
