"""★ Start here: one run of a probe, top to bottom.

Build the request, send it, read the answer while it comes, judge it, measure it: a Result.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from monitor.model.clock import Clock
from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.result import Result
from monitor.model.target import Kind, Probe, Secret, Target
from monitor.probes.classify import classify
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Cut, Exchange, WireRequest
from monitor.probes.lag import LoopLag, is_tainted
from monitor.probes.measure import measure
from monitor.probes.own_network import OwnNetwork
from monitor.probes.prompt import letters, prompt
from monitor.probes.reading import Reading
from monitor.probes.receiver import Receiver, owned, settled
from monitor.probes.scrub import mask
from monitor.probes.signing import signed
from monitor.probes.transport import HttpTransport
from monitor.probes.watch import Watch

_NS = 1_000_000_000
_NONCE_BYTES = 6
_MAX_WORDS = 128
#: Where the providers put the id that their support desk asks for.
_REQUEST_ID_HEADERS = (
    "x-request-id",
    "request-id",
    "x-generation-id",
    "apim-request-id",
    "x-amzn-requestid",
    "cf-ray",
)


class Prober:
    """Runs probes from one vantage.

    Args:
        transport: Sends requests.
        clock: Tells the instants.
        vantage: The place's name.
        lag: Knows how long our event loop stood still.
        secrets: Masked in what is kept of an answer.
        network: Knows whether our own network works; None if nobody does.
        on_reads: Told how long each read of a run had waited for us (seconds), as far as the
            kernel's stamps tell.
    """

    def __init__(
        self,
        transport: HttpTransport,
        clock: Clock,
        *,
        vantage: str,
        lag: LoopLag,
        secrets: tuple[Secret, ...] = (),
        network: OwnNetwork | None = None,
        on_reads: Callable[[Sequence[float]], None] = lambda _: None,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._vantage = vantage
        self._lag = lag
        self._secrets, self._network = secrets, network
        self._on_reads = on_reads
        self._watches: dict[tuple[str, int], Watch] = {}

    async def run(
        self,
        probe: Probe,
        slot_at: datetime,
        *,
        confirm: int = 0,
        ever_worked: bool | None = None,
        on_exchange: Callable[[Exchange, Reading | None], None] | None = None,
    ) -> Result:
        """Run *probe* once.

        Args:
            probe: What to run.
            slot_at: The planned instant.
            confirm: 0 for a scheduled run, else the number of the confirm run.
            ever_worked: Whether the target ever answered well; None if that is not known.
            on_exchange: Shown what was seen, before it is judged (for `monitor probe`).

        Returns:
            The result, whatever happened: a failed run is a value.
        """
        started_at = self._clock.now()
        receiver = Receiver(DIALECTS[probe.target.dialect], is_listing=probe.kind is Kind.MODELS)
        exchange = await self._exchange(probe, confirm, receiver)
        self._on_reads([delay_ns / _NS for delay_ns in exchange.delays_ns])
        reading = receiver.reading(exchange)
        lag = self._lag.worst_since(exchange.instants.started_ns)
        exchange = owned(settled(exchange, reading), probe.deadlines, lag)
        if on_exchange:
            on_exchange(exchange, reading)
        verdict = await self._judge(probe.target, exchange, reading, ever_worked)
        measurement = measure(exchange, reading, probe.target.prices)
        delay_ns = exchange.delay_ns
        is_exact = delay_ns is not None and reading is not None and reading.first_token_events == 1
        return Result(
            target=probe.target.key,
            kind=probe.kind,
            vantage=self._vantage,
            slot_at=slot_at,
            confirm=confirm,
            started_at=started_at,
            schedule_delay_seconds=None if confirm else (started_at - slot_at).total_seconds(),
            verdict=verdict,
            measurement=measurement,
            finish_reason=self._told(reading.finish_reason if reading else None),
            request_id=self._told(_request_id(exchange)),
            loop_lag_seconds=lag,
            observation_delay_seconds=None if delay_ns is None else delay_ns / _NS,
            tainted=is_tainted(lag, measurement.ttft_seconds, is_exact=is_exact),
        )

    async def _judge(
        self,
        target: Target,
        exchange: Exchange,
        reading: Reading | None,
        ever_worked: bool | None,  # noqa: FBT001 - handed on
    ) -> Verdict:
        verdict = classify(
            exchange,
            reading,
            provider=target.provider,
            served_by=target.served_by,
            ever_worked=ever_worked,
            secrets=self._secrets,
        )
        if self._network is None:
            return verdict
        return await self._network.reviewed(target, exchange, verdict)

    async def _exchange(self, probe: Probe, confirm: int, receiver: Receiver) -> Exchange:
        request = _request(probe)
        if probe.target.signing:
            request = signed(request, probe.target.signing, now=self._clock.now())
        watch = Watch(probe.deadlines)
        self._watches[probe.key, confirm] = watch
        try:
            keep = probe.connection_name if probe.keeps_connection and not confirm else None
            return await self._transport.exchange(request, receiver, watch, keep=keep)
        finally:
            del self._watches[probe.key, confirm]

    def not_run(self, probe: Probe, slot_at: datetime, reason: str) -> Result:
        """Give the result of a slot that could not be run, and why (`missed`)."""
        verdict = Verdict(
            outcome=Outcome.MISSED,
            fault=Fault.PROBER,
            rule=f"missed-{reason}",
            phase=Phase.SCHEDULE,
        )
        return self._without_exchange(probe, slot_at, verdict)

    def spoiled(self, probe: Probe, slot_at: datetime, confirm: int, error: Exception) -> Result:
        """Give the result of a run that our own fault ended (`inconclusive`)."""
        verdict = Verdict(
            outcome=Outcome.INCONCLUSIVE,
            fault=Fault.PROBER,
            rule="prober-error",
            message=type(error).__name__,
        )
        return self._without_exchange(probe, slot_at, verdict, confirm)

    def abort(self, probe: Probe, confirm: int, cut: Cut) -> None:
        """End a run in flight early; its result is `inconclusive`."""
        watch = self._watches.get((probe.key, confirm))
        if watch:
            watch.abort(cut)

    def abort_all(self, cut: Cut) -> None:
        """End every run in flight early."""
        for watch in self._watches.values():
            watch.abort(cut)

    def hide(self, secrets: Iterable[Secret]) -> None:
        """Mask these from now on, too: a run in flight may still be answered with an old one."""
        self._secrets = tuple(dict.fromkeys((*self._secrets, *secrets)))

    @property
    def in_flight(self) -> int:
        """How many runs are under way."""
        return len(self._watches)

    def _told(self, words: str | None) -> str | None:
        """What a server sent goes into a row only short, and without our keys."""
        return mask(words, self._secrets)[:_MAX_WORDS] if words else None

    def _without_exchange(
        self, probe: Probe, slot_at: datetime, verdict: Verdict, confirm: int = 0
    ) -> Result:
        return Result(
            target=probe.target.key,
            kind=probe.kind,
            vantage=self._vantage,
            slot_at=slot_at,
            confirm=confirm,
            verdict=verdict,
        )


def _request(probe: Probe) -> WireRequest:
    dialect = DIALECTS[probe.target.dialect]
    if probe.kind is Kind.MODELS:
        return dialect.build_listing(probe)
    return dialect.build(probe, prompt(probe.kind, letters(os.urandom(_NONCE_BYTES))))


def _request_id(exchange: Exchange) -> str | None:
    found = (exchange.headers.get(name) for name in _REQUEST_ID_HEADERS)
    return next((value for value in found if value), None)
