"""The way of a triple to the store: writer, spool and spooler, started and stopped as one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from monitor.app.observers import Observers
from monitor.config.settings import Settings
from monitor.model.triple import Triple
from monitor.recorder.backlog import Backlog
from monitor.recorder.spool import Spool
from monitor.recorder.spooler import Spooler
from monitor.recorder.writer import Writer
from monitor.store.location import parse_url

_DEFAULT_FOLDER = "monitor-spool"
#: At a stop, a disk that hangs is waited for no longer.
_SPOOL_SECONDS = 2.0


class Outlet:
    """Takes triples at once, and sees to it that each is in the store in the end, once.

    Args:
        write: Writes a batch whole or not at all; writing it twice must be harmless.
        spool: What an outage leaves behind; opened.
        observers: Told of what happens.
    """

    def __init__(
        self, write: Callable[[Sequence[Triple]], None], spool: Spool, observers: Observers
    ) -> None:
        self._spool, self._observers = spool, observers
        self._backlog = Backlog(spool)
        self._spooler = Spooler(
            self._backlog, on_spooled=observers.spooled, on_error=observers.spool_failed
        )
        self._writer = Writer(
            write,
            backlog=self._backlog,
            on_written=self._on_written,
            on_error=observers.write_failed,
            on_dropped=observers.dropped,
        )

    def start(self) -> None:
        """Begin to write; what was put before is written then."""
        self._writer.start()
        self._spooler.start()

    def keep_with(self, on_kept: Callable[[Sequence[Triple]], None]) -> None:
        """Have somebody told of what a kill cannot take back any more, on the thread that kept it.

        It comes to know of each triple that was put once, unless that is lost.
        """
        self._backlog.on_kept = on_kept

    def put(self, triple: Triple) -> None:
        """Queue a triple; never waits for the store."""
        self._writer.put(triple)

    def stop(self, timeout_seconds: float) -> bool:
        """Write what waits, and spool what the store does not take.

        Args:
            timeout_seconds: How long the writing may take.

        Returns:
            Whether everything was written.
        """
        is_written = self._writer.stop(timeout_seconds)
        if self._spooler.stop(_SPOOL_SECONDS):
            self._spool.close()  # else a write may hang in it, and the file is not ours to close
        return is_written

    def _on_written(self, count: int, seconds: float) -> None:
        self._observers.written(count, seconds)
        if not self._backlog.spooled:
            self._observers.caught_up()

    @property
    def pending(self) -> int:
        """Triples in memory only: what a kill would cost."""
        return self._writer.pending

    @property
    def spooled(self) -> int:
        """Triples in the spool."""
        return self._backlog.spooled

    @property
    def dropped(self) -> int:
        """Triples lost since the start."""
        return self._writer.dropped


def open_spool(settings: Settings, observers: Observers) -> Spool:
    """Take up the spool of *settings*; where that fails, it is told, and the monitor goes on.

    Raises:
        StoreError: The URL of the database cannot be used.
    """
    spool = Spool(
        spool_folder(settings), max_bytes=settings.spool.max_bytes, on_lost=observers.dropped
    )
    try:
        spool.open()
    except OSError as error:
        observers.spool_failed(error)
    return spool


def spool_folder(settings: Settings) -> Path:
    """Name the folder of this vantage's spool: two vantages may share a database.

    Raises:
        StoreError: The URL of the database cannot be used.
    """
    url = parse_url(settings.database)
    folder = settings.spool.path or (
        f"{url.database}-spool" if url.drivername == "sqlite" else _DEFAULT_FOLDER
    )
    return Path(folder) / f"vantage-{quote(settings.vantage, safe='')}"
