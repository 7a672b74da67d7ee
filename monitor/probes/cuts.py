"""What an error on the way says of an exchange: what was cut, and in which phase."""

import errno
import os
import socket
import ssl

from monitor.model.outcome import Phase
from monitor.probes.exchange import Cut, Interruption
from monitor.probes.notes import Notes

#: This machine has no more of something: descriptors, memory, local ports.
_EXHAUSTED = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}
)


def interruption(error: Exception, notes: Notes, *, is_tls: bool) -> Interruption:
    """Say what cut an exchange.

    Args:
        error: What was raised: an OSError of the connection, anything else of the protocol.
        notes: What had been seen until then.
        is_tls: A TLS handshake was due.
    """
    cut, phase = _cut(error, notes, is_tls=is_tls)
    return Interruption(cut=cut, phase=phase, message=f"{type(error).__name__}: {_words(error)}")


def _cut(error: Exception, notes: Notes, *, is_tls: bool) -> tuple[Cut, Phase]:
    if isinstance(error, OSError) and error.errno in _EXHAUSTED:
        return Cut.RESOURCES, Phase.CONNECT
    if "sent_ns" not in notes.stamps and notes.status is None:
        return _before_the_request(error, notes, is_tls=is_tls)
    phase = Phase.RESPONSE if notes.status is None else Phase.STREAM
    return (Cut.RESET if isinstance(error, OSError) else Cut.PROTOCOL), phase


def _before_the_request(error: Exception, notes: Notes, *, is_tls: bool) -> tuple[Cut, Phase]:
    if isinstance(error, socket.gaierror):
        return Cut.DNS, Phase.DNS
    if "tcp_ns" not in notes.stamps:
        is_refused = isinstance(error, ConnectionRefusedError)
        return (Cut.REFUSED if is_refused else Cut.CONNECT), Phase.CONNECT
    if is_tls and "tls_ns" not in notes.stamps:
        return Cut.TLS, Phase.TLS
    return Cut.RESET, Phase.SEND


def _words(error: Exception) -> str:
    """What the operating system calls it, without the address, which the target tells."""
    is_named = isinstance(error, socket.gaierror | ssl.SSLError)
    number = None if is_named else getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
