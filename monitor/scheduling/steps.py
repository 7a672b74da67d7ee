"""Pure: notices when the wall clock was set, or the machine slept."""

from datetime import datetime

#: The clocks may part by so much between two looks before we call it a step (seconds).
STEP_SECONDS = 1.0
_NS = 1_000_000_000


class StepDetector:
    """Compares the wall clock with the steady one, look by look.

    The slow correction that NTP makes all the time is taken along and never adds up to a step.
    """

    def __init__(self) -> None:
        self._seen: tuple[datetime, int] | None = None

    def stepped(self, now: datetime, monotonic_ns: int) -> bool:
        """Say whether the wall clock moved against the steady one since the last look."""
        before, self._seen = self._seen, (now, monotonic_ns)
        if before is None:
            return False
        wall = (now - before[0]).total_seconds()
        steady = (monotonic_ns - before[1]) / _NS
        return abs(wall - steady) > STEP_SECONDS
