"""Draws the snapshot anew each second, in a thread of its own."""

import threading
from collections.abc import Callable

_EVERY_SECONDS = 1.0
_JOIN_SECONDS = 2.0


class Refresher:
    """Calls *refresh* each second until stopped."""

    def __init__(
        self, refresh: Callable[[], object], on_error: Callable[[BaseException], None]
    ) -> None:
        self._refresh, self._on_error = refresh, on_error
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="snapshot", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; the last picture stays."""
        self._stopped.set()
        self._thread.join(timeout=_JOIN_SECONDS)

    def _loop(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            try:
                self._refresh()
            except Exception as error:  # noqa: BLE001 - the last picture stays, with its age
                self._on_error(error)
