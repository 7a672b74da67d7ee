"""Answers for the surfaces: however many ask, the store is asked seldom and by few.

Each question is asked once at a time. Who asks again gets the last good answer at once, with its
age, while a newer one is fetched; so a slow store, or one that is gone, makes pages old, not slow.
Who finds that answer too old may wait for the newer one, for a moment, and once in vain.
"""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

from monitor.model.clock import Clock
from monitor.model.turns import turn
from monitor.store.patience import Patience, limited
from monitor.store.question import Question, weightless

T = TypeVar("T")

_NS = 1_000_000_000


class NoAnswerError(Exception):
    """The store did not answer, and never had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[T]):
    """What the store said.

    Attributes:
        value: The answer; all who asked share it, so nobody may change it.
        age_seconds: How long ago the store gave it.
        is_overdue: The store was asked for a newer one, and failed or takes longer than it may.
    """

    value: T
    age_seconds: float
    is_overdue: bool = False


class Answers:
    """Asks the store for the surfaces; any thread may call it.

    Args:
        engine: Of `open_reader`.
        clock: Tells the ages.
        patience: How long, and for how much.
        on_error: Told of each failure, on a thread of ours.
        on_answer: Told how long each answer took (seconds), likewise.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        patience: Patience | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_answer: Callable[[float], None] | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._patience = patience or Patience()
        self._on_error, self._on_answer = on_error, on_answer
        self._known: OrderedDict[Hashable, Question] = OrderedDict()
        # Apart, so that what nobody can answer drives out no answer.
        self._new: OrderedDict[Hashable, Question] = OrderedDict()
        self._queue: deque[Question] = deque()
        self._working = self._asked = self._failures = self._refused = self._weight = 0
        self._lock = threading.Lock()

    def ask(
        self,
        key: Hashable,
        question: Callable[[Connection], T],
        fresh_seconds: float | None = None,
        weigh: Callable[[T], int] = weightless,
    ) -> Answer[T]:
        """Give the last good answer; waits only where there never was one.

        Args:
            key: Names the question, with all that it depends on.
            question: Asks it, in a transaction that only reads; what it gives must be whole
                (no iterator over rows), and is shared by all who ask.
            fresh_seconds: An answer this young will do.
            weigh: Tells the bytes of an answer that is large.

        Raises:
            NoAnswerError: There never was one, and none came in time.
        """
        told = threading.Event()
        known = self._put(key, question, fresh_seconds, weigh, told.set)
        if told.set in known.waiters:
            told.wait(self._patience.wait_seconds)
        return self._give(known, told.set)

    async def ask_async(
        self,
        key: Hashable,
        question: Callable[[Connection], T],
        fresh_seconds: float | None = None,
        weigh: Callable[[T], int] = weightless,
        old_seconds: float | None = None,
        wait_seconds: float | None = None,
    ) -> Answer[T]:
        """As `ask`; who waits keeps no thread, so nobody else has to wait for one.

        Args:
            key: As for `ask`.
            question: As for `ask`.
            fresh_seconds: As for `ask`.
            weigh: As for `ask`.
            old_seconds: An answer this old is given only if no newer one comes in a moment; unless
                told, none is too old.
            wait_seconds: The longest wait; as the patience says unless told.

        Raises:
            NoAnswerError: There never was one, and none came in time.
        """
        told, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(told.set)

        known = self._put(key, question, fresh_seconds, weigh, wake, old_seconds)
        if wake in known.waiters:
            longest = self._patience.wait_seconds if wait_seconds is None else wait_seconds
            if known.answered_ns is not None:
                longest = min(longest, self._patience.newer_seconds)
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), longest)
        return self._give(known, wake)

    @property
    def fresh_seconds(self) -> float:
        """An answer this young is given without asking again, unless told otherwise."""
        return self._patience.fresh_seconds

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

    def _put(
        self,
        key: Hashable,
        ask: Callable[[Connection], T],
        fresh_seconds: float | None,
        weigh: Callable[[T], int],
        waiter: Callable[[], object],
        old_seconds: float | None = None,
    ) -> Question:
        """Have a question asked if that is due; *waiter* is told of the answer if it is awaited."""
        fresh = self._patience.fresh_seconds if fresh_seconds is None else fresh_seconds
        retry_ns = int(self._patience.retry_seconds * _NS)
        old_ns = None if old_seconds is None else int(old_seconds * _NS)
        with self._lock:
            known = self._known.get(key) or self._new.setdefault(key, Question(key, ask, weigh))
            known.fresh_ns = int(fresh * _NS)
            (self._known if key in self._known else self._new).move_to_end(key)
            self._forget()
            now_ns = self._clock.monotonic_ns()
            if known.is_due(now_ns, retry_ns):
                self._fetch(known, now_ns)
            if known.is_awaited(now_ns, old_ns):
                known.waiters.add(waiter)
        return known

    def _give(self, known: Question, waiter: Callable[[], object]) -> Answer[Any]:
        with self._lock:
            if waiter in known.waiters:
                known.waiters.discard(waiter)
                known.is_late = True
            if known.answered_ns is None:
                raise NoAnswerError(known.why) from known.error
            now_ns = self._clock.monotonic_ns()
            return Answer(
                value=known.value,
                age_seconds=max(now_ns - known.answered_ns, 0) / _NS,
                is_overdue=known.is_overdue(now_ns, int(self._patience.statement_seconds * _NS)),
            )

    def _forget(self) -> None:
        """Let go of the answers not asked for longest, as long as there are too many."""
        most, most_bytes = self._patience.remembered, self._patience.remembered_bytes
        while len(self._known) > most or (self._weight > most_bytes and len(self._known) > 1):
            _, gone = self._known.popitem(last=False)
            self._weight -= gone.weight
        while len(self._new) > most:
            self._new.popitem(last=False)

    def _fetch(self, question: Question, now_ns: int) -> None:
        if len(self._queue) >= self._patience.queued:
            self._refused += 1
            return
        question.is_asked, question.asked_ns = True, now_ns
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
                weight = question.weigh(value)
            except Exception as error:  # noqa: BLE001 - whatever it is, the last answer stays
                self._failed(question, error)
            else:
                self._answered(question, value, weight, begun_ns)

    def _next(self) -> Question | None:
        with self._lock:
            if self._queue:
                self._asked += 1
                return self._queue.popleft()
            self._working -= 1
            return None

    def _answer(self, question: Question) -> Any:
        seconds = self._patience.statement_seconds
        engine, clock = self._engine, self._clock
        # In turn, for what is read is reckoned with at once.
        with engine.connect() as connection, limited(connection, seconds, clock), turn():
            return question.ask(connection)

    def _answered(self, question: Question, value: Any, weight: int, begun_ns: int) -> None:
        with self._lock:
            question.take(value, begun_ns)
            if self._new.get(question.key) is question:
                self._known[question.key] = self._new.pop(question.key)
            if self._known.get(question.key) is question:
                self._weight += weight - question.weight
                question.weight = weight
                self._forget()
            waiters = self._done(question)
        _wake(waiters)
        if self._on_answer:
            self._on_answer((self._clock.monotonic_ns() - begun_ns) / _NS)

    def _failed(self, question: Question, error: Exception) -> None:
        with self._lock:
            question.failed_ns, question.error = self._clock.monotonic_ns(), error
            self._failures += 1
            waiters = self._done(question)
        _wake(waiters)
        if self._on_error:
            with suppress(Exception):  # the worker goes on
                self._on_error(error)

    def _done(self, question: Question) -> Iterable[Callable[[], object]]:
        question.is_asked = False
        waiters, question.waiters = question.waiters, set()
        return waiters


def _wake(waiters: Iterable[Callable[[], object]]) -> None:
    for wake in waiters:
        with suppress(RuntimeError):  # whose loop is closed waits no more
            wake()
