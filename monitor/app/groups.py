"""Keeps the availability of all groups, a few at a time, in a thread of its own."""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.health.availability import Availability, total
from monitor.health.buckets import window_begin
from monitor.health.past import held_since
from monitor.health.together import Times, together, within
from monitor.model.clock import Clock
from monitor.model.turns import turn
from monitor.model.window import EXACT_WINDOWS, LONG_WINDOWS
from monitor.recorder.recorder import Recorder
from monitor.store.engine import Engine
from monitor.store.groups import read_together

#: Those that memory tells exactly, and the one that begins before memory does.
_EXACT = ("5m", "1h", "24h")
_LONG = "30d"
#: From round to round.
_EVERY_SECONDS = 15.0
#: After so many groups, and after each question to the store, the probing loop gets its turn.
_AT_ONCE = 10
_PAUSE_SECONDS = 0.01
_JOIN_SECONDS = 5.0

#: Reads for how long some targets were available together from one hour to another.
Read = Callable[[Collection[str], datetime, datetime], Availability]


class _Past(NamedTuple):
    """What the store knows of a group.

    Attributes:
        targets: Of these targets.
        end_at: Until when; memory knows what was later.
        availability: What it was.
    """

    targets: Sequence[str]
    end_at: datetime
    availability: Availability


def reading(engine: Engine, vantage: str) -> Read:
    """Read from a store.

    Args:
        engine: Of `open_reader`: what a transaction reads is of one instant.
        vantage: Where the runs were seen from.
    """

    def read(targets: Collection[str], begin_at: datetime, end_at: datetime) -> Availability:
        with engine.connect() as connection, turn():
            return read_together(connection, vantage, targets, begin_at, end_at)

    return read


class Groups:
    """Reckons for how long at least one target of each group was available, until stopped.

    The last day comes from memory, each few seconds; what was before from the rollups, once an
    hour. When the store fails, what was read last stays.

    Args:
        read: Reads what was folded.
        recorder: Knows the groups, and their last day.
        clock: Tells where windows end.
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
        self._pasts: dict[str, _Past] = {}
        self._ratios: dict[str, Mapping[str, float]] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="groups", daemon=True)

    @property
    def ratios(self) -> Mapping[str, Mapping[str, float]]:
        """The share of available time by group and window; what is not known has none."""
        return dict(self._ratios)  # in one step, while another thread goes on

    def start(self) -> None:
        """Begin; nobody waits for the first round."""
        self._thread.start()

    def stop(self) -> None:
        """End after the group under way; what was reckoned last stays."""
        self._stopped.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=_JOIN_SECONDS)

    def go_round(self) -> None:
        """Reckon all groups; read what the store knows of those of which the hour moved on."""
        members: dict[str, list[str]] = defaultdict(list)
        for view in self._recorder.snapshot.targets:
            members[view.target.group].append(view.target.key)
        self._pasts = {group: past for group, past in self._pasts.items() if group in members}
        self._ratios = {group: told for group, told in self._ratios.items() if group in members}
        answers = True
        for number, (group, targets) in enumerate(members.items(), 1):
            is_due = self._is_due(group, targets)
            if answers and is_due:
                answers = self._learn(group, targets)
            with turn():
                self._ratios[group] = self._reckon(group, targets)
            is_break = is_due or number % _AT_ONCE == 0
            if is_break and self._stopped.wait(_PAUSE_SECONDS):
                return

    def _is_due(self, group: str, targets: Sequence[str]) -> bool:
        past = self._pasts.get(group)
        held_at = held_since(self._clock.now())
        return past is None or (past.targets, past.end_at) != (targets, held_at)

    def _learn(self, group: str, targets: Sequence[str]) -> bool:
        """Read of a group; tell whether the store answered."""
        now = self._clock.now()
        begin_at, end_at = window_begin(now, LONG_WINDOWS[_LONG]), held_since(now)
        try:
            known = self._read(targets, begin_at, end_at)
        except Exception as error:  # noqa: BLE001 - the store may be gone for a while
            self._on_error(error)
            return False
        self._pasts[group] = _Past(targets, end_at, known)
        return True

    def _reckon(self, group: str, targets: Sequence[str]) -> Mapping[str, float]:
        now = self._clock.now().timestamp()
        since = now - EXACT_WINDOWS["24h"]
        lately = together(self._recorder.times(key, since, now) for key in targets)
        known = {name: within(lately, now - EXACT_WINDOWS[name], now) for name in _EXACT}
        past = self._pasts.get(group)
        if past and past.targets == targets:
            known[_LONG] = _joined(past, lately, now)
        return {name: told.ratio for name, told in known.items() if told.ratio is not None}

    def _loop(self) -> None:
        pause = 0.0
        while not self._stopped.wait(pause):
            begun_ns = self._clock.monotonic_ns()
            try:
                self.go_round()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                self._on_error(error)
            pause = max(_EVERY_SECONDS - (self._clock.monotonic_ns() - begun_ns) / 1e9, 0.0)


def _joined(past: _Past, lately: Times, now: float) -> Availability:
    return total([past.availability, within(lately, past.end_at.timestamp(), now)])
