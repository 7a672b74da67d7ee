"""How near the published tokens a second are to the truth, and that none is told of a burst."""

from collections.abc import Iterator

import pytest

from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from tests.benchmarks.clients import ByProber
from tests.benchmarks.effort import effort
from tests.benchmarks.load import Closed, play
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server

pytestmark = pytest.mark.timeout(1800)

MAX_ERROR = 0.03
STREAMS = effort(20, 5)
#: The characters of tokens, as uneven as those of a model.
LENGTHS = (5, 3, 1, 7, 4, 2, 6, 8, 3, 4, 1, 5)
#: Streams that meet the rule of publication, by what a send of theirs holds.
STEADY = {
    "one_token": Script(sends=(1,) * 128, gap_seconds=0.01, token_lengths=LENGTHS),
    "chunks_of_16": Script(
        sends=(16,) * 10, gap_seconds=0.08, tokens_per_event=16, token_lengths=LENGTHS
    ),
    "bursts_of_16": Script(sends=(16,) * 10, gap_seconds=0.08, token_lengths=LENGTHS),
}
#: Streams of which a speed says nothing.
NO_SPEED = {
    "all_at_once": Script(sends=(160,)),
    "held_back": Script(sends=(1, 1, 1, 157), gap_seconds=0.3),
    "rushed": Script(sends=(16,) * 10, gap_seconds=0.001),
    "short": Script(sends=(1,) * 32, gap_seconds=0.02),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with truth_server(**STEADY, **NO_SPEED) as running:
        yield running


def _play(server: Server, name: str) -> tuple[Row, list[float]]:
    """Run a script; give what was published, and the errors against the truth."""
    client = ByProber(server, name, kind=Kind.THROUGHPUT)
    script = (STEADY | NO_SPEED)[name]
    play(client, Closed(STREAMS, effort(3), spread_seconds=script.seconds))
    truths = server.told().by_request
    assert {each.verdict.outcome for each in client.results} == {Outcome.OK}
    errors, told = [], None
    for result in client.results:
        measured = result.measurement.output_tokens_per_second
        told = truths[result.request_id or ""].tokens_per_second
        if measured is not None and told:
            errors.append(measured / told - 1)
    row = {
        "stream": name,
        "runs": len(client.results),
        "published": len(errors),
        "tainted": sum(each.tainted for each in client.results),
        "true tokens/s": told,
        "median error %": sorted(errors)[len(errors) // 2] * 100 if errors else None,
        "worst error %": max(errors, key=abs) * 100 if errors else None,
    }
    return row, errors


def test_the_tokens_a_second_of_a_steady_stream_are_the_truth(server: Server) -> None:
    played = [_play(server, name) for name in STEADY]
    show("tokens a second against the truth", [row for row, _ in played])

    for row, errors in played:
        assert row["published"] == row["runs"], row["stream"]
        assert max(map(abs, errors)) <= MAX_ERROR, row["stream"]


def test_no_tokens_a_second_are_told_of_a_burst_or_a_short_stream(server: Server) -> None:
    rows = [_play(server, name)[0] for name in NO_SPEED]
    show("streams without a speed", rows)

    assert {row["stream"]: row["published"] for row in rows} == dict.fromkeys(NO_SPEED, 0)
