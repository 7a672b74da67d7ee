"""How it stands with the configuration: what is in force, and what was refused since."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How the last reading of the configuration went.

    Attributes:
        read_at: When what is in force was read.
        problems: Why what was read since is not in force; none if nothing was refused. Never a
            value of the file, nor where it lies.
        waiting: Keys whose new values take effect at the next start.
    """

    read_at: datetime
    problems: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def is_in_force(self) -> bool:
        """What was read last is what holds."""
        return not self.problems
