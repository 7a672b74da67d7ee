"""A rolling span of results, summarised."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStats:
    """What a window of scheduled completion runs adds up to.

    Attributes:
        good: Runs in which the provider did what was asked.
        valid: Runs that count in uptime.
        excluded: Runs that do not, because they were not the provider's doing.
        expected: Slots that the schedule planned in the window.
        uptime_ratio: good / valid; None without a valid run.
        uptime_lower_ratio: Lower Wilson 95 % bound of the uptime.
        uptime_upper_ratio: Upper Wilson 95 % bound.
        openrouter_uptime_ratio: The uptime under OpenRouter's documented rule.
        coverage_ratio: Scheduled runs executed over slots expected; None if none was expected.
        ttft_median_seconds: None below 5 samples.
        ttft_p95_seconds: None below 20 samples.
        duration_median_seconds: None below 5 samples.
        ttft_samples: How many runs the TTFT figures come from.
        availability_ratio: Time available over the time in which that was known; None without any.
        output_tokens_per_second_median: Of throughput runs; None below 5 samples.
    """

    good: int = 0
    valid: int = 0
    excluded: int = 0
    expected: int = 0
    uptime_ratio: float | None = None
    uptime_lower_ratio: float | None = None
    uptime_upper_ratio: float | None = None
    openrouter_uptime_ratio: float | None = None
    coverage_ratio: float | None = None
    ttft_median_seconds: float | None = None
    ttft_p95_seconds: float | None = None
    duration_median_seconds: float | None = None
    ttft_samples: int = 0
    availability_ratio: float | None = None
    output_tokens_per_second_median: float | None = None


#: The windows that are answered exactly, from memory: by name, in seconds.
EXACT_WINDOWS: dict[str, float] = {"5m": 300.0, "30m": 1800.0, "1h": 3600.0, "24h": 86_400.0}
#: Those that begin on a whole hour (UTC) and are answered from rollups, and from memory.
LONG_WINDOWS: dict[str, float] = {"7d": 604_800.0, "30d": 2_592_000.0, "90d": 7_776_000.0}
#: All windows that are published.
WINDOWS: dict[str, float] = EXACT_WINDOWS | LONG_WINDOWS
