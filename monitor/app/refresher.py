"""Draws the snapshot anew each second, and at once when a state changed, in a thread of its own."""

import threading
from collections.abc import Callable

from monitor.model.turns import turn

_EVERY_SECONDS = 1.0
#: However many states change at once, the next picture is no sooner.
_LEAST_SECONDS = 0.1
_JOIN_SECONDS = 2.0


class Refresher:
    """Calls *refresh* each second, and soon after `wake`, until stopped."""

    def __init__(
        self, refresh: Callable[[], object], on_error: Callable[[BaseException], None]
    ) -> None:
        self._refresh, self._on_error = refresh, on_error
        self._woken, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="snapshot", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Have the next picture drawn soon; from any thread."""
        self._woken.set()

    def stop(self) -> None:
        """End; the last picture stays."""
        self._stopped.set()
        self._woken.set()
        self._thread.join(timeout=_JOIN_SECONDS)

    def _loop(self) -> None:
        while not self._stopped.wait(_LEAST_SECONDS):
            self._woken.wait(_EVERY_SECONDS - _LEAST_SECONDS)
            if self._stopped.is_set():
                return
            self._woken.clear()
            try:
                with turn():
                    self._refresh()
            except Exception as error:  # noqa: BLE001 - the last picture stays, with its age
                self._on_error(error)
