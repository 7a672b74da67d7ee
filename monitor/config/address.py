"""The base URL of a target: its own, or its preset's with the open places filled."""

from dataclasses import dataclass

from monitor.config import checks
from monitor.config.chain import Setting
from monitor.config.errors import Finding
from monitor.config.presets import PRESETS
from monitor.config.subject import Subject

#: How much a provider's name must be like a preset's to be taken for a slip of the pen.
_ALIKE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where requests go.

    Attributes:
        base_url: Where the dialect's paths begin; empty if that is among the findings.
        is_preset: It is the preset's own, so that the preset's key and prices hold there.
        setting: Where it was written, if it was.
        findings: Why there is none.
    """

    base_url: str
    is_preset: bool = False
    setting: Setting[str] | None = None
    findings: tuple[Finding, ...] = ()


def address(subject: Subject) -> Address:
    """Work out where *subject* is reached."""
    found, preset = subject.chain.text("base_url"), subject.preset
    if found:
        is_preset = preset is not None and preset.owns(found.value)
        return Address(base_url=found.value, is_preset=is_preset, setting=found)
    if preset is None:
        return Address(base_url="", findings=(_no_base_url(subject),))
    filling = {name: subject.chain.text(name) for name in preset.places}
    findings = tuple(
        finding
        for name, setting in filling.items()
        if (finding := _unfit(subject, name, setting, preset.base_url))
    )
    if findings:
        return Address(base_url="", findings=findings)
    values = {name: setting.value for name, setting in filling.items() if setting}
    return Address(base_url=preset.url(**values), is_preset=True)


def _unfit(subject: Subject, name: str, setting: Setting[str] | None, form: str) -> Finding | None:
    """Say why the place *name* of the base URL cannot be filled."""
    if setting is None:
        hint = f"it is a part of the base URL {form}; or write base_url"
        return Finding(("providers", subject.provider, name), "is required", hint)
    try:
        checks.filling(setting.value)
    except ValueError as error:
        return Finding(setting.place, str(error))
    return None


def _no_base_url(subject: Subject) -> Finding:
    guess = checks.suggestion(subject.provider, PRESETS, cutoff=_ALIKE)
    hint = f"no preset has the provider's name; {guess}" if guess else None
    return Finding(("providers", subject.provider, "base_url"), "is required", hint)
