"""How long what is stored is kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many whole days of UTC are kept, today not counted.

    Attributes:
        raw_days: Of results, one row a run.
        hourly_days: Of hourly rollups.
        daily_days: Of daily rollups; None keeps them for ever.
    """

    raw_days: int = 30
    hourly_days: int = 400
    daily_days: int | None = None
