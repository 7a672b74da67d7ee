"""The last changes of state, for whoever follows them: each is told at least once, in order."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from monitor.model.health import Transition

#: So many are kept for those who come back.
_KEPT = 1000


class Change(NamedTuple):
    """A change of state, and what it is called.

    Attributes:
        id: The same over restarts.
        transition: The change.
    """

    id: str
    transition: Transition


class Changes:
    """Keeps the last changes; any thread may add to them, read and listen.

    Args:
        known: Changes of an earlier life, in order.
    """

    def __init__(self, known: Iterable[Transition] = ()) -> None:
        self._kept = deque(map(_named, known), maxlen=_KEPT)
        self._listeners: set[Callable[[], None]] = set()
        self._lock = Lock()

    def add(self, transition: Transition) -> None:
        """Note a change, and tell who listens."""
        with self._lock:
            self._kept.append(_named(transition))
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def since(self, last_id: str | None) -> Sequence[Change]:
        """Give the changes after the one of an id, oldest first.

        Args:
            last_id: None for none of them. An id that is not kept gives all that are: to be told
                twice is better than never.
        """
        if last_id is None:
            return ()
        with self._lock:
            kept = tuple(self._kept)
        places = (place for place, each in enumerate(kept) if each.id == last_id)
        return kept[next(places, -1) + 1 :]

    @property
    def last_id(self) -> str:
        """The id of the newest; empty if there is none."""
        with self._lock:
            return self._kept[-1].id if self._kept else ""

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told of each change, on the thread that adds it; give what ends it."""
        with self._lock:
            self._listeners.add(listener)

        def end() -> None:
            with self._lock:
                self._listeners.discard(listener)

        return end


def _named(transition: Transition) -> Change:
    micros = round(transition.at.timestamp() * 1_000_000)
    return Change(f"{micros}-{transition.result_id}", transition)
