"""TLS of the HTTP surfaces, from two files that may be replaced while the daemon runs."""

import ssl
from collections.abc import Callable
from pathlib import Path

from monitor.export.server import ServerError

#: When each of the files was changed, and how large it is.
_Stamp = tuple[tuple[int, int], ...]


def serving_context(
    certificate: str, key: str, on_error: Callable[[Exception], None]
) -> ssl.SSLContext:
    """Make the context of a server that looks for newer files at each handshake.

    Args:
        certificate: Path of the certificate, followed by those of its issuers, in PEM.
        key: Path of its private key, without a password, in PEM.
        on_error: Told why newer files cannot be used, once for each change; the older stay.

    Raises:
        ServerError: The files cannot be used.
    """
    files = _Files(Path(certificate), Path(key), on_error)
    try:
        return files.open()
    except (OSError, ssl.SSLError) as error:
        raise ServerError(
            f"cannot use tls.certificate {certificate} with tls.private_key {key}: {_words(error)}"
        ) from error


class _Files:
    """A certificate and its key; used by the server's thread only."""

    def __init__(self, certificate: Path, key: Path, on_error: Callable[[Exception], None]) -> None:
        self._paths = (certificate, key)
        self._on_error = on_error
        self._stamp: _Stamp = ()
        self._newest: ssl.SSLContext | None = None

    def open(self) -> ssl.SSLContext:
        """Make the context that handshakes begin with."""
        self._stamp = self._look()
        context = self._load()
        context.sni_callback = self._choose
        return context

    def _choose(
        self, handshake: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        """Go on with the newest files; called in each handshake."""
        try:
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._newest = self._load()
        except OSError as error:  # of which an SSLError is one
            self._on_error(error)
        if self._newest:
            handshake.context = self._newest

    def _look(self) -> _Stamp:
        found = (path.stat() for path in self._paths)
        return tuple((each.st_mtime_ns, each.st_size) for each in found)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*self._paths, password=_no_password)
        return context


def _no_password() -> str:
    # Without this OpenSSL would ask at the terminal.
    raise ssl.SSLError("the key is locked with a password")


def _words(error: OSError) -> str:
    return error.strerror or str(error)
