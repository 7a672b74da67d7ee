"""One run over real HTTP for each dialect that is not OpenAI's, Anthropic's or Google's."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome, Phase
from monitor.model.result import Result
from monitor.model.target import Kind, Probe, Secret, Signing
from monitor.probes.exchange import WireRequest
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.simulator import FaultKind, Script, Simulator
from tests.factories import make_probe
from tests.fakes import START
from tests.integration.simulated import QUICK, fleet, probe_of
from tests.integration.test_prober import FAULTS
from tests.unit.probes.test_signing import expected_signature

#: By our name of a dialect: the simulator's.
DIALECTS = {"cohere_chat": "cohere", "ollama_chat": "ollama", "bedrock_converse": "bedrock"}
#: Statuses of APIs that have no 529, or that word a fault under another one.
OWN_STATUSES = {
    ("cohere_chat", FaultKind.OVERLOADED_529): 503,
    ("ollama_chat", FaultKind.OVERLOADED_529): 503,
    ("bedrock_converse", FaultKind.OVERLOADED_529): 503,
    ("bedrock_converse", FaultKind.UNAUTHORIZED): 403,
    ("bedrock_converse", FaultKind.QUOTA): 400,
}


@dataclass(frozen=True)
class Bench:
    """A prober, and a simulated target of one dialect."""

    dialect: str
    prober: Prober
    simulator: Simulator

    def probe(self, kind: Kind = Kind.COMPLETION) -> Probe:
        probe = probe_of(self.simulator, kind=kind)
        return replace(probe, target=replace(probe.target, dialect=self.dialect))

    async def run(self, probe: Probe | None = None) -> Result:
        return await self.prober.run(probe or self.probe(), START, ever_worked=True)


def served(script: Script, dialect: str) -> Simulator:
    return Simulator(replace(target, dialect=DIALECTS[dialect]) for target in fleet(script))


@pytest.fixture(params=DIALECTS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    clock = SystemClock()
    prober = Prober(HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock))
    async with served(QUICK, request.param) as simulator:
        yield Bench(request.param, prober, simulator)


async def test_a_good_answer_is_timed_and_counted(bench: Bench) -> None:
    result = await bench.run()

    await bench.simulator.idle()
    (truth,) = bench.simulator.truths()
    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.output_tokens == truth.output_tokens == 16
    assert (result.measurement.input_tokens or 0) > 0
    assert result.finish_reason in {"MAX_TOKENS", "length", "max_tokens"}
    assert truth.prompt.startswith("[")


@pytest.mark.parametrize(
    ("fault", "outcome", "phase", "status"), FAULTS, ids=[each[0] for each in FAULTS]
)
async def test_each_fault_is_seen_for_what_it_is(
    bench: Bench, fault: FaultKind, outcome: Outcome, phase: Phase | None, status: int | None
) -> None:
    probe = bench.probe()
    bench.simulator.inject("sim", None, fault)

    result = await bench.run(probe)

    assert result.verdict.outcome is outcome, result.verdict
    assert result.verdict.http_status == OWN_STATUSES.get((bench.dialect, fault), status)
    if phase:
        assert result.verdict.phase is phase


async def test_a_listing_is_asked_for_and_counted(bench: Bench) -> None:
    result = await bench.run(bench.probe(Kind.MODELS))

    assert (result.verdict.outcome, result.verdict.rule) == (Outcome.OK, "listing-ok")


async def test_a_target_that_does_not_stream_is_asked_for_a_whole_answer(bench: Bench) -> None:
    probe = bench.probe()

    result = await bench.run(replace(probe, target=replace(probe.target, streams=False)))

    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert result.measurement.output_tokens == 16


async def test_reasoning_is_streamed_before_the_answer(bench: Bench) -> None:
    script = Script(first_token_seconds=0.02, gap_seconds=0.01, reasoning_tokens=6, tokens=6)
    async with served(script, bench.dialect) as simulator:
        result = await replace(bench, simulator=simulator).run()

    measured = result.measurement
    assert result.verdict.outcome is Outcome.OK, result.verdict
    assert measured.ttft_seconds is not None
    assert measured.ttfat_seconds is not None
    assert measured.ttfat_seconds > measured.ttft_seconds


async def test_what_arrives_is_what_was_signed() -> None:
    requests: list[tuple[bytes, bytes]] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        requests.append((head, await reader.readexactly(int(length[1]) if length else 0)))
        writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    signing = Signing(access_key_id="AKID", secret_access_key=Secret("key"), region="eu-west-3")
    probe = make_probe("aws/eu.a.b-v1:0", base_url=url)
    target = replace(
        probe.target, dialect="bedrock_converse", signing=signing, query=(("a b", "é"),)
    )
    clock = SystemClock()
    prober = Prober(HttpTransport(clock), clock, vantage="here", lag=LoopLag(clock))

    async with server:
        result = await prober.run(replace(probe, target=target, kind=Kind.MODELS), START)
        await prober.run(replace(probe, target=target), START)

    assert result.verdict.outcome is Outcome.FORBIDDEN
    assert len(requests) == 2
    for request in (arrived(*each, url) for each in requests):
        authorization = dict(request.headers)["authorization"].reveal()
        scope = authorization.partition("AKID/")[2].partition(",")[0]
        signature = expected_signature(request, "key", scope)
        assert authorization.endswith(f"Signature={signature}")
    assert b"/model/eu.a.b-v1%3A0/converse-stream?" in requests[1][0]


def arrived(head: bytes, body: bytes, url: str) -> WireRequest:
    """The request as it arrived, with the headers that were signed."""
    line, *lines = head.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
    signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    method, path, _ = line.split(" ")
    return WireRequest(
        method=method,
        url=f"{url}{path}",
        headers=tuple((name, Secret(headers[name])) for name in (*signed, "authorization")),
        body=body,
    )
