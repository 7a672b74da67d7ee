"""One run, measured and judged: the row that everything else is reckoned from."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s

from monitor.model.outcome import Verdict
from monitor.model.target import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was measured in a run; None is "not measurable", never 0.

    Attributes:
        dns_seconds: Name look-up of a new connection; None for a literal address.
        connect_seconds: TCP connection of a new connection.
        tls_seconds: TLS handshake of a new connection.
        reused: The connection had been used before.
        first_byte_seconds: First byte of the response minus request sent.
        headers_seconds: Last byte of the response's headers minus request sent.
        ttft_seconds: First generated token of any channel minus request sent.
        ttfat_seconds: First answer token minus request sent.
        duration_seconds: Last token minus request sent.
        output_tokens_per_second: Decode speed, (N - n1) / (t_last - t_first).
        e2e_tokens_per_second: N / duration.
        input_tokens: Tokens of the prompt, as the provider counts them.
        output_tokens: N, the tokens that were streamed.
        reasoning_tokens: Tokens of reasoning among all that were generated.
        cached_tokens: Tokens of the prompt that a prompt cache answered.
        reads: Reads from the socket that carried part of the body.
        received_bytes: Bytes of the body.
        cost_usd: Tokens times the target's prices.
    """

    dns_seconds: float | None = None
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    reused: bool | None = None
    first_byte_seconds: float | None = None
    headers_seconds: float | None = None
    ttft_seconds: float | None = None
    ttfat_seconds: float | None = None
    duration_seconds: float | None = None
    output_tokens_per_second: float | None = None
    e2e_tokens_per_second: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    reads: int | None = None
    received_bytes: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Outcome, times and counts of one run.

    Attributes:
        target: The target's key.
        kind: What the probe asked for.
        vantage: Where the daemon probes from.
        slot_at: The planned instant, jitter included.
        confirm: 0 for a scheduled run, 1 and up for the confirm runs after a failure.
        started_at: When the run began; None if it never did (`missed`).
        schedule_delay_seconds: Started minus slot; None for a confirm run, which has no own slot.
        verdict: What it was judged to be.
        measurement: What was measured.
        finish_reason: Why the model stopped, in the provider's word.
        request_id: The provider's id of the request, for its support desk.
        loop_lag_seconds: The worst stall of our event loop during the run.
        observation_delay_seconds: The longest that a read of the body had waited for us, by the
            kernel's stamps; None where they are missing.
        tainted: Our own delay spoiled the times: kept, not aggregated.
    """

    target: str
    kind: Kind
    vantage: str
    slot_at: datetime
    confirm: int = 0
    started_at: datetime | None = None
    schedule_delay_seconds: float | None = None
    verdict: Verdict
    measurement: Measurement = field(default_factory=Measurement)
    finish_reason: str | None = None
    request_id: str | None = None
    loop_lag_seconds: float | None = None
    observation_delay_seconds: float | None = None
    tainted: bool = False

    @property
    def id(self) -> str:
        """Twelve hex digits that follow from what makes the row unique."""
        parts = (self.target, self.kind, self.vantage, self.slot_at.isoformat(), str(self.confirm))
        return blake2s("\0".join(parts).encode(), digest_size=6).hexdigest()

    @property
    def counts_in_uptime(self) -> bool:
        """A scheduled run that says something about the provider."""
        return self.confirm == 0 and self.verdict.is_valid

    @property
    def at(self) -> datetime:
        """When it happened, as far as anything happened: the start, else the slot."""
        return self.started_at or self.slot_at
