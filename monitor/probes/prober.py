"""★ Start here: one run of a probe, top to bottom.

Build the request, send it, read the answer while it comes, judge it, measure it: a Result.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from monitor.probes.classify import classify

from monitor.model.clock import Clock
from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.result import Result
from monitor.model.target import Probe, Secret
from monitor.probes.dialects import DIALECTS
from monitor.probes.dialects.base import Dialect
from monitor.probes.exchange import Cut, Exchange, Read
from monitor.probes.lag import LoopLag, is_tainted
from monitor.probes.measure import measure
from monitor.probes.prompt import letters, prompt
from monitor.probes.reader import StreamReader
from monitor.probes.reading import Reading
from monitor.probes.transport import HttpTransport
from monitor.probes.watch import Watch

_NONCE_BYTES = 6
#: Where the providers put the id that their support desk asks for.
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-generation-id", "apim-request-id", "cf-ray")


class Prober:
    """Runs probes from one vantage."""

    def __init__(
        self,
        transport: HttpTransport,
        clock: Clock,
        *,
        vantage: str,
        lag: LoopLag,
        secrets: tuple[Secret, ...] = (),
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._vantage = vantage
        self._lag = lag
        self._secrets = secrets
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
        receiver = Receiver(DIALECTS[probe.target.dialect])
        exchange = await self._exchange(probe, confirm, receiver)
        reading = receiver.reading(exchange)
        exchange = _settled(exchange, reading)
        if on_exchange:
            on_exchange(exchange, reading)
        verdict = classify(
            exchange,
            reading,
            provider=probe.target.provider,
            ever_worked=ever_worked,
            secrets=self._secrets,
        )
        measurement = measure(exchange, reading, probe.target.prices)
        lag = self._lag.worst_since(exchange.instants.started_ns)
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
            finish_reason=reading.finish_reason if reading else None,
            request_id=_request_id(exchange),
            loop_lag_seconds=lag,
            tainted=is_tainted(lag, measurement.ttft_seconds),
        )

    async def _exchange(self, probe: Probe, confirm: int, receiver: "Receiver") -> Exchange:
        nonce = letters(os.urandom(_NONCE_BYTES))
        request = receiver.dialect.build(probe, prompt(probe.kind, nonce))
        watch = Watch(probe.deadlines)
        self._watches[probe.key, confirm] = watch
        try:
            return await self._transport.exchange(request, receiver, watch)
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

    @property
    def in_flight(self) -> int:
        """How many runs are under way."""
        return len(self._watches)

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


class Receiver:
    """Reads an answer while it comes in: a stream by its dialect, anything else as a body."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._reader = StreamReader(dialect)
        self._is_success = False
        self._is_stream = False

    def begin(self, status: int, headers: dict[str, str]) -> bool:
        """Take status and headers; say whether the body is a stream."""
        content_type = headers.get("content-type", "").lower()
        self._is_success = 200 <= status < 300  # noqa: PLR2004
        self._is_stream = self._is_success and not content_type.startswith(_WHOLE_TYPES)
        return self._is_stream

    def feed(self, read: Read) -> bool:
        """Take one read; say whether the first token is past and the answer came forward."""
        return self._is_stream and self._reader.feed(read) and self._reader.has_tokens

    @property
    def is_done(self) -> bool:
        """Nothing can follow."""
        return self._reader.is_done

    def reading(self, exchange: Exchange) -> Reading | None:
        """Give what the dialect made of it all; None if there was no answer to read."""
        if not self._is_success:
            return None
        if self._is_stream or not exchange.reads:
            return self._reader.finish(exchange.instants.end_ns)
        return self._reader.take_whole(exchange.reads[-1], exchange.body)


_WHOLE_TYPES = ("application/json", "text/html")


def _settled(exchange: Exchange, reading: Reading | None) -> Exchange:
    """A complete answer is complete, however its connection ended afterwards."""
    if exchange.interruption and exchange.interruption.cut in _AFTER_THE_END and reading:
        is_whole = reading.is_terminal and not reading.errors
        return replace(exchange, interruption=None) if is_whole else exchange
    return exchange


_AFTER_THE_END = (Cut.DEADLINE, Cut.RESET)


def _request_id(exchange: Exchange) -> str | None:
    found = (exchange.headers.get(name) for name in _REQUEST_ID_HEADERS)
    return next((value[:128] for value in found if value), None)
