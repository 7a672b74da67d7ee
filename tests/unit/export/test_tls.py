"""HTTPS on the port of the surfaces, with files that may be replaced while it serves."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import load_der_x509_certificate
from fastapi import FastAPI

from monitor.export.server import ApiServer, ServerError, bind
from monitor.export.tls import serving_context

AUTHORITY = trustme.CA()


class Site:
    """A server with a certificate, and the files that it has it from."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        self.errors: list[Exception] = []
        self.renew()

    def renew(self) -> int:
        """Put another certificate into the files; give its serial number."""
        issued = AUTHORITY.issue_cert("127.0.0.1")
        self.key.write_bytes(issued.private_key_pem.bytes())
        self.certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        return self._serial(ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode()))

    def start(self) -> None:
        context = serving_context(str(self.certificate), str(self.key), self.errors.append)
        self.server = ApiServer(FastAPI(), bind("127.0.0.1:0"), context)
        self.server.start()

    def shown(self) -> int:
        """The serial number of the certificate that a caller sees, who trusts the authority."""
        host, port = self.server.address.split(":")
        context = ssl.create_default_context()
        AUTHORITY.configure_trust(context)
        with (
            socket.create_connection((host, int(port)), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
        assert der
        return self._serial(der)

    def _serial(self, der: bytes) -> int:
        return load_der_x509_certificate(der).serial_number


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    if hasattr(site, "server"):
        site.server.stop()


def test_a_newer_certificate_is_shown_without_a_restart(site: Site) -> None:
    first = site.renew()
    site.start()
    assert site.server.url == f"https://{site.server.address}"
    assert site.shown() == first

    second = site.renew()

    assert [site.shown(), site.shown()] == [second, second]
    assert site.errors == []


@pytest.mark.parametrize("broken", [b"", b"no certificate"], ids=["half written", "nonsense"])
def test_files_that_cannot_be_used_leave_the_older_ones_and_are_told_once(
    site: Site, broken: bytes
) -> None:
    first = site.renew()
    site.start()
    site.certificate.write_bytes(broken)

    assert [site.shown(), site.shown()] == [first, first]
    assert len(site.errors) == 1

    third = site.renew()
    assert site.shown() == third


def test_files_that_are_gone_for_a_while_leave_the_older_ones(site: Site) -> None:
    first = site.renew()
    site.start()
    site.key.unlink()

    assert site.shown() == first
    assert isinstance(site.errors[0], FileNotFoundError)


def test_what_cannot_be_used_at_the_start_is_told_in_words(site: Site) -> None:
    other = AUTHORITY.issue_cert("127.0.0.1").private_key_pem.bytes()
    locked = load_pem_private_key(other, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for content, words in ((other, "mismatch"), (locked, "password"), (b"", "")):
        site.key.write_bytes(content)
        with pytest.raises(ServerError, match=f"cannot use tls.certificate .*{words}"):
            site.start()
    site.key.unlink()
    with pytest.raises(ServerError, match="No such file"):
        site.start()


def test_older_versions_of_tls_are_not_spoken(site: Site) -> None:
    context = serving_context(str(site.certificate), str(site.key), site.errors.append)

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
