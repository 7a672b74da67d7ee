"""The configuration's own series, and what `/readyz` tells of it."""

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.export.series import PREFIX
from monitor.model.configuration import Configuration


class ConfigurationCollector(Collector):
    """Gauges of how the last reading went.

    Args:
        status: Says it, at each scrape.
    """

    def __init__(self, status: Callable[[], Configuration]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Give both families."""
        status = self._status()
        yield GaugeMetricFamily(
            PREFIX + "config_last_reload_successful",
            "1 if the configuration that was read last is in force, 0 if it was refused and the "
            "one before holds.",
            value=status.is_in_force,
        )
        yield GaugeMetricFamily(
            PREFIX + "config_last_reload_success_timestamp_seconds",
            "When the configuration that is in force was read, in seconds since the epoch.",
            value=status.read_at.timestamp(),
        )


def configuration_shape(status: Configuration) -> dict[str, Any]:
    """Show how the last reading went."""
    return {
        "last_reload_successful": status.is_in_force,
        "last_reload_success_at": status.read_at.isoformat(),
        "problems": list(status.problems),
        "at_next_start": list(status.waiting),
    }
