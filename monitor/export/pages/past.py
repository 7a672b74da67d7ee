"""What pages know of the past: the last good answers, and their age. No page waits for long."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from monitor.export.pages.asking import DATES, RUNS, Chronicle, Dates, Told
from monitor.export.pages.strips import FleetPast
from monitor.model.result import Result
from monitor.store.engine import Connection
from monitor.store.reader import Answers, NoAnswerError

T = TypeVar("T")

#: So long a page waits for what was never answered; then it is drawn without.
_WAIT_SECONDS = 1.0
#: Answers this young are given again. Those that are older than the second figure, for nobody has
#: looked of late, are worth a wait for newer ones.
_FLEET_SECONDS, _DATES_SECONDS, _INCIDENTS_SECONDS, _RUNS_SECONDS = (
    (30.0, 60.0),
    (60.0, 90.0),
    (5.0, 15.0),
    (5.0, 5.0),
)
#: About how many bytes an answer takes: of a target, of a day, of a run, of an incident.
_TARGET_BYTES, _DAY_BYTES, _RUN_BYTES, _INCIDENT_BYTES = 1500, 3000, 2000, 4000


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """An answer about the past.

    Attributes:
        value: The answer; None if there never was one.
        age_seconds: How old it is; None as the value.
        is_overdue: The store was asked for a newer one, and has not given it.
    """

    value: T | None = None
    age_seconds: float | None = None
    is_overdue: bool = False


class Past:
    """Asks, for the pages.

    Args:
        answers: Keeps what the store said last.
        chronicle: Knows what to ask.
        targets: Gives the keys of the targets that are shown.
    """

    def __init__(
        self, answers: Answers, chronicle: Chronicle, targets: Callable[[], Sequence[str]]
    ) -> None:
        self._answers, self._chronicle, self._targets = answers, chronicle, targets

    async def fleet(self) -> Known[FleetPast]:
        """Give the last days of all targets, and their medians of the last hours."""

        def ask(connection: Connection) -> FleetPast:
            return self._chronicle.fleet(connection, self._targets())

        def weigh(told: FleetPast) -> int:
            return _TARGET_BYTES * len(told.strips)

        return await self._ask("fleet", ask, _FLEET_SECONDS, weigh)

    async def incidents(self, targets: tuple[str, ...] | None = None) -> Known[Sequence[Told]]:
        """Give the newest incidents of all targets, or of some."""
        ask = partial(self._chronicle.incidents, targets=targets)
        name = ("incidents", targets)
        return await self._ask(
            name, ask, _INCIDENTS_SECONDS, lambda told: _INCIDENT_BYTES * len(told)
        )

    async def dates(self, targets: tuple[str, ...]) -> Known[Dates]:
        """Give the last days of some targets."""
        ask = partial(self._chronicle.dates, targets=targets)
        weight = _DAY_BYTES * DATES * len(targets)
        return await self._ask(("dates", targets), ask, _DATES_SECONDS, lambda _: weight)

    async def runs(self, target: str) -> Known[Sequence[Result]]:
        """Give the newest runs of a target."""
        ask = partial(self._chronicle.runs, target=target)
        return await self._ask(("runs", target), ask, _RUNS_SECONDS, lambda _: _RUN_BYTES * RUNS)

    async def _ask(
        self,
        name: Hashable,
        question: Callable[[Connection], T],
        young_seconds: tuple[float, float],
        weigh: Callable[[T], int],
    ) -> Known[T]:
        fresh_seconds, old_seconds = young_seconds
        try:
            answer = await self._answers.ask_async(
                ("page", name), question, fresh_seconds, weigh, old_seconds, _WAIT_SECONDS
            )
        except NoAnswerError:
            return Known()
        return Known(answer.value, answer.age_seconds, answer.is_overdue)
