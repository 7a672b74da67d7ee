"""What is in force of the configuration, for parts that ask each time instead of keeping it."""

from collections.abc import Callable
from typing import Self

from monitor.config.settings import Settings
from monitor.model.clock import Clock
from monitor.model.configuration import Configuration


class InForce:
    """The settings that hold, and how the last reading of them went; any thread may ask.

    Attributes:
        settings: What holds: of keys that take effect at a start, what held then.
        status: How the last reading went.
    """

    def __init__(self, settings: Settings, status: Configuration) -> None:
        self.settings, self.status = settings, status
        self._followers: list[Callable[[Settings], None]] = []

    @classmethod
    def begin(cls, settings: Settings, clock: Clock) -> Self:
        """Begin with what was read at the start."""
        return cls(settings, Configuration(read_at=clock.now()))

    def follow(self, follower: Callable[[Settings], None]) -> None:
        """Have somebody told of each change, on the probing loop."""
        self._followers.append(follower)

    def change(self, settings: Settings) -> None:
        """Have other settings hold from now on."""
        self.settings = settings
        for follower in self._followers:
            follower(settings)
