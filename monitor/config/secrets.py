"""`${NAME}` and `file:` in the values, resolved before anything else looks at them.

Nothing here ever puts a value into a message: what is wrong is told by place and by the name of
the variable, because a value may be the secret itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from monitor.config import checks
from monitor.config.errors import Finding, Place
from monitor.model.target import Secret

_REFERENCE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")
_FILE = "file:"
_LARGEST_FILE = 65_536
_SECRET_KEYS = frozenset({"api_key", "secret_access_key", "session_token", "token"})
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|session", re.IGNORECASE)
#: A shorter part of a value is no secret by itself: masked everywhere, it would blot out words.
_SHORTEST = 8
#: Parameters of a database's URL that hold a password.
_PASSWORDS = ("password", "sslpassword")
#: What stands in for a value that could not be resolved, so that the rest can be checked.
_UNRESOLVED = "unresolved"


class _Unresolved(Exception):  # noqa: N818 - never leaves this file
    """A reference leads nowhere; the message says which."""


@dataclass(slots=True)
class Expansion:
    """A configuration with its references resolved.

    Attributes:
        value: The same structure, with the values in place.
        secrets: The secrets among them.
        literals: Places where an API key or a token is written out in the file.
        files: Files that hold secrets, be they there or not.
        findings: References that lead nowhere.
    """

    value: object = None
    secrets: list[Secret] = field(default_factory=list)
    literals: list[Place] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where references lead: the environment, and the directory that relative paths start at."""

    environ: Mapping[str, str]
    directory: Path = field(default_factory=Path)


def expand(value: object, sources: Sources) -> Expansion:
    """Resolve every reference in *value*."""
    expansion = Expansion()
    expansion.value = _walk(value, (), sources, expansion)
    return expansion


def _walk(value: object, place: Place, sources: Sources, into: Expansion) -> object:
    if isinstance(value, dict):
        return {key: _walk(inner, (*place, key), sources, into) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, (*place, i), sources, into) for i, inner in enumerate(value)]
    if isinstance(value, str):
        return _resolve(value, place, sources, into)
    return value


def _resolve(text: str, place: Place, sources: Sources, into: Expansion) -> str:
    is_header = len(place) > 1 and place[-2] == "headers"
    is_secret = is_header or (place and place[-1] in _SECRET_KEYS)
    given: dict[str, str] = {}
    try:
        resolved = _REFERENCE.sub(lambda match: _variable(match, sources.environ, given), text)
        if is_secret and resolved.startswith(_FILE):
            file = sources.directory / resolved.removeprefix(_FILE)
            into.files.append(file)
            resolved = _read(file)
    except _Unresolved as error:
        into.findings.append(Finding(place, str(error)))
        return _UNRESOLVED
    told = {name: value for name, value in given.items() if len(value) >= _SHORTEST}
    if is_secret:
        is_literal = resolved == text.replace("$$", "$")
        _keep((resolved, *told.values()), place, into, is_literal=is_literal)
    else:
        named = (value for name, value in told.items() if checks.is_credential(name))
        into.secrets.extend(Secret(value) for value in named)
    return resolved


def _keep(parts: tuple[str, ...], place: Place, into: Expansion, *, is_literal: bool) -> None:
    """Note a secret; a literal header is one only if its name says so (`X-Title` is none)."""
    if place[-1] in _SECRET_KEYS:
        if is_literal:
            into.literals.append(place)
    elif is_literal and not _SECRET_HEADER.search(str(place[-1])):
        return
    # Of `Bearer KEY`, what must not show up is the key, with or without the word before it.
    whole, *given = parts
    into.secrets.extend(
        Secret(part) for part in dict.fromkeys((whole, *whole.split()[-1:], *given)) if part
    )


def _variable(match: re.Match[str], environ: Mapping[str, str], given: dict[str, str]) -> str:
    dollar, name, default, broken = match.groups()
    if dollar:
        return "$"
    if broken:
        raise _Unresolved("is not a reference like ${NAME}; write $$ for a dollar sign")
    value = environ.get(name) or default
    if value is None:
        state = "is empty" if name in environ else "is not set"
        raise _Unresolved(f"the environment variable {name} {state}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _Unresolved(f"the environment variable {name} is not valid UTF-8")
    given[name] = value
    return value


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        text = content.decode()
    except OSError as error:
        raise _Unresolved(f"the secret file cannot be read: {error.strerror}") from None
    except ValueError:
        raise _Unresolved("the secret file cannot be read: not a path, or not UTF-8") from None
    if len(content) > _LARGEST_FILE:
        raise _Unresolved("the secret file is larger than 64 KiB")
    if not (secret := text.rstrip("\r\n")):
        raise _Unresolved("the secret file is empty")
    return secret


def database_passwords(url: str) -> tuple[Secret, ...]:
    """Give the passwords in a database's URL, as they stand there and as they are meant."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ()
    pairs = (pair.partition("=") for pair in parts.query.split("&"))
    written = (parts.password, *(value for name, _, value in pairs if name in _PASSWORDS))
    found = (form for value in written if value for form in (value, unquote(value)))
    return tuple(Secret(form) for form in dict.fromkeys(found))
