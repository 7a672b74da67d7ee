"""The record of what really happened."""

import json

from monitor.simulator.faults import FaultKind
from monitor.simulator.plan import Channel, Part, Step
from monitor.simulator.truth import (
    MAX_PROMPT_CHARACTERS,
    MAX_STAMPS,
    ChunkStamp,
    Draft,
    Truth,
    TruthLog,
)


def draft(prompt: str = "nonce hello") -> Draft:
    return Draft(
        request_id="p/m/1",
        provider="p",
        model="m",
        number=1,
        prompt=prompt,
        request_received_ns=100,
    )


def step(tokens: int = 0, channel: Channel | None = None) -> Step:
    part = Part.TOKENS if tokens else Part.ROLE
    return Step(offset_ns=0, part=part, tokens=tokens, channel=channel)


def closed(record: Draft) -> Truth:
    log = TruthLog(10)
    log.add(record, 999)
    (truth,) = log.since()
    return truth


def test_the_instants_follow_from_the_stamps() -> None:
    record = draft()
    record.stamp(step(), (110, 111))
    record.stamp(step(2, Channel.REASONING), (120, 121))
    record.stamp(step(3, Channel.TEXT), (130, 131))
    record.stamp(step(1, Channel.TEXT), (140, 141))
    record.stamp(step(), (150, 151))

    truth = closed(record)

    assert truth.first_token_ns == 120
    assert truth.first_answer_ns == 130
    assert truth.last_token_ns == 140
    assert truth.output_tokens == 6
    assert truth.end_ns == 999
    assert truth.chunks[1] == ChunkStamp(120, 121, 2, Channel.REASONING)
    assert len(truth.chunks) == 5


def test_a_request_without_a_token_has_no_instants_of_tokens() -> None:
    truth = closed(draft())

    assert (truth.first_token_ns, truth.first_answer_ns, truth.last_token_ns) == (None,) * 3
    assert truth.output_tokens == 0
    assert not truth.played_out


def test_stamps_and_prompt_are_bounded_but_the_sums_are_not() -> None:
    record = draft("x" * 5000)
    for at in range(MAX_STAMPS + 5):
        record.stamp(step(1, Channel.TEXT), (at, at))

    truth = closed(record)

    assert len(truth.chunks) == MAX_STAMPS
    assert truth.output_tokens == MAX_STAMPS + 5
    assert truth.last_token_ns == MAX_STAMPS + 4
    assert len(truth.prompt) == MAX_PROMPT_CHARACTERS


def test_only_the_newest_truths_are_kept_and_asked_for_by_sequence() -> None:
    log = TruthLog(3)
    for _ in range(5):
        log.add(draft(), 0)

    assert [truth.sequence for truth in log.since()] == [3, 4, 5]
    assert [truth.sequence for truth in log.since(4)] == [5]


def test_a_truth_survives_json() -> None:
    record = draft()
    record.fault = FaultKind.STALL
    record.stamp(step(2, Channel.TEXT), (120, 121))

    body = json.loads(json.dumps(closed(record).as_json()))

    assert body["fault"] == "stall"
    assert body["chunks"] == [{"send_ns": 120, "written_ns": 121, "tokens": 2, "channel": "text"}]
