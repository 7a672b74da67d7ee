"""A time in which a target was down."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One outage of one target, as one vantage saw it.

    Attributes:
        id: Grows with each one that is stored.
        target: The target's key.
        vantage: Where it was seen from.
        begin_at: The first failing run of the streak that took the target down.
        known_at: When it was believed.
        end_at: When the target left `down`; None while it has not.
        is_open: It is down still.
        retired_at: When it was no longer probed, if it was down still: such an incident has no end
            and is not open. None otherwise.
        reason: The outcome that decided.
        rule: The rule that decided; None since that result was pruned, as all that follows.
        http_status: Of the deciding run.
        provider_code: In the provider's own words.
        message: A scrubbed excerpt of the provider's words.
        result_id: The id of the result that decided.
    """

    id: int
    target: str
    vantage: str
    begin_at: datetime
    known_at: datetime
    end_at: datetime | None
    is_open: bool
    retired_at: datetime | None = None
    reason: str
    rule: str | None
    http_status: int | None
    provider_code: str | None
    message: str | None
    result_id: str
