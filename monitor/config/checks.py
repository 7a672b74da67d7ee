"""What single values must look like. Each check gives the value back, or says what is wrong.

The messages never hold the value: it may be a secret that was written in the wrong place.
"""

import difflib
import ipaddress
import json
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, urlsplit

from monitor.config.presets.preset import FILLING

_LONGEST_NAME = 200
_LONGEST_LABEL = 64
_HIGHEST_PORT = 65_535
_MOST_DELAYS = 10
_GROUP = re.compile(r"[^/]+/[^/]+")
_DATABASE = re.compile(r"(sqlite|postgresql)(\+[a-z0-9_]+)?://")
_CREDENTIAL = re.compile(
    r"(^|[._-])(api-?key|key|token|secret|sig|signature|password|passwd|auth|authorization|"
    r"credentials?)($|[._-])|apikey|accesskey",
    re.IGNORECASE,
)
_QUERY_NAME = re.compile(r"[A-Za-z0-9$._~-]{1,64}")
_QUERY_VALUE = re.compile(r"[\x21-\x7e]{1,200}")
_FILLING = re.compile(FILLING)
#: Members of a request that have a key of their own, which more than the request depends on.
_RESERVED_MEMBERS = {
    "input": "the monitor writes the prompt itself",
    "max_completion_tokens": "write request.max_output_tokens",
    "max_output_tokens": "write request.max_output_tokens",
    "max_tokens": "write request.max_output_tokens",
    "messages": "the monitor writes the prompt itself",
    "model": "it is the name of the model",
    "stream": "write streams",
}
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
#: What the dialects add to a base URL.
_ADDED_PATHS = (
    "/chat/completions",
    "/responses",
    "/messages",
    "/v2/chat",
    "/api/chat",
    "/converse",
    "/converse-stream",
)
#: These belong to the transport and the dialect.
_RESERVED_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    }
)


def suggestion(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Say what *word* may have been meant to be, if it is at least *cutoff* (0-1) like it.

    >>> suggestion("opnai", ["openai", "groq"])
    'did you mean openai?'
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f"did you mean {close[0]}?" if close else None


def label(value: str) -> str:
    """A short printable name without spaces: vantage, region."""
    if not 0 < len(value) <= _LONGEST_LABEL or not _is_clean(value):
        raise ValueError(f"must be 1 to {_LONGEST_LABEL} printable characters without spaces")
    return value


def model_name(value: str) -> str:
    """A model or the name of a target: no spaces, no `#`, which ends a target's key."""
    if value.startswith("/") or value.endswith("/"):
        raise ValueError("a name must not begin or end with a /")
    if not 0 < len(value) <= _LONGEST_NAME or not _is_clean(value) or "#" in value:
        raise ValueError(
            f"a name must be 1 to {_LONGEST_NAME} printable characters without spaces and #"
        )
    return value


def provider_name(value: str) -> str:
    """A provider: as a model, and without `/`, which ends it in a target's key."""
    if "/" in value:
        raise ValueError("the name of a provider must not contain a /")
    return model_name(value)


def group_name(value: str) -> str:
    """A group: `author/slug`."""
    model_name(value)
    if not _GROUP.fullmatch(value):
        raise ValueError("must be author/slug, like openai/gpt-4o-mini")
    return value


def header_name(value: str) -> str:
    """A header that is the operator's to set."""
    if not _HEADER_NAME.fullmatch(value):
        raise ValueError("is not the name of a header")
    if value.lower() in _RESERVED_HEADERS:
        raise ValueError("is a header that the monitor sets itself")
    return value


def header_value(value: str) -> str:
    """What can travel in a header: visible ASCII, spaces only inside."""
    if not value:
        raise ValueError("must not be empty")
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError(
            "must be visible ASCII characters without a line break, or it cannot be sent"
        )
    return value


def is_credential(name: str) -> bool:
    """Say whether what has this name must be a secret.

    >>> is_credential("DB_PASSWORD"), is_credential("api-version")
    (True, False)
    """
    return _CREDENTIAL.search(name) is not None


def query_name(value: str) -> str:
    """A parameter of a URL's query that is no credential: URLs are logged on their way."""
    if not _QUERY_NAME.fullmatch(value):
        raise ValueError("is not the name of a query parameter")
    if is_credential(value):
        raise ValueError("looks like a credential, which belongs into api_key or headers")
    return value


def query_value(value: str) -> str:
    """What a query parameter may say."""
    if not _QUERY_VALUE.fullmatch(value):
        raise ValueError("must be 1 to 200 visible ASCII characters without spaces")
    return value


def body_name(value: str) -> str:
    """A member of a request that is the operator's to set."""
    if value in _RESERVED_MEMBERS:
        raise ValueError(f"is a member that the monitor sets itself; {_RESERVED_MEMBERS[value]}")
    return value


def body_value(value: Any) -> Any:
    """What JSON can say."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError):
        raise ValueError("must be something that JSON can say: no .inf and no .nan") from None
    return value


def filling(value: str) -> str:
    """What can fill a place in a base URL."""
    if not _FILLING.fullmatch(value):
        raise ValueError("must be letters, digits, - and _, as it becomes a part of the base URL")
    return value


def database(value: str) -> str:
    """A SQLAlchemy URL of one of the stores that are supported."""
    if not _DATABASE.match(value):
        raise ValueError("must be a URL like sqlite:///monitor.db or postgresql://host/name")
    return value


def folder(value: str) -> str:
    """The path of a folder."""
    if not value or not value.isprintable():
        raise ValueError("must be the path of a folder")
    return value


def base_url(value: str) -> str:
    """An absolute http(s) URL without query and credentials; trailing slashes are cut off."""
    url = _split(value)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("must be a URL like https://host/v1")
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user name or a password; write api_key or headers")
    if "?" in value or "#" in value:
        raise ValueError("must not have a query or a fragment")
    path = url.path.rstrip("/")
    added = next((end for end in _ADDED_PATHS if path.endswith(end)), None)
    if added:
        raise ValueError(f"must end before {added}, which the dialect adds")
    return f"{url.scheme}://{url.netloc}{path}"


def _split(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        if _is_clean(value) and url.port != 0:
            return url
    except ValueError:
        pass  # An impossible port or a broken IPv6 address is told as any other bad URL.
    raise ValueError("must be a URL like https://host/v1")


def listen(value: str) -> str:
    """An address to listen at: `HOST:PORT`, an IPv6 host in brackets; port 0 is any free one."""
    host, _, port = value.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    if is_bracketed:
        _ip(host)
    is_host = is_bracketed or (host and ":" not in host and _is_clean(host))
    if not is_host or not (port.isascii() and port.isdigit()) or int(port) > _HIGHEST_PORT:
        raise ValueError("must be HOST:PORT, like 127.0.0.1:9464 or [::1]:9464")
    return value


def address(value: str) -> str:
    """An address to connect to: `HOST:PORT`, an IPv6 host in brackets."""
    try:
        is_reachable = listen(value).rpartition(":")[2].strip("0") != ""
    except ValueError:
        is_reachable = False
    if not is_reachable or not _HOST.fullmatch(value.rpartition(":")[0]):
        raise ValueError("must be HOST:PORT, like 1.1.1.1:443 or [2606:4700::1111]:443")
    return value


def _ip(bracketed: str) -> None:
    try:
        ipaddress.IPv6Address(bracketed[1:-1])
    except ValueError:
        raise ValueError("must be HOST:PORT, like 127.0.0.1:9464 or [::1]:9464") from None


def is_loopback(host: str) -> bool:
    """Say whether *host* is this machine and nothing else.

    >>> is_loopback("[::1]"), is_loopback("0.0.0.0")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def open_listen(address: str, *, has_token: bool) -> str | None:
    """Say what is wrong with listening at *address*; None if nothing is."""
    if has_token or is_loopback(address.rpartition(":")[0]):
        return None
    return "an address that others can reach needs a token"


def delays(value: list[float]) -> list[float]:
    """The delays of confirm runs, which are extra runs: few."""
    if len(value) > _MOST_DELAYS:
        raise ValueError(f"must be at most {_MOST_DELAYS} delays")
    return value


def ramp(value: list[float]) -> list[float]:
    """The weights of a target on its way back, in the order of its successes."""
    if not value or value[-1] != 1 or any(after < before for before, after in pairwise(value)):
        raise ValueError("must ascend to 1, like [0.1, 0.5, 1]")
    return value


def _is_clean(value: str) -> bool:
    return value.isprintable() and not any(character.isspace() for character in value)
