"""Pure: where a base URL leads, if that can be said without looking a name up."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


def is_number(host: str) -> bool:
    """Say whether a host is an IP address.

    >>> is_number("::1"), is_number("localhost")
    (True, False)
    """
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def numeric_address(base_url: str) -> tuple[str, int] | None:
    """Give the address of a base URL, if its host is a number.

    >>> numeric_address("http://10.0.0.7:8080/v1"), numeric_address("https://api.example.com/v1")
    (('10.0.0.7', 8080), None)
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return (host, parts.port or _PORTS.get(parts.scheme, 443)) if is_number(host) else None
