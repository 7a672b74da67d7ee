"""The clients whose figures are compared: our prober, and httpx as one would write it."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import httpx

from monitor.model.clock import SystemClock
from monitor.model.result import Result
from monitor.model.target import Kind, Probe, RequestSettings, Secret
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import WireRequest
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from tests.benchmarks.server import Server
from tests.factories import make_probe
from tests.fakes import START

PROBER = "monitor"
FROM_STREAM = "httpx, from stream()"
FROM_SENT = "httpx, from request sent"
_TOKEN = b'"content":"'


@dataclass(frozen=True, slots=True)
class Timed:
    """A TTFT as one client measured it.

    Attributes:
        client: Whose figure it is.
        request_id: As the answer named it; None if no good answer came.
        ttft_seconds: The figure; None if there is none.
        tainted: The client itself does not trust it.
    """

    client: str
    request_id: str | None
    ttft_seconds: float | None
    tainted: bool = False


class Client(Protocol):
    """Makes runs, many at a time, inside its own context."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def run(self) -> list[Timed]:
        """Make one run; give each way to measure it."""
        ...


def bench_probe(base_url: str, kind: Kind = Kind.COMPLETION) -> Probe:
    """A probe of the truth server."""
    return make_probe(
        "bench/m",
        kind=kind,
        base_url=base_url,
        headers=(("authorization", Secret("Bearer bench-key")),),
        request=RequestSettings(max_output_tokens=64),
    )


def bench_request(base_url: str) -> WireRequest:
    """The request that the probe would send, for clients that are not ours."""
    probe = bench_probe(base_url)
    return DIALECTS[probe.target.dialect].build(probe, "Name the colours of the rainbow.")


@dataclass
class ByProber:
    """Our prober, with the sampler of the event loop's lag beside it as in the daemon.

    Attributes:
        results: Of all runs.
    """

    server: Server
    script: str
    tls: bool = False
    samples_lag: bool = True
    kind: Kind = Kind.COMPLETION
    results: list[Result] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = SystemClock()
        self._lag = LoopLag(clock)
        transport = HttpTransport(clock, ssl_context=self.server.trust())
        self._prober = Prober(transport, clock, vantage="bench", lag=self._lag)
        self._probe = bench_probe(self.server.base_url(self.script, tls=self.tls), self.kind)
        self._count = 0

    async def __aenter__(self) -> Self:
        self._sampling = asyncio.ensure_future(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sampling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._sampling

    async def run(self) -> list[Timed]:
        """Make one run."""
        self._count += 1
        result = await self._prober.run(self._probe, START, confirm=self._count)
        self.results.append(result)
        ttft = result.measurement.ttft_seconds if result.verdict.is_good else None
        return [Timed(PROBER, result.request_id, ttft, result.tainted)]

    async def _sample(self) -> None:
        if self.samples_lag:
            await self._lag.watch()


@dataclass
class ByHttpx:
    """The common way: a client of httpx for each run, timed around what it gives out."""

    server: Server
    script: str
    tls: bool = False

    def __post_init__(self) -> None:
        self._context = self.server.trust()
        self._request = bench_request(self.server.base_url(self.script, tls=self.tls))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def run(self) -> list[Timed]:
        """Make one run; its TTFT is told from `stream()` on, and from the request's end on."""
        try:
            request_id, begun, sent, first = await self._stream()
        except httpx.HTTPError:
            return [Timed(FROM_STREAM, None, None), Timed(FROM_SENT, None, None)]
        return [
            Timed(FROM_STREAM, request_id, (first - begun) / 1e9),
            Timed(FROM_SENT, request_id, (first - sent) / 1e9),
        ]

    async def _stream(self) -> tuple[str, int, int, int]:
        sent = first = 0

        async def trace(event: str, _info: object) -> None:
            nonlocal sent
            if event == "http11.send_request_body.complete":
                sent = time.perf_counter_ns()

        asked: dict[str, Any] = {
            "headers": {name: value.reveal() for name, value in self._request.headers},
            "content": self._request.body,
            "extensions": {"trace": trace},
        }
        async with httpx.AsyncClient(verify=self._context, trust_env=False, timeout=60) as client:
            begun = time.perf_counter_ns()
            async with client.stream("POST", self._request.url, **asked) as response:
                async for data in response.aiter_raw():
                    if not first and _TOKEN in data:
                        first = time.perf_counter_ns()
                return response.headers["x-request-id"], begun, sent, first
