"""Where name look-ups run: each in a thread of its own, which nobody waits for at the end.

The event loop's own executor has few threads, and a look-up cannot be cancelled: a handful of
names that hang would keep all others waiting past their deadlines, and hold up the exit.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class LookupExecutor(ThreadPoolExecutor):
    """Runs every call at once, in a daemon thread; `shutdown` waits for none."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it is the caller's
                future.set_exception(error)

        threading.Thread(target=work, name="lookup", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Leave what still runs to itself."""
