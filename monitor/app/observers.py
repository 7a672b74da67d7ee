"""What happens inside, told to the metrics and the log."""

from collections.abc import Mapping

import structlog

from monitor.export.metrics import Metrics
from monitor.model.result import Result
from monitor.store.trouble import trouble_of


class Observers:
    """Called by the parts that may not know metrics or the log."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._is_spooling = False
        self._log = structlog.get_logger()

    def recorded(self, result: Result) -> None:
        """A result was recorded."""
        if result.schedule_delay_seconds is not None:
            self._metrics.schedule_delay.observe(max(result.schedule_delay_seconds, 0.0))
        if result.observation_delay_seconds is not None:
            self._metrics.observation_delay.observe(result.observation_delay_seconds)

    def lagged(self, seconds: float) -> None:
        """The probing loop stood still for so long at worst, within the last second."""
        self._metrics.loop_lag.observe(seconds)

    def written(self, _count: int, seconds: float) -> None:
        """A batch was written."""
        self._is_spooling = False
        self._metrics.store_write.observe(seconds)

    def write_failed(self, error: Exception) -> None:
        """The store did not take a batch, or a list of targets; it is tried again."""
        reason = trouble_of(error)
        self._metrics.store_errors.labels(reason).inc()
        self._log.error(
            "store_write_failed",
            reason=reason.value,
            error=type(error).__name__,
            detail=str(error),
        )

    def spooled(self, count: int) -> None:
        """Results were moved to the spool, because the store does not take them."""
        self._metrics.spool_writable.set(1)
        if not self._is_spooling:  # once an outage, not once a second
            self._log.warning("results_spooled", count=count)
        self._is_spooling = True

    def spool_failed(self, error: Exception) -> None:
        """The spool could not be written; what waits stays in memory."""
        self._metrics.spool_writable.set(0)
        self._log.error("spool_failed", error=type(error).__name__, detail=str(error))

    def duplicated(self, count: int) -> None:
        """Results were there already: a replay, or a clock that was set back."""
        self._log.warning("results_already_stored", count=count)

    def pruned(self, gone: Mapping[str, int]) -> None:
        """What is older than it need be was deleted; so many rows, by table."""
        self._log.info("pruned", **gone)

    def prune_failed(self, error: Exception) -> None:
        """Old rows are still there; they are deleted later."""
        reason = trouble_of(error)
        self._metrics.store_errors.labels(reason).inc()
        self._log.error(
            "prune_failed", reason=reason.value, error=type(error).__name__, detail=str(error)
        )

    def dropped(self, count: int, why: str) -> None:
        """Results were lost, because too many waited or they can never be stored or read."""
        self._log.error("results_dropped", count=count, why=why)

    def network_changed(self, trouble: str | None) -> None:
        """Our own network was found broken, or works again (None)."""
        self._metrics.network_up.set(trouble is None)
        if trouble is None:
            self._log.info("network_up")
        else:
            self._log.error("network_down", detail=trouble)

    def failed(self, error: BaseException) -> None:
        """A fault of our own."""
        self._metrics.errors.inc()
        self._log.error("internal_error", exc_info=error)
