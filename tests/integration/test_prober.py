"""One run over real HTTP against the simulator, on httpx and on httpx2: every fault by its name."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from types import ModuleType

import httpx
import httpx2
import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Fault, Outcome, Phase
from monitor.model.result import Result
from monitor.model.target import Kind, RequestSettings, Secret
from monitor.probes.exchange import Cut
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import FaultKind, Misbehaviour, Script, Simulator
from tests.fakes import START
from tests.integration.simulated import QUICK, fleet, probe_of
from tests.waiting import until


@pytest.fixture(params=[httpx, httpx2], ids=lambda module: module.__name__)
def library(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


@pytest.fixture
def prober(library: ModuleType) -> Prober:
    clock = SystemClock()
    transport = HttpTransport(clock, library=library)
    return Prober(transport, clock, vantage="here", lag=LoopLag(clock))


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(fleet()) as running:
        yield running


async def run(prober: Prober, simulator: Simulator) -> Result:
    return await prober.run(probe_of(simulator), START, ever_worked=True)


async def test_a_good_answer_is_timed_and_counted(prober: Prober, simulator: Simulator) -> None:
    result = await run(prober, simulator)

    await simulator.idle()
    (truth,) = simulator.truths()
    measured = result.measurement
    assert result.verdict.outcome is Outcome.OK
    assert (measured.input_tokens or 0) > 0
    assert measured.output_tokens == 16
    assert result.finish_reason == "length"
    assert measured.reused is False
    assert measured.connect_seconds is not None
    assert measured.tls_seconds is None
    assert measured.ttft_seconds is not None
    assert truth.first_token_ns is not None
    told = (truth.first_token_ns - truth.request_received_ns) / 1e9
    # Not a claim of precision (that is the benchmark's): the role delta came 30 ms earlier.
    assert told - 0.02 <= measured.ttft_seconds < told + 0.5
    assert measured.ttft_seconds >= QUICK.first_token_seconds * 0.9


async def test_the_prompt_begins_with_a_nonce(prober: Prober, simulator: Simulator) -> None:
    await run(prober, simulator)
    await run(prober, simulator)

    await simulator.idle()
    prompts = [truth.prompt for truth in simulator.truths()]
    assert len({prompt.split("]")[0] for prompt in prompts}) == 2
    assert not any(character.isdigit() for character in "".join(prompts))


FAULTS = [
    (FaultKind.EMBLEM, Outcome.OVERLOADED, None, 404),
    (FaultKind.RATE_LIMITED, Outcome.RATE_LIMITED, None, 429),
    (FaultKind.OVERLOADED, Outcome.OVERLOADED, None, 503),
    (FaultKind.OVERLOADED_529, Outcome.OVERLOADED, None, 529),
    (FaultKind.HTML_502, Outcome.GATEWAY_ERROR, None, 502),
    (FaultKind.UNAUTHORIZED, Outcome.UNAUTHORIZED, None, 401),
    (FaultKind.QUOTA, Outcome.QUOTA_EXHAUSTED, None, 429),
    (FaultKind.SERVER_ERROR, Outcome.SERVER_ERROR, None, 500),
    (FaultKind.MODEL_MISSING, Outcome.MODEL_UNAVAILABLE, None, 404),
    (FaultKind.HTML_200, Outcome.MALFORMED, None, 200),
    (FaultKind.GARBAGE, Outcome.MALFORMED, None, 200),
    (FaultKind.SLOW_FIRST_TOKEN, Outcome.TIMEOUT, Phase.FIRST_TOKEN, 200),
    (FaultKind.STALL, Outcome.TIMEOUT, Phase.STALL, 200),
    (FaultKind.TRUNCATED, Outcome.TRUNCATED, None, 200),
    (FaultKind.RESET, Outcome.TRUNCATED, None, 200),
    (FaultKind.STREAM_ERROR, Outcome.SERVER_ERROR, Phase.STREAM, 200),
    (FaultKind.EMPTY, Outcome.EMPTY, None, 200),
    (FaultKind.STARVED, Outcome.STARVED, None, 200),
    (FaultKind.ENDLESS, Outcome.TIMEOUT, Phase.TOTAL, 200),
    (FaultKind.SLOW_HEADERS, Outcome.TIMEOUT, Phase.FIRST_TOKEN, None),
    (FaultKind.SILENT, Outcome.TIMEOUT, Phase.FIRST_TOKEN, None),
    (FaultKind.REFUSED, Outcome.UNREACHABLE, Phase.CONNECT, None),
]


@pytest.mark.parametrize(
    ("fault", "outcome", "phase", "status"), FAULTS, ids=[each[0] for each in FAULTS]
)
async def test_each_fault_is_seen_for_what_it_is(
    prober: Prober,
    simulator: Simulator,
    fault: FaultKind,
    outcome: Outcome,
    phase: Phase | None,
    status: int | None,
) -> None:
    probe = probe_of(simulator)
    simulator.inject("sim", None, fault)

    result = await prober.run(probe, START, ever_worked=True)

    assert result.verdict.outcome is outcome, result.verdict
    assert result.verdict.http_status == status
    if phase:
        assert result.verdict.phase is phase


def test_every_fault_of_the_simulator_is_tried() -> None:
    assert {each[0] for each in FAULTS} == set(FaultKind)


async def test_the_wait_that_a_provider_asks_for_is_kept(
    prober: Prober, simulator: Simulator
) -> None:
    simulator.inject("sim", None, Misbehaviour(kind=FaultKind.RATE_LIMITED, retry_after_seconds=7))

    result = await run(prober, simulator)

    assert result.verdict.retry_after_seconds == 7


async def test_a_server_that_does_not_stream_is_no_fault(
    prober: Prober, simulator: Simulator
) -> None:
    async with Simulator(fleet(Script(first_token_seconds=0.01, sends_usage=False))) as other:
        result = await prober.run(
            probe_of(other, request=RequestSettings(include_usage=False)), START
        )

    assert result.verdict.outcome is Outcome.OK
    assert result.measurement.output_tokens is None


async def test_keep_alive_comments_do_not_put_the_first_token_off(prober: Prober) -> None:
    script = Script(first_token_seconds=5.0, comment_every_seconds=0.05)
    async with Simulator(fleet(script)) as simulator:
        result = await run(prober, simulator)

    assert (result.verdict.outcome, result.verdict.phase) == (Outcome.TIMEOUT, Phase.FIRST_TOKEN)


async def test_a_run_that_is_ended_by_us_is_inconclusive(
    prober: Prober, simulator: Simulator
) -> None:
    simulator.inject("sim", None, FaultKind.SILENT)
    running = asyncio.ensure_future(run(prober, simulator))
    await until(lambda: prober.in_flight == 1)

    prober.abort_all(Cut.SHUTDOWN)
    result = await running

    assert result.verdict.outcome is Outcome.INCONCLUSIVE
    assert result.verdict.fault is Fault.PROBER
    assert prober.in_flight == 0


async def test_a_cancellation_from_outside_stays_one(prober: Prober, simulator: Simulator) -> None:
    simulator.inject("sim", None, FaultKind.SILENT)
    running = asyncio.ensure_future(run(prober, simulator))
    await until(lambda: prober.in_flight == 1)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert prober.in_flight == 0


async def test_a_name_that_does_not_resolve_is_unreachable_by_dns(prober: Prober) -> None:
    async with Simulator(fleet()) as simulator:
        probe = probe_of(simulator, base_url="http://no-such-host.invalid/v1")
        result = await prober.run(probe, START)

    assert (result.verdict.outcome, result.verdict.phase) == (Outcome.UNREACHABLE, Phase.DNS)


async def test_a_certificate_that_nobody_signed_is_unreachable_by_tls(
    prober: Prober, tls: ssl.SSLContext
) -> None:
    async with Simulator(fleet(), tls=tls) as simulator:
        result = await run(prober, simulator)

    assert (result.verdict.outcome, result.verdict.phase) == (Outcome.UNREACHABLE, Phase.TLS)


async def test_tls_is_timed_apart(
    library: ModuleType, tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    clock = SystemClock()
    transport = HttpTransport(clock, ssl_context=trust, library=library)
    prober = Prober(transport, clock, vantage="here", lag=LoopLag(clock))
    async with Simulator(fleet(), tls=tls) as simulator:
        result = await run(prober, simulator)

    assert result.verdict.outcome is Outcome.OK
    assert (result.measurement.tls_seconds or 0) > 0


async def test_a_key_never_shows_in_what_a_run_leaves_behind(
    prober: Prober, simulator: Simulator
) -> None:
    key = "sk-planted-key-0123456789"
    probe = probe_of(simulator, headers=(("authorization", Secret(f"Bearer {key}")),))
    simulator.inject("sim", None, FaultKind.UNAUTHORIZED)

    result = await prober.run(probe, START)

    assert result.verdict.outcome is Outcome.UNAUTHORIZED
    assert key not in repr(result)


async def test_cancelled_runs_spoil_no_later_one(library: ModuleType) -> None:
    """A shared httpx pool fails for ever after this; a fresh client per run does not."""
    clock = SystemClock()
    prober = Prober(HttpTransport(clock, library=library), clock, vantage="x", lag=LoopLag(clock))
    async with Simulator(fleet(Script(first_token_seconds=0.01, tokens=2))) as simulator:
        probe = probe_of(simulator)
        for _ in range(8):
            batch = [asyncio.ensure_future(prober.run(probe, START, confirm=n)) for n in range(25)]
            await asyncio.sleep(0.002)
            for each in batch:
                each.cancel()
            await asyncio.gather(*batch, return_exceptions=True)

        healthy = [await prober.run(probe, START) for _ in range(10)]

    assert [each.verdict.outcome for each in healthy] == [Outcome.OK] * 10


async def test_a_listing_is_asked_for_and_counted(prober: Prober, simulator: Simulator) -> None:
    result = await prober.run(probe_of(simulator, kind=Kind.MODELS), START)

    assert (result.verdict.outcome, result.verdict.rule) == (Outcome.OK, "listing-ok")
    assert result.measurement.ttft_seconds is None


async def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer(
    prober: Prober, simulator: Simulator
) -> None:
    probe = probe_of(simulator)
    probe = replace(probe, target=replace(probe.target, streams=False))

    result = await prober.run(probe, START)

    assert result.verdict.outcome is Outcome.OK
    assert result.measurement.output_tokens == 16
    assert result.measurement.output_tokens_per_second is None
