"""What one run leaves behind, written in one transaction or not at all."""

from dataclasses import dataclass

from monitor.model.health import Health, Transition
from monitor.model.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """A result, the health after it, and the transition if our mind changed.

    Attributes:
        result: The run.
        health: What we believe after it; None if the run does not step health.
        transition: The change of state that it caused, if any.
    """

    result: Result
    health: Health | None = None
    transition: Transition | None = None
