"""Settings of health that the command line tries out, held to the rules of the file."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from monitor.config import checks, wording
from monitor.config.errors import ConfigError, Problem
from monitor.config.health import Health
from monitor.config.policy import said

_SOURCE = "command line"
_LISTS = ("confirm_seconds", "ramp")


def changes(assignments: Iterable[str]) -> Mapping[str, Any]:
    """Read assignments like `failures=2` and `confirm_seconds=5,10`.

    An empty value of a list is the empty list.

    Raises:
        ConfigError: One of them names no setting, or gives it a value that the file may not.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for each in assignments:
        name, is_given, text = (part.strip() for part in each.partition("="))
        if not is_given:
            problems.append(Problem("--set", None, "must be NAME=VALUE, like failures=2"))
        elif name not in Health.model_fields:
            hint = checks.suggestion(name, Health.model_fields)
            problems.append(Problem("--set", None, "names no setting of health", hint))
        else:
            values[name] = _value(name, text)
    checked, wrong = _check(values)
    problems += wrong
    if problems:
        raise ConfigError(_SOURCE, problems)
    return said(checked)


def _value(name: str, text: str) -> Any:
    if name not in _LISTS:
        return text
    return [part.strip() for part in text.split(",")] if text else []


def _check(values: Mapping[str, Any]) -> tuple[Health | None, list[Problem]]:
    try:
        return Health.model_validate(values), []
    except ValidationError as error:
        found = wording.findings(error)
        return None, [Problem(f"--set {each.place[0]}", None, each.message) for each in found]
