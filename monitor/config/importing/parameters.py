"""What an entry says, each value read once; no secret leaves it but as the name of a variable."""

import re
from collections.abc import Mapping

from monitor.config.errors import Finding, Place

_ENVIRON = "os.environ/"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Unusable(Exception):  # noqa: N818 - names what the entry is
    """An entry cannot be taken over.

    Attributes:
        finding: Why, without the place; its message holds no value.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.finding = Finding((), message, hint)
        super().__init__(message)


class Variables:
    """The environment variables that stand for what is written out, a name for each value.

    Args:
        text: Where other variables are named, whose names are taken.
    """

    def __init__(self, text: str) -> None:
        self._taken = set(re.findall(rf"{_ENVIRON}(\w+)", text))
        self._names: dict[str, str] = {}
        self._findings: dict[str, Finding] = {}

    def name(self, value: str, wanted: str, place: Place) -> str:
        """Give the name of the variable that *value* is to be in; tell of a new one."""
        if value in self._names:
            return self._names[value]
        stem = "LITELLM_" + re.sub(r"[^A-Z0-9]+", "_", wanted.upper())
        name = unique(stem, self._taken, "_")
        self._taken.add(name)
        self._names[value] = name
        message = f"is written out; set the environment variable {name} to it"
        self._findings[name] = Finding(place, message)
        return name

    def findings(self, text: str) -> list[Finding]:
        """Tell what to set of the variables that *text* asks for."""
        return [each for name, each in self._findings.items() if f"${{{name}}}" in text]


class Parameters:
    """What an entry says of one thing.

    Args:
        given: By name.
        place: Where that stands.
        variables: Collects what is written out.
    """

    def __init__(self, given: Mapping[str, object], place: Place, variables: Variables) -> None:
        self._given = {name: value for name, value in given.items() if value is not None}
        self._variables = variables
        self.place = place
        self.left = dict.fromkeys(self._given)

    def take(self, name: str) -> object:
        """Give a value as it stands there; None if there is none."""
        self.left.pop(name, None)
        return self._given.get(name)

    def text(self, name: str) -> str | None:
        """Give a value as our configuration writes it, references translated.

        Raises:
            Unusable: It is neither text nor a number.
        """
        value = self.take(name)
        return None if value in (None, "") else written(name, value)

    def secret(self, name: str, wanted: str) -> str | None:
        """Give a reference to a value, which becomes a variable if it is written out.

        Raises:
            Unusable: It is neither text nor a number.
        """
        value = self.take(name)
        if value in (None, ""):
            return None
        if written(name, value).startswith("${"):
            return written(name, value)
        return f"${{{self._variables.name(str(value), wanted, (*self.place, name))}}}"

    def within(self, name: str, given: Mapping[str, object]) -> "Parameters":
        """Give what the mapping *given* says, which stands under *name*."""
        return Parameters(given, (*self.place, name), self._variables)

    def has(self, *names: str) -> bool:
        """Say whether any of *names* is there."""
        return any(name in self._given for name in names)


def written(name: str, value: object) -> str:
    """Write *value*, which stands under *name*, as our configuration does.

    Raises:
        Unusable: It is neither text nor a number, or a broken reference.

    >>> written("api_base", "os.environ/BASE"), written("id", "a$b")
    ('${BASE}', 'a$$b')
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unusable(f"its {name} is no text")
    text = str(value)
    if not text.startswith(_ENVIRON):
        return text.replace("$", "$$")
    variable = text.removeprefix(_ENVIRON)
    if not _NAME.fullmatch(variable):
        raise Unusable(f"its {name} is no reference like {_ENVIRON}NAME")
    return f"${{{variable}}}"


def unique(stem: str, taken: set[str], joint: str = "-") -> str:
    """Give *stem*, or with a number what is not *taken*.

    >>> unique("a", {"a", "a-2"})
    'a-3'
    """
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}{joint}{number}"
    return name
