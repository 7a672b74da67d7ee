"""Keeps the long windows of all targets, a few targets at a time, in a thread of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from monitor.health.buckets import HOUR
from monitor.health.maintenance import Span
from monitor.health.past import Past
from monitor.model.clock import Clock
from monitor.model.turns import turn
from monitor.model.window import LONG_WINDOWS
from monitor.recorder.recorder import Recorder
from monitor.store.engine import Engine
from monitor.store.maintained import Hour, read_hours_alone
from monitor.store.pasts import read_pasts

#: From round to round.
_EVERY_SECONDS = 60.0
#: After each target the probing loop has so long for itself.
_PAUSE_SECONDS = 0.01
#: So many targets are read at once: some milliseconds, and a megabyte.
_AT_ONCE = 20
#: What was read is read again after so many rounds. Until then the hours that were not folded
#: come from memory, so only results that came late are missing, and each round is exact.
_READ_ROUNDS = 10
_JOIN_SECONDS = 5.0

#: Reads what a store knows of the long windows of some targets, as of an instant.
Read = Callable[[Sequence[str], datetime], Mapping[str, Past]]


#: Says in which whole hours between two instants there was planned work on a target.
Maintained = Callable[[str, float, float], Sequence[Span]]


def reading(engine: Engine, vantage: str, maintained: Maintained = lambda *_: ()) -> Read:
    """Read from a store.

    Args:
        engine: Of `open_reader`: what a transaction reads is of one instant.
        vantage: Where the runs were seen from.
        maintained: Says what to read hour by hour, too.
    """

    def read(targets: Sequence[str], now: datetime) -> Mapping[str, Past]:
        until, longest = now.timestamp(), max(LONG_WINDOWS.values()) + HOUR.total_seconds()
        with engine.connect() as connection, turn():
            pasts = read_pasts(connection, vantage, targets, now)
            hours = {key: _hours(maintained(key, until - longest, until)) for key in pasts}
            alone = read_hours_alone(connection, vantage, hours)
        return {
            key: past._replace(maintained=_folded(past, alone.get(key, ())))
            for key, past in pasts.items()
        }

    return read


def _hours(spans: Sequence[Span]) -> list[datetime]:
    """List the hours one by one."""
    return [
        datetime.fromtimestamp(at, UTC)
        for begin, end in spans
        for at in range(round(begin), round(end), round(HOUR.total_seconds()))
    ]


def _folded(past: Past, hours: Sequence[Hour]) -> Sequence[Hour]:
    """Leave out hours that memory tells of."""
    return [
        hour for hour in hours if not any(begin <= hour[0] < end for begin, end in past.waiting)
    ]


class Historian:
    """Reckons the long windows each minute until stopped.

    When the store fails, what was read last stays, and goes on with what is in memory.

    Args:
        read: Reads what was folded.
        recorder: Knows what was not, and shows the windows.
        clock: Tells where they end.
        on_error: Told why a round read nothing more; the next one tries again.
    """

    def __init__(
        self,
        read: Read,
        recorder: Recorder,
        clock: Clock,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._read, self._recorder = read, recorder
        self._clock, self._on_error = clock, on_error
        self._pasts: dict[str, Past] = {}
        self._asked: set[str] = set()
        self._rounds = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="historian", daemon=True)

    def start(self) -> None:
        """Begin; nobody waits for the first round."""
        self._thread.start()

    def stop(self) -> None:
        """End after the target under way; the windows stay as they are."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=_JOIN_SECONDS)

    def go_round(self) -> None:
        """Reckon the windows of all targets; read what was never read, and some of the others."""
        keys = self._recorder.shown
        self._pasts = {key: self._pasts[key] for key in keys if key in self._pasts}
        self._asked &= set(keys)
        answers = True
        for number, begin in enumerate(range(0, len(keys), _AT_ONCE)):
            some = keys[begin : begin + _AT_ONCE]
            is_due = (number + self._rounds) % _READ_ROUNDS == 0
            if answers and (is_due or not self._asked.issuperset(some)):
                answers = self._learn(some)
            if not self._tell(some):
                return
        self._rounds += 1

    def _learn(self, some: Sequence[str]) -> bool:
        """Read of some targets; tell whether the store answered."""
        try:
            self._pasts.update(self._read(some, self._clock.now()))
        except Exception as error:  # noqa: BLE001 - the store may be gone for a while
            self._on_error(error)
            return False
        self._asked.update(some)
        return True

    def _tell(self, some: Sequence[str]) -> bool:
        """Have the windows of some targets reckoned, one by one; tell whether to go on."""
        for key in some:
            if key in self._pasts:
                with turn():
                    self._recorder.reckon(key, self._pasts[key])
            if self._stopped.wait(_PAUSE_SECONDS):
                return False
        return True

    def _loop(self) -> None:
        pause = 0.0
        while not self._stopped.wait(pause):
            begun_ns = self._clock.monotonic_ns()
            try:
                self.go_round()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                self._on_error(error)
            pause = max(_EVERY_SECONDS - (self._clock.monotonic_ns() - begun_ns) / 1e9, 0.0)
