"""What was seen on the wire, unjudged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model.outcome import Phase
from monitor.model.target import Secret

#: A response body is read up to here, a stream up to the second bound (bytes).
MAX_BODY_BYTES = 1 << 20
MAX_STREAM_BYTES = 8 << 20
#: And so many reads: a server that sends byte by byte must not fill our memory.
MAX_READS = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """A request as the transport sends it; header values are secrets throughout."""

    method: str
    url: str
    headers: tuple[tuple[str, Secret], ...]
    body: bytes = b""


class Cut(StrEnum):
    """What ended an exchange before its natural end.

    The last four are our own doing: we were stopped, our event loop stood still while a deadline
    passed, this machine ran out of descriptors or memory, a scheduled run came first.
    """

    DNS = "dns"
    REFUSED = "refused"
    CONNECT = "connect"
    TLS = "tls"
    RESET = "reset"
    PROTOCOL = "protocol"
    DEADLINE = "deadline"
    TOO_LARGE = "too_large"
    SHUTDOWN = "shutdown"
    STALLED = "stalled"
    RESOURCES = "resources"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """An exchange that did not come to its natural end: what cut it, and in which phase."""

    cut: Cut
    phase: Phase
    message: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One read of the body from the wire.

    Attributes:
        at_ns: When it arrived (`monotonic_ns`): by the kernel's stamp if there is one.
        data: What it held.
        delay_ns: How long it had waited for us; None without a kernel stamp.
    """

    at_ns: int
    data: bytes
    delay_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """When things happened, on the one monotonic clock, in nanoseconds.

    Attributes:
        started_ns: The run began.
        dialling_ns: A new connection was begun; None if it was reused.
        dns_ns: The host's name had been looked up; None for an address, or a reused connection.
        connecting_ns: The TCP connection was begun, after DNS; None if it was reused.
        tcp_ns: The TCP connection stood; None if it was reused or never did.
        tls_ns: The TLS handshake was done; None without TLS.
        sent_ns: The last byte of the request had been handed to the socket.
        first_byte_ns: The first byte of the response arrived.
        headers_ns: The last byte of its headers arrived.
        end_ns: The exchange was over.
    """

    started_ns: int = 0
    dialling_ns: int | None = None
    dns_ns: int | None = None
    connecting_ns: int | None = None
    tcp_ns: int | None = None
    tls_ns: int | None = None
    sent_ns: int | None = None
    first_byte_ns: int | None = None
    headers_ns: int | None = None
    end_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Instants, status, headers, reads, and what cut it short, if anything.

    Attributes:
        instants: When things happened.
        status: The status line's number; None if no answer came.
        headers: Response headers, names in lower case.
        reads: The body, read by read.
        interruption: What cut it short; None if it ended by itself.
        peer: The address at the other end; None if no connection stood.
    """

    instants: Instants = field(default_factory=Instants)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()
    interruption: Interruption | None = None
    peer: str | None = None

    @property
    def body(self) -> bytes:
        """All bytes of the body that were read."""
        return b"".join(read.data for read in self.reads)

    @property
    def delay_ns(self) -> int | None:
        """The longest that a read had waited for us; None if not all carry a kernel stamp."""
        known = self.delays_ns
        return max(known) if known and len(known) == len(self.reads) else None

    @property
    def delays_ns(self) -> Sequence[int]:
        """How long each read had waited for us; those without a kernel stamp are left out."""
        return [read.delay_ns for read in self.reads if read.delay_ns is not None]

    @property
    def is_success_status(self) -> bool:
        """The status line claims success (2xx)."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004
