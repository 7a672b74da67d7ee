"""What happens inside, told to the metrics and the log."""

from collections.abc import Mapping, Sequence

import structlog

from monitor.config.errors import ConfigError
from monitor.export.metrics import Metrics
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.store.errors import StoreError
from monitor.store.trouble import trouble_of


class Observers:
    """Called by the parts that may not know metrics or the log."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._is_spooling = False
        self._routing_trouble: int | None = None
        self._spool_trouble: tuple[type[Exception], int | None] | None = None
        self._log = structlog.get_logger()

    def recorded(self, result: Result) -> None:
        """A result was recorded."""
        if result.schedule_delay_seconds is not None:
            self._metrics.schedule_delay.observe(max(result.schedule_delay_seconds, 0.0))
        if result.verdict.outcome is Outcome.MISSED:
            reason = result.verdict.rule.removeprefix("missed-")
            self._metrics.slots_missed.labels(reason).inc()

    def heard(self, delays_seconds: Sequence[float]) -> None:
        """The reads of a run had waited for us for so long."""
        for seconds in delays_seconds:
            self._metrics.observation_delay.observe(seconds)

    def lagged(self, seconds: float) -> None:
        """The probing loop stood still for so long at worst, within the last second."""
        self._metrics.loop_lag.observe(seconds)

    def written(self, _count: int, seconds: float) -> None:
        """A batch was written."""
        self._metrics.store_write.observe(seconds)

    def caught_up(self) -> None:
        """A batch was written, and nothing is left in the spool."""
        if self._is_spooling:
            self._log.info("spool_written")
        self._is_spooling = False

    def write_failed(self, error: Exception) -> None:
        """The store did not take a batch, or a list of targets; it is tried again."""
        self._store_failed("store_write_failed", error)

    def spooled(self, count: int) -> None:
        """Results were moved to the spool, because the store does not take them.

        Without any, it can be written again.
        """
        self._metrics.spool_writable.set(1)
        if self._spool_trouble:
            self._log.info("spool_writable")
        self._spool_trouble = None
        if count and not self._is_spooling:  # once an outage, not once a second
            self._log.warning("results_spooled", count=count)
            self._is_spooling = True

    def spool_failed(self, error: Exception) -> None:
        """The spool could not be written or read; what waits stays in memory."""
        self._metrics.spool_writable.set(0)
        trouble = type(error), getattr(error, "errno", None)
        if trouble != self._spool_trouble:  # it is tried again every few seconds
            self._log.error("spool_failed", error=type(error).__name__, detail=str(error))
        self._spool_trouble = trouble

    def replayed(self, count: int) -> None:
        """A start wrote what an earlier life had left in the spool."""
        self._log.info("spool_written", count=count)

    def left_behind(self, count: int, folder: str) -> None:
        """A start failed; what an earlier life left in the spool waits for the next one."""
        self._log.warning("results_wait_in_spool", count=count, folder=folder)

    def duplicated(self, count: int) -> None:
        """Results were there already: a replay, or a clock that was set back."""
        self._log.warning("results_already_stored", count=count)

    def pruned(self, gone: Mapping[str, int]) -> None:
        """What is older than it need be was deleted; so many rows, by table."""
        self._log.info("pruned", **gone)

    def prune_failed(self, error: Exception) -> None:
        """Old rows are still there; they are deleted later."""
        self._store_failed("prune_failed", error)

    def fold_failed(self, error: Exception) -> None:
        """Hours are not folded yet; until they are, they are reckoned whenever they are read."""
        self._store_failed("fold_failed", error)

    def read_failed(self, error: Exception) -> None:
        """The store did not answer the API; what it said last is shown, with its age."""
        self._read_failed("store_read_failed", error)

    def read_answered(self, seconds: float) -> None:
        """The store answered a question of the surfaces."""
        self._metrics.store_read.observe(seconds)

    def history_failed(self, error: Exception) -> None:
        """What the long windows are made of was not read; they go on with what was read last."""
        self._read_failed("history_failed", error)

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

    def tls_failed(self, error: Exception) -> None:
        """The files for TLS changed and cannot be used; those before go on."""
        self._log.error("tls_files_failed", error=type(error).__name__, detail=str(error))

    def routing_failed(self, error: OSError) -> None:
        """The file for Envoy could not be written; the last one stays, and it is tried again."""
        trouble = error.errno or 0
        if trouble != self._routing_trouble:  # once, not once a second
            self._metrics.errors.inc()
            self._log.error("routing_file_failed", detail=str(error))
        self._routing_trouble = trouble

    def routing_written(self) -> None:
        """The file for Envoy says what it should."""
        if self._routing_trouble is not None:
            self._log.info("routing_file_written")
        self._routing_trouble = None

    def config_taken(self, warnings: Sequence[str], waiting: Sequence[str]) -> None:
        """Another configuration is in force, but for what waits for the next start."""
        for warning in warnings:
            self._log.warning("config", detail=warning)
        for key in waiting:
            self._log.warning("config", detail=f"{key} takes effect at the next start")
        self._log.info("config_reloaded")

    def config_refused(self, error: ConfigError) -> None:
        """The configuration cannot be used; the one before holds."""
        self._log.error("config_refused", problems=str(error).splitlines())

    def config_not_taken(self, error: Exception) -> None:
        """The configuration is good, but could not be taken into force yet; it is tried again."""
        tell = self.write_failed if isinstance(error, StoreError) else self.failed
        tell(error)

    def failed(self, error: BaseException) -> None:
        """A fault of our own."""
        self._metrics.errors.inc()
        self._log.error("internal_error", exc_info=error)

    def _read_failed(self, event: str, error: Exception) -> None:
        reason = trouble_of(error)
        self._metrics.store_read_errors.labels(reason).inc()
        self._log.warning(event, reason=reason.value, error=type(error).__name__, detail=str(error))

    def _store_failed(self, event: str, error: Exception) -> None:
        reason = trouble_of(error)
        self._metrics.store_errors.labels(reason).inc()
        self._log.error(event, reason=reason.value, error=type(error).__name__, detail=str(error))
