"""A question that can be held up and can fail, and how patiently it is asked."""

import threading
from collections.abc import Callable

from sqlalchemy import Connection, text

from monitor.store.patience import Patience
from monitor.store.reader import Answers

LONG = 30.0


class Store:
    """A question whose answer is how often it was asked; it can be held up, and it can fail."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False
        self.open = threading.Event()
        self.open.set()

    def __call__(self, connection: Connection) -> int:
        self.asked += 1
        assert self.open.wait(LONG)
        if self.fails:
            raise RuntimeError("the store is gone")
        return int(connection.execute(text(f"SELECT {self.asked}")).scalar_one())


def patient(**given: float) -> Patience:
    return Patience(**({"wait_seconds": LONG} | given))  # type: ignore[arg-type]


def is_idle(answers: Answers) -> Callable[[], bool]:
    return lambda: (
        not any(each.is_asked for each in (*answers._known.values(), *answers._new.values()))
    )
