"""What has been seen so far of one exchange, while it goes on."""

from dataclasses import dataclass, field

from monitor.model.clock import Clock
from monitor.probes.exchange import Exchange, Instants, Interruption, Read


@dataclass(slots=True)
class Notes:
    """Collects what becomes an Exchange.

    Attributes:
        clock: Tells the instants.
        started_ns: The run began.
        stamps: Further instants, by their names in `Instants`.
        status: The status line's number, once it came.
        headers: Of the answer.
        reads: Of the body.
        peer: The address at the other end, once a connection stood.
    """

    clock: Clock
    started_ns: int
    stamps: dict[str, int] = field(default_factory=dict)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    peer: str | None = None

    def stamp(self, name: str) -> None:
        """Note that a step is done now."""
        self.stamps[name] = self.clock.monotonic_ns()

    def exchange(self, interruption: Interruption | None) -> Exchange:
        """Give all that was seen."""
        return Exchange(
            instants=Instants(
                started_ns=self.started_ns, end_ns=self.clock.monotonic_ns(), **self.stamps
            ),
            status=self.status,
            headers=self.headers,
            reads=tuple(self.reads),
            interruption=interruption,
            peer=self.peer,
        )
