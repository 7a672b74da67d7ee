"""Drafts into the `providers` of our configuration, and how that is written."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from monitor.config.errors import Finding
from monitor.config.importing.entry import Draft
from monitor.config.importing.parameters import unique

#: So much of a name leaves room for a number.
_LONGEST_NAME = 150
#: What our grammar takes for a number, and PyYAML would write without quotes.
_NUMBER = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"


class _Dumper(yaml.SafeDumper):
    """Quotes what would be read as something else than text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML names it
        """Write what two targets have in common twice, so that each can be edited."""
        return True


_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(rf"^(?:{_NUMBER})$"), list("-+.0123456789")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A draft with its identity.

    Attributes:
        draft: What it is made of.
        provider: The provider's name in our configuration.
        name: Its name among several targets of the model; None if it is the only one.
    """

    draft: Draft
    provider: str
    name: str | None = None

    @property
    def key(self) -> str:
        """The target's key."""
        name = f"@{self.name}" if self.name else ""
        return f"{self.provider}/{self.draft.reached.model}{name}"


@dataclass(frozen=True, slots=True)
class Arranged:
    """What drafts come to.

    Attributes:
        providers: As our configuration has them.
        findings: What could not be taken over, and what to do.
    """

    providers: dict[str, Any]
    findings: tuple[Finding, ...]


def write(providers: dict[str, Any]) -> str:
    """Write *providers* as YAML."""
    return yaml.dump(
        {"providers": providers}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def arrange(drafts: Sequence[Draft]) -> Arranged:
    """Find each draft its provider and its name, and write once what targets have in common."""
    placed = _named(_by_model(drafts))
    deployments, findings = _deployments(placed)
    providers: dict[str, Any] = {}
    for name in dict.fromkeys(each.provider for each in placed):
        own = [each for each in placed if each.provider == name]
        providers[name] = _provider(name, own, deployments)
    return Arranged(providers, tuple(findings))


def _by_model(drafts: Iterable[Draft]) -> list[list[Placed]]:
    """Give each draft a provider, and put those of one model together: they share a group."""
    presets: dict[str, str | None] = {}
    models: dict[tuple[str, str], list[Placed]] = {}
    for draft in drafts:
        reached = draft.reached
        name, number = reached.provider, 1
        while not _fits(
            draft, presets.get(name, reached.preset), models.get((name, reached.model))
        ):
            number += 1
            name = f"{reached.provider}-{number}"
        presets[name] = reached.preset
        models.setdefault((name, reached.model), []).append(Placed(draft=draft, provider=name))
    return list(models.values())


def _fits(draft: Draft, preset: str | None, beside: list[Placed] | None) -> bool:
    return draft.reached.preset == preset and (not beside or beside[0].draft.shape == draft.shape)


def _named(models: Iterable[list[Placed]]) -> list[Placed]:
    """Tell targets of one model apart, by what LiteLLM calls them or else by numbers."""
    models = list(models)
    taken = {placed[0].key for placed in models if len(placed) == 1}
    named: list[Placed] = []
    for placed in models:
        for index, each in enumerate(placed, 1):
            # An id that is the key already, as we ask for, keeps it.
            known = (each.draft.deployment or "").removeprefix(f"{each.key}@")
            stem = known if 0 < len(known) <= _LONGEST_NAME else str(index)
            one = each if len(placed) == 1 else _told_apart(each, stem, taken)
            taken.add(one.key)
            named.append(one)
    return named


def _told_apart(placed: Placed, stem: str, taken: set[str]) -> Placed:
    key = unique(replace(placed, name=stem).key, taken)
    return replace(placed, name=key.removeprefix(f"{placed.key}@"))


def _deployments(placed: Iterable[Placed]) -> tuple[dict[str, str], list[Finding]]:
    """Give what LiteLLM calls targets, by their keys; tell of those that it calls nothing."""
    owners = {each.key: each.key for each in placed}
    found: dict[str, str] = {}
    findings: list[Finding] = []
    for each in placed:
        place, name = each.draft.place, each.draft.deployment
        if name is None:
            message = "has no model_info.id, by which LiteLLM's callback would know it"
            findings.append(Finding(place, message, f"write id: {each.key}"))
        elif owners.setdefault(name, each.key) != each.key:
            message = "is the name of another target already, so it is left out"
            findings.append(Finding((*place, "model_info", "id"), message))
        elif name != each.key:
            found[each.key] = name
    return found, findings


def _provider(name: str, placed: Sequence[Placed], deployments: dict[str, str]) -> dict[str, Any]:
    """Write a provider; what all its targets have in common stands with it."""
    first = placed[0].draft.reached
    shared = {
        key: value
        for key, value in first.settings.items()
        if all(each.draft.reached.settings.get(key) == value for each in placed)
    }
    body = {} if first.preset in (None, name) else {"preset": first.preset}
    models: dict[str, Any] = {}
    for each in placed:
        model = models.setdefault(each.draft.reached.model, _model(each.draft))
        own = dict(_target(each, shared, deployments.get(each.key)))
        if each.name is None:
            model.update(own)
        else:
            model.setdefault("targets", []).append(own)
    return body | shared | {"models": models}


def _model(draft: Draft) -> dict[str, Any]:
    group = {"group": draft.group.replace("$", "$$")}
    return group | ({"reasoning": True} if draft.is_reasoning else {})


def _target(
    placed: Placed, shared: dict[str, Any], deployment: str | None
) -> Iterator[tuple[str, Any]]:
    if placed.name is not None:
        yield "name", placed.name.replace("$", "$$")
    if deployment is not None:
        yield "deployment", deployment.replace("$", "$$")
    for key, value in placed.draft.reached.settings.items():
        if key not in shared:
            yield key, value
    if placed.draft.prices:
        yield "prices", placed.draft.prices
