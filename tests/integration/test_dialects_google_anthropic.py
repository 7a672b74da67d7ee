"""Every fault of the simulator through the prober, in Anthropic's, Google's and OpenAI's words."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome, Phase
from monitor.model.result import Result
from monitor.model.target import Kind, Probe, RequestSettings, Secret
from monitor.probes.exchange import Exchange
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.reading import Channel, Reading
from monitor.probes.transport import HttpTransport
from monitor.simulator import FaultKind, Script, Simulator
from tests.fakes import START
from tests.integration.simulated import QUICK, fleet, probe_of
from tests.integration.test_prober import FAULTS

KEY = "sim-key"


@dataclass(frozen=True)
class Spoken:
    """A dialect under its two names, how it carries the key, and where its own words differ."""

    dialect: str
    simulated: str
    header: str
    key: str
    statuses: dict[FaultKind, int]
    length: str = "length"


SPOKEN = [
    Spoken("openai_responses", "responses", "authorization", f"Bearer {KEY}", {}),
    Spoken(
        "anthropic_messages",
        "anthropic",
        "x-api-key",
        KEY,
        {FaultKind.OVERLOADED: 529, FaultKind.QUOTA: 400},
        "max_tokens",
    ),
    Spoken(
        "gemini_generate",
        "gemini",
        "x-goog-api-key",
        KEY,
        {FaultKind.OVERLOADED_529: 429, FaultKind.UNAUTHORIZED: 400},
        "MAX_TOKENS",
    ),
]


@pytest.fixture(params=SPOKEN, ids=lambda spoken: spoken.dialect)
def spoken(request: pytest.FixtureRequest) -> Spoken:
    each: Spoken = request.param
    return each


@pytest.fixture
def prober() -> Prober:
    clock = SystemClock()
    return Prober(HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock))


def simulated(spoken: Spoken, script: Script = QUICK) -> Simulator:
    targets = fleet(script, accepted_key=KEY)
    return Simulator([replace(target, dialect=spoken.simulated) for target in targets])


@pytest.fixture
async def simulator(spoken: Spoken) -> AsyncIterator[Simulator]:
    async with simulated(spoken) as running:
        yield running


def probe(spoken: Spoken, simulator: Simulator, *, key: str = "", **settings: object) -> Probe:
    headers = ((spoken.header, Secret(key or spoken.key)),)
    made = probe_of(simulator, headers=headers, **settings)
    return replace(made, target=replace(made.target, dialect=spoken.dialect))


async def read(prober: Prober, probe: Probe) -> tuple[Result, Reading]:
    seen: list[Reading] = []

    def look(_: Exchange, reading: Reading | None) -> None:
        seen.append(reading or Reading())

    return await prober.run(probe, START, ever_worked=True, on_exchange=look), seen[0]


async def test_a_good_answer_is_timed_and_counted(
    prober: Prober, spoken: Spoken, simulator: Simulator
) -> None:
    result = await prober.run(probe(spoken, simulator), START)

    await simulator.idle()
    (truth,) = simulator.truths()
    assert truth.first_token_ns is not None
    told = (truth.first_token_ns - truth.request_received_ns) / 1e9
    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.finish_reason == spoken.length
    assert result.measurement.output_tokens == truth.output_tokens == 16
    assert result.measurement.input_tokens == len(truth.prompt) // 4
    assert result.measurement.ttft_seconds == pytest.approx(told, abs=0.02)


async def test_reasoning_comes_in_a_channel_of_its_own(prober: Prober, spoken: Spoken) -> None:
    script = Script(
        first_token_seconds=0.02,
        gap_seconds=0.001,
        tokens=4,
        reasoning_tokens=8,
        cached_tokens=3,
        role_delta=False,
        comment_every_seconds=0.005,
    )
    async with simulated(spoken, script) as simulator:
        result, reading = await read(prober, probe(spoken, simulator))

    characters = dict(reading.characters)
    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.output_tokens == 12
    assert result.measurement.reasoning_tokens == 8
    assert result.measurement.cached_tokens == 3
    assert characters[Channel.REASONING] > characters[Channel.TEXT] > 0


async def test_hidden_reasoning_is_starvation_at_the_ceiling(
    prober: Prober, spoken: Spoken
) -> None:
    script = Script(first_token_seconds=0.02, hidden_reasoning_tokens=40)
    async with simulated(spoken, script) as simulator:
        result = await prober.run(probe(spoken, simulator), START)

    assert result.verdict.outcome is Outcome.STARVED, result.verdict


async def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer(
    prober: Prober, spoken: Spoken
) -> None:
    script = Script(first_token_seconds=0.02, gap_seconds=0.001, tokens=4, reasoning_tokens=3)
    async with simulated(spoken, script) as simulator:
        asked = probe(spoken, simulator)
        asked = replace(asked, target=replace(asked.target, streams=False))
        result, reading = await read(prober, asked)
        simulator.inject("sim", None, FaultKind.STREAM_ERROR)
        failed = await prober.run(asked, START)

    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.output_tokens == 7
    assert dict(reading.characters).keys() == {Channel.REASONING, Channel.TEXT}
    assert failed.verdict.outcome is Outcome.SERVER_ERROR


async def test_a_server_that_counts_nothing_is_no_fault(prober: Prober, spoken: Spoken) -> None:
    script = Script(first_token_seconds=0.02, gap_seconds=0.001, tokens=3, sends_usage=False)
    async with simulated(spoken, script) as simulator:
        result = await prober.run(probe(spoken, simulator), START)

    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.output_tokens is None


async def test_an_image_is_taken(prober: Prober, spoken: Spoken, simulator: Simulator) -> None:
    settings = RequestSettings(has_image=True, reasoning_effort="low", temperature=None)

    result = await prober.run(probe(spoken, simulator, request=settings), START)

    assert result.verdict.outcome is Outcome.OK, result.verdict


async def test_a_listing_is_asked_for_and_counted(
    prober: Prober, spoken: Spoken, simulator: Simulator
) -> None:
    result, reading = await read(prober, probe(spoken, simulator, kind=Kind.MODELS))

    assert (result.verdict.outcome, reading.models) == (Outcome.OK, 1)


async def test_a_wrong_key_and_a_wrong_model_are_told_apart(
    prober: Prober, spoken: Spoken, simulator: Simulator
) -> None:
    asked = probe(spoken, simulator)
    missing = replace(asked, target=replace(asked.target, model="gone"))

    wrong = await prober.run(probe(spoken, simulator, key="Bearer wrong"), START)
    gone = await prober.run(missing, START, ever_worked=True)

    assert wrong.verdict.outcome is Outcome.UNAUTHORIZED, wrong.verdict
    assert gone.verdict.outcome is Outcome.MODEL_UNAVAILABLE, gone.verdict


@pytest.mark.parametrize(
    ("fault", "outcome", "phase", "status"), FAULTS, ids=[each[0] for each in FAULTS]
)
async def test_each_fault_is_seen_for_what_it_is(
    prober: Prober,
    spoken: Spoken,
    simulator: Simulator,
    fault: FaultKind,
    outcome: Outcome,
    phase: Phase | None,
    status: int | None,
) -> None:
    asked = probe(spoken, simulator)
    simulator.inject("sim", None, fault)

    result = await prober.run(asked, START, ever_worked=True)

    assert result.verdict.outcome is outcome, result.verdict
    assert result.verdict.http_status == spoken.statuses.get(fault, status)
    if phase:
        assert result.verdict.phase is phase
