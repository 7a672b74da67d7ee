"""The text that is kept of a target's totals grows as the totals do."""

from typing import Any

import pytest
from pydantic_core import from_json, to_json

from monitor.model.outcome import Outcome
from monitor.store.totals import grown, to_totals
from tests.factories import make_result, total

RESULTS = (
    make_result(ttft_seconds=0.07, input_tokens=20, cost_usd=0.1),
    make_result(Outcome.OVERLOADED, minute=1, cost_usd=0.2),
    make_result(Outcome.UNAUTHORIZED, minute=2),
    make_result(Outcome.OVERLOADED, minute=3),
    make_result(Outcome.TIMEOUT, minute=3, confirm=1),
)


def changed(text: str, **fields: Any) -> str:
    return to_json(from_json(text) | fields).decode()


@pytest.mark.parametrize("cut", range(1, len(RESULTS) + 1))
def test_it_is_the_same_in_however_many_parts_it_grew(cut: int) -> None:
    in_two = grown(grown(None, RESULTS[:cut]), RESULTS[cut:])

    assert to_totals(in_two) == to_totals(grown(None, RESULTS)) == total(*RESULTS)


def test_what_was_written_before_there_were_causes_grows_too() -> None:
    known = from_json(grown(None, RESULTS[:1]))
    del known["causes"]

    assert to_totals(grown(to_json(known).decode(), RESULTS[1:])) == total(*RESULTS)


def test_buckets_of_another_version_are_kept_and_grown_beside() -> None:
    other = {"0.07": 4, "600.0": 8, "inf": 16, "sum": 1.5}
    text = changed(grown(None, RESULTS[1:]), ttft_seconds=other)

    ttft = to_totals(grown(text, RESULTS[:1])).histogram("ttft_seconds")
    assert (ttft.counts[1], ttft.counts[-1], ttft.total) == (5, 24, 1.57)


def test_a_histogram_takes_no_more_room_than_it_has_observations() -> None:
    assert from_json(grown(None, RESULTS))["ttft_seconds"] == {"0.1": 1, "sum": 0.07}
