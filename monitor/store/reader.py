"""Answers for the surfaces: however many ask, the store is asked seldom and by few.

Each question is asked once at a time. Who asks again gets the last good answer at once, with its
age, while a newer one is fetched; so a slow store, or one that is gone, makes pages old, not slow.
"""

import sqlite3
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, text

from monitor.model.clock import Clock

T = TypeVar("T")

_NS = 1_000_000_000
#: SQLite looks at the time after so many of its steps, which is each millisecond or so.
_STEPS = 10_000


class NoAnswerError(Exception):
    """The store did not answer, and never had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What the store said.

    Attributes:
        value: The answer; all who asked share it, so nobody may change it.
        age_seconds: How long ago the store gave it.
    """

    value: T
    age_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, and for how much, the store is asked.

    Attributes:
        fresh_seconds: An answer this young is given without asking again.
        retry_seconds: After a failure the question rests for so long.
        wait_seconds: Who asks what was never answered waits for so long.
        statement_seconds: The longest that a statement may take.
        workers: So many questions are asked at once; no more than the engine has connections.
        queued: So many may wait for a worker; beyond that nothing is fetched.
        remembered: So many answers are kept; the one not asked for longest goes first.
    """

    fresh_seconds: float = 15.0
    retry_seconds: float = 5.0
    wait_seconds: float = 3.0
    statement_seconds: float = 5.0
    workers: int = 4
    queued: int = 64
    remembered: int = 1000


@dataclass(slots=True, eq=False)
class _Question:
    """A question, its last good answer and its last failure; instants are of the steady clock."""

    ask: Callable[[Connection], Any]
    fresh_ns: int
    value: Any = None
    answered_ns: int | None = None
    failed_ns: int | None = None
    error: Exception | None = None
    is_asked: bool = False

    def is_due(self, now_ns: int, retry_ns: int) -> bool:
        """Tell whether the store should be asked."""
        if self.is_asked or (self.failed_ns is not None and now_ns - self.failed_ns < retry_ns):
            return False
        return self.answered_ns is None or now_ns - self.answered_ns >= self.fresh_ns


class Answers:
    """Asks the store for the surfaces; any thread may call it.

    Args:
        engine: Of `open_reader`.
        clock: Tells the ages.
        patience: How long, and for how much.
        on_error: Told of each failure, on a thread of ours.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        patience: Patience | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._patience = patience or Patience()
        self._on_error = on_error
        self._known: OrderedDict[Hashable, _Question] = OrderedDict()
        self._queue: deque[_Question] = deque()
        self._working = self._asked = self._failures = self._refused = 0
        self._changed = threading.Condition()

    def ask(
        self,
        key: Hashable,
        question: Callable[[Connection], T],
        fresh_seconds: float | None = None,
    ) -> Answer[T]:
        """Give the last good answer; waits only where there never was one.

        Args:
            key: Names the question, with all that it depends on.
            question: Asks it, in a transaction that only reads; what it gives must be whole
                (no iterator over rows), and is shared by all who ask.
            fresh_seconds: An answer this young will do.

        Raises:
            NoAnswerError: There never was one, and none came in time.
        """
        fresh = self._patience.fresh_seconds if fresh_seconds is None else fresh_seconds
        with self._changed:
            known = self._recall(key, question, int(fresh * _NS))
            retry_ns = int(self._patience.retry_seconds * _NS)
            if known.is_due(self._clock.monotonic_ns(), retry_ns):
                self._fetch(known)
            if known.answered_ns is None:
                self._changed.wait_for(lambda: not known.is_asked, self._patience.wait_seconds)
            if known.answered_ns is None:
                raise NoAnswerError(_why(known)) from known.error
            age_ns = self._clock.monotonic_ns() - known.answered_ns
            return Answer(value=known.value, age_seconds=max(age_ns, 0) / _NS)

    @property
    def asked(self) -> int:
        """How often the store was asked."""
        return self._asked

    @property
    def failures(self) -> int:
        """How often it failed to answer; what it had said before was kept."""
        return self._failures

    @property
    def refused(self) -> int:
        """How often it was not asked because too many questions waited."""
        return self._refused

    def _recall(self, key: Hashable, ask: Callable[[Connection], Any], fresh_ns: int) -> _Question:
        known = self._known.setdefault(key, _Question(ask, fresh_ns))
        known.fresh_ns = fresh_ns
        self._known.move_to_end(key)
        if len(self._known) > self._patience.remembered:
            self._known.popitem(last=False)
        return known

    def _fetch(self, question: _Question) -> None:
        if len(self._queue) >= self._patience.queued:
            self._refused += 1
            return
        question.is_asked = True
        self._queue.append(question)
        if self._working < self._patience.workers:
            self._working += 1
            threading.Thread(target=self._work, name="reader", daemon=True).start()

    def _work(self) -> None:
        """Ask until no question waits; then the thread ends."""
        while question := self._next():
            begun_ns = self._clock.monotonic_ns()
            try:
                value = self._answer(question)
            except Exception as error:  # noqa: BLE001 - whatever it is, the last answer stays
                self._failed(question, error)
            else:
                self._answered(question, value, begun_ns)

    def _next(self) -> _Question | None:
        with self._changed:
            if self._queue:
                self._asked += 1
                return self._queue.popleft()
            self._working -= 1
            return None

    def _answer(self, question: _Question) -> Any:
        seconds = self._patience.statement_seconds
        with self._engine.connect() as connection, _limited(connection, seconds, self._clock):
            return question.ask(connection)

    def _answered(self, question: _Question, value: Any, begun_ns: int) -> None:
        with self._changed:
            question.value, question.answered_ns = value, begun_ns
            question.failed_ns = question.error = None
            question.is_asked = False
            self._changed.notify_all()

    def _failed(self, question: _Question, error: Exception) -> None:
        with self._changed:
            question.failed_ns, question.error = self._clock.monotonic_ns(), error
            question.is_asked = False
            self._failures += 1
            self._changed.notify_all()
        if self._on_error:
            with suppress(Exception):  # the worker goes on
                self._on_error(error)


def _why(question: _Question) -> str:
    if question.error is not None:
        return f"the store does not answer: {question.error}"
    return "the store has not answered yet" if question.is_asked else "too many questions wait"


@contextmanager
def _limited(connection: Connection, seconds: float, clock: Clock) -> Iterator[None]:
    """Let statements take so long: each of them in PostgreSQL, all together in SQLite."""
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        connection.execute(text(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"))
        yield
        return
    end_ns = clock.monotonic_ns() + int(seconds * _NS)
    raw.set_progress_handler(lambda: clock.monotonic_ns() > end_ns, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
