"""The settings of a target's health, from what was set and what was not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import Any

from monitor.config.chain import MODEL, PROVIDER, Setting
from monitor.config.errors import Finding, Place, show
from monitor.config.health import Health
from monitor.config.subject import Subject
from monitor.health.confirm import SPREAD
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy

_Found = Mapping[str, Setting[Any]]


@dataclass(frozen=True, slots=True)
class Policy:
    """How quickly minds change about a target, and what does not fit in that."""

    policy: HealthPolicy
    findings: tuple[Finding, ...] = ()


def policy(subject: Subject, interval_seconds: float) -> Policy:
    """Work out the policy of *subject*, whose completion probe has this interval.

    What a group says is nearer to a target than what its provider says, and further than what is
    said of its model. Confirm runs that are not set are as many of the usual ones as the interval
    has room for.
    """
    found = _found(subject)
    made = with_changes(DEFAULT_POLICY, {name: each.value for name, each in found.items()})
    if "confirm_seconds" not in found:
        made = replace(made, confirm_seconds=_fitting(made.confirm_seconds, interval_seconds))
    findings = (_too_long(subject, found, interval_seconds), _contradiction(found))
    return Policy(made, tuple(each for each in findings if each))


def with_changes(policy: HealthPolicy, changes: Mapping[str, Any]) -> HealthPolicy:
    """Give a policy in which *changes*, that the grammar has checked, take the place of others.

    The longest hold that is not among them is fitted to a first one that is.
    """
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()
    }
    changed = replace(policy, **given)
    if "longest_hold_seconds" in given:
        return changed
    longest = max(changed.longest_hold_seconds, changed.hold_seconds)
    return replace(changed, longest_hold_seconds=longest)


def said(body: Health | None) -> dict[str, Any]:
    """Give what is set in *body*."""
    names = (field.name for field in fields(HealthPolicy))
    values = {name: getattr(body, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _found(subject: Subject) -> _Found:
    return {
        name: Setting(value, (*place, "health", name), depth)
        for place, depth, body in _levels(subject)
        for name, value in said(body).items()
    }


def _levels(subject: Subject) -> Iterator[tuple[Place, int, Health | None]]:
    """List who may speak of a target's health, from the outermost on."""
    for depth, (place, level) in enumerate(subject.chain.levels):
        if depth == MODEL:
            yield ("groups", subject.group), PROVIDER, subject.group_health
        yield place, depth, level.health if level else None


def _fitting(delays: tuple[float, ...], interval_seconds: float) -> tuple[float, ...]:
    ends = accumulate(delay * (1 + SPREAD) for delay in delays)
    return tuple(delay for delay, end in zip(delays, ends, strict=True) if end < interval_seconds)


def _too_long(subject: Subject, found: _Found, interval_seconds: float) -> Finding | None:
    setting = found.get("confirm_seconds")
    if setting is None or _fitting(tuple(setting.value), interval_seconds) == tuple(setting.value):
        return None
    interval = subject.chain.number("interval_seconds")
    rule = f"with a fifth added, all must be less than the interval ({interval_seconds:g} s)"
    if interval and interval.depth > setting.depth:
        return Finding(interval.place, f"does not fit {show(setting.place)}: {rule}")
    return Finding(setting.place, rule)


def _contradiction(found: _Found) -> Finding | None:
    first, longest = found.get("hold_seconds"), found.get("longest_hold_seconds")
    least = first.value if first else DEFAULT_POLICY.hold_seconds
    if longest is None or longest.value >= least:
        return None
    rule = f"must be at least hold_seconds ({least:g} s)"
    if first and first.depth > longest.depth:
        return Finding(first.place, f"does not fit {show(longest.place)}: {rule}")
    return Finding(longest.place, rule)
