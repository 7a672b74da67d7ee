"""A question to the store: what it last brought, and whether to ask it or to wait for it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection


@dataclass(slots=True, eq=False)
class Question:
    """A question, its last good answer and its last failure; instants are of the steady clock.

    Attributes:
        key: Names it.
        ask: Asks it.
        weigh: Tells the bytes of an answer.
        fresh_ns: An answer this young will do.
        weight: Of the last answer.
        value: The last answer.
        answered_ns: When that was asked for; None if there is none.
        asked_ns: When the newest asking began.
        failed_ns: When it failed; None since it last succeeded.
        error: How it failed.
        is_asked: It is being asked, or waits for its turn.
        is_late: Somebody waited for a newer answer in vain, and none has come since.
        waiters: Told once it was answered, or has failed.
    """

    key: Hashable
    ask: Callable[[Connection], Any]
    weigh: Callable[[Any], int]
    fresh_ns: int = 0
    weight: int = 0
    value: Any = None
    answered_ns: int | None = None
    asked_ns: int = 0
    failed_ns: int | None = None
    error: Exception | None = None
    is_asked: bool = False
    is_late: bool = False
    waiters: set[Callable[[], object]] = field(default_factory=set)

    def is_due(self, now_ns: int, retry_ns: int) -> bool:
        """Tell whether the store should be asked."""
        if self.is_asked or (self.failed_ns is not None and now_ns - self.failed_ns < retry_ns):
            return False
        return self.answered_ns is None or now_ns - self.answered_ns >= self.fresh_ns

    def is_awaited(self, now_ns: int, old_ns: int | None) -> bool:
        """Tell whether who asks should wait for what is being fetched.

        Args:
            now_ns: The instant.
            old_ns: An answer this old is worth a wait for a newer one; None if none is. After a
                failure, or a wait in vain, nobody waits again before there was a newer one.
        """
        if not self.is_asked or self.answered_ns is None:
            return self.is_asked
        is_well = self.failed_ns is None and not self.is_late
        return is_well and old_ns is not None and now_ns - self.answered_ns >= old_ns

    def is_overdue(self, now_ns: int, patience_ns: int) -> bool:
        """Tell whether the store failed to give a newer answer, or takes longer than it may."""
        return self.failed_ns is not None or (
            self.is_asked and now_ns - self.asked_ns > patience_ns
        )

    def take(self, value: Any, begun_ns: int) -> None:
        """Note an answer."""
        self.value, self.answered_ns = value, begun_ns
        self.failed_ns = self.error = None
        self.is_late = False

    @property
    def why(self) -> str:
        """Why there is no answer, in words."""
        if self.error is not None:
            return f"the store does not answer: {self.error}"
        return "the store has not answered yet" if self.is_asked else "too many questions wait"


def weightless(_value: object) -> int:
    """Weigh an answer that is small."""
    return 0
