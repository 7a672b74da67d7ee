"""Takes every result: health steps in memory, the triple goes to the writer, views to the surfaces.

Health steps here and not in the database, so that a database outage freezes no routing.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from monitor.health.columns import Columns
from monitor.health.coverage import Span
from monitor.health.past import Past
from monitor.health.percentiles import Lately
from monitor.health.together import Times
from monitor.model.clock import Clock
from monitor.model.health import Health, Transition
from monitor.model.maintenance import Maintenance
from monitor.model.result import Result
from monitor.model.snapshot import Snapshot
from monitor.model.triple import Triple
from monitor.recorder.calendar import Calendar
from monitor.recorder.memory import TargetMemory
from monitor.recorder.views import Views

#: After so many results the probing loop gets its turn; else it may wait 5 ms for the interpreter.
_BREATH = 16


class Sink(Protocol):
    """Where triples go to be written."""

    def put(self, triple: Triple) -> None:
        """Take a triple; never blocks."""
        ...


class Recorder:
    """Keeps what is known of all targets of one vantage.

    Args:
        memories: What is known, by target key.
        sink: Takes what is to be written.
        clock: Tells the instants.
        vantage: Where the daemon probes from.
        on_change: Told of each change of state, before anything of it is written.
    """

    def __init__(
        self,
        memories: Mapping[str, TargetMemory],
        sink: Sink,
        clock: Clock,
        vantage: str,
        on_change: Callable[[Transition], None] | None = None,
    ) -> None:
        self._memories = dict(memories)
        self._shown = tuple(sorted(memories))
        self._sink = sink
        self._clock = clock
        self._vantage = vantage
        self._on_change = on_change
        self._heartbeat_at = clock.now()
        self._calendar = Calendar()
        self._views = Views(self._calendar)
        self._snapshot = self.refresh()

    @property
    def known(self) -> AbstractSet[str]:
        """Keys of all targets of which something is remembered, of those that went too."""
        return self._memories.keys()

    @property
    def shown(self) -> Sequence[str]:
        """Keys of the targets that are shown, in order."""
        return self._shown

    def replace(self, memories: Mapping[str, TargetMemory]) -> None:
        """Show these targets from now on and no others.

        What is known of one that stays is kept, and of one that went too: a run of it may still
        be in flight.
        """
        for key, known in self._memories.items():
            memory = memories.get(key)
            if memory:
                known.probe, known.spans = memory.probe, memory.spans
                known.speed_interval_seconds = memory.speed_interval_seconds
                known.version += 1
            else:
                known.forget()
        self._memories = {**memories, **self._memories}
        self._shown = tuple(sorted(memories))

    def maintain(self, rules: Iterable[Maintenance]) -> None:
        """Go by this planned work from now on; the views show it when they are drawn next."""
        self._calendar.replace(rules)
        for memory in self._memories.values():
            memory.version += 1

    def maintained(self, target: str, begin: float, end: float) -> Sequence[tuple[float, float]]:
        """List the whole hours (UTC) between two instants in which a target was worked on."""
        return self._calendar.hours_of(self._memories[target].probe.target, begin, end)

    def record(self, result: Result) -> Triple:
        """Take in a new result; health has stepped when this returns, the row is on its way."""
        triple = self._memories[result.target].take(result, self._clock.now())
        self._sink.put(triple)
        if triple.transition and self._on_change:
            self._on_change(triple.transition)
        return triple

    def keep(self, triples: Sequence[Triple]) -> None:
        """Count what was recorded, now that it is stored or spooled; on the thread that did it."""
        for number, triple in enumerate(triples, 1):
            self._memories[triple.result.target].count(triple.result)
            if number % _BREATH == 0:
                time.sleep(0)

    def reckon(self, target: str, past: Past) -> None:
        """Make the long windows of a target; the views show them when they are drawn next."""
        memory, now = self._memories[target], self._clock.now()
        self._calendar.reckon(memory, memory.reckon(past, now), past, now)

    def spans(self, target: str) -> Sequence[Span]:
        """Give the schedules of a target that is shown, for coverage; none of any other."""
        memory = self._memories.get(target)
        return memory.spans if memory and target in self._shown else ()

    def lately(self, target: str) -> Lately:
        """Say how quick a target was in the last half hour."""
        return self._memories[target].lately(self._clock.now())

    def times(self, target: str, begin: float, end: float) -> Times:
        """Say when in the last 24 hours a target was available, and when it was not."""
        return self._memories[target].times(begin, end)

    def samples(self, target: str, begin: float, end: float) -> Columns:
        """Copy the samples of the last 24 hours of a target that lie in a time."""
        return self._memories[target].samples(begin, end)

    def health(self, target: str) -> Health:
        """Give what we believe of a target."""
        return self._memories[target].health

    def beat(self) -> None:
        """Note that the probing loop turns."""
        self._heartbeat_at = self._clock.now()

    def refresh(self) -> Snapshot:
        """Draw the picture anew, as far as something moved; one thread at a time may call it."""
        now = self._clock.now()
        shown = self._shown  # before the memories, which know at least these
        views = self._views.draw(self._memories, shown, now)
        self._snapshot = Snapshot(
            generated_at=now,
            heartbeat_at=self._heartbeat_at,
            vantage=self._vantage,
            is_simulated=bool(views) and all(view.target.simulated for view in views),
            targets=views,
        )
        return self._snapshot

    @property
    def snapshot(self) -> Snapshot:
        """The newest picture."""
        return self._snapshot
