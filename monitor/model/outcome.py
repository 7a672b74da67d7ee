"""How a run can end, whose doing that was, and what it means for uptime."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Whose doing an outcome was."""

    NONE = "none"
    PROVIDER = "provider"
    ACCOUNT = "account"
    REQUEST = "request"
    PROBER = "prober"


class Outcome(StrEnum):
    """The closed list of what a run can end in."""

    OK = "ok"
    STARVED = "starved"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    GATEWAY_ERROR = "gateway_error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    MALFORMED = "malformed"
    MODEL_UNAVAILABLE = "model_unavailable"
    NOT_READY = "not_ready"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    INVALID_REQUEST = "invalid_request"
    FILTERED = "filtered"
    MISROUTED = "misrouted"
    INCONCLUSIVE = "inconclusive"
    MISSED = "missed"
    UNCLASSIFIED = "unclassified"


class Phase(StrEnum):
    """The part of a run in which it was decided."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    FIRST_TOKEN = "first_token"
    STALL = "stall"
    TOTAL = "total"
    RESPONSE = "response"
    STREAM = "stream"
    SCHEDULE = "schedule"


#: The fault of each outcome. Two depend on more than the outcome, see `fault_of`.
_FAULTS: dict[Outcome, Fault] = {
    Outcome.OK: Fault.NONE,
    Outcome.STARVED: Fault.NONE,
    Outcome.OVERLOADED: Fault.PROVIDER,
    Outcome.SERVER_ERROR: Fault.PROVIDER,
    Outcome.GATEWAY_ERROR: Fault.PROVIDER,
    Outcome.TIMEOUT: Fault.PROVIDER,
    Outcome.UNREACHABLE: Fault.PROVIDER,
    Outcome.TRUNCATED: Fault.PROVIDER,
    Outcome.EMPTY: Fault.PROVIDER,
    Outcome.MALFORMED: Fault.PROVIDER,
    Outcome.MODEL_UNAVAILABLE: Fault.PROVIDER,
    Outcome.NOT_READY: Fault.PROVIDER,
    Outcome.RATE_LIMITED: Fault.ACCOUNT,
    Outcome.QUOTA_EXHAUSTED: Fault.ACCOUNT,
    Outcome.UNAUTHORIZED: Fault.ACCOUNT,
    Outcome.FORBIDDEN: Fault.ACCOUNT,
    Outcome.INVALID_REQUEST: Fault.REQUEST,
    Outcome.FILTERED: Fault.REQUEST,
    Outcome.MISROUTED: Fault.REQUEST,
    Outcome.INCONCLUSIVE: Fault.PROBER,
    Outcome.MISSED: Fault.PROBER,
    Outcome.UNCLASSIFIED: Fault.REQUEST,
}

_FIRST_SERVER_STATUS = 500


def fault_of(
    outcome: Outcome, *, http_status: int | None = None, ever_worked: bool | None = None
) -> Fault:
    """Say whose doing *outcome* was.

    Args:
        outcome: What the run ended in.
        http_status: Decides `unclassified`: the provider's from 500 on, else our request's.
        ever_worked: Decides `model_unavailable`: ours (account) for a target that is known
            never to have worked; None where its history is not known.

    >>> fault_of(Outcome.UNCLASSIFIED, http_status=530)
    <Fault.PROVIDER: 'provider'>
    >>> fault_of(Outcome.MODEL_UNAVAILABLE, ever_worked=False)
    <Fault.ACCOUNT: 'account'>
    """
    if outcome is Outcome.UNCLASSIFIED and http_status and http_status >= _FIRST_SERVER_STATUS:
        return Fault.PROVIDER
    if outcome is Outcome.MODEL_UNAVAILABLE and ever_worked is False:
        return Fault.ACCOUNT
    return _FAULTS[outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an exchange was judged to be, and on what evidence.

    Attributes:
        outcome: What the run ended in.
        fault: Whose doing that was.
        rule: The id of the rule that decided.
        phase: The part of the run that decided, where it was not a full success.
        http_status: The status line's number; None if no answer came.
        provider_code: The provider's own machine-readable code or type.
        message: A scrubbed excerpt of the provider's words.
        retry_after_seconds: The pause that the provider asked for.
        openrouter_good: The verdict under OpenRouter's documented uptime rule;
            None if that rule leaves the run out.
    """

    outcome: Outcome
    fault: Fault
    rule: str
    phase: Phase | None = None
    http_status: int | None = None
    provider_code: str | None = None
    message: str | None = None
    retry_after_seconds: float | None = None
    openrouter_good: bool | None = None

    @property
    def is_good(self) -> bool:
        """The provider did what was asked."""
        return self.fault is Fault.NONE

    @property
    def is_valid(self) -> bool:
        """The run says something about the provider, so it counts in uptime."""
        return self.fault in (Fault.NONE, Fault.PROVIDER)
