"""The grammar's levels into probes: what is not said near a target comes from further out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.config import checks
from monitor.config.asking import request_settings
from monitor.config.connection import Connection, connection
from monitor.config.errors import Finding, Place, show
from monitor.config.schema import Document, ProviderBody
from monitor.config.subject import Subject, subjects
from monitor.config.timing import Timing, timing
from monitor.model.target import Probe, Secret, Target


@dataclass(slots=True)
class Resolution:
    """What a document comes to.

    Attributes:
        probes: One a target, in the order of the file.
        secrets: Keys that were taken from the presets' variables.
        findings: What makes it unusable.
        warnings: What is unwise.
    """

    probes: list[Probe] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def resolve(document: Document, environ: Mapping[str, str]) -> Resolution:
    """Work out the probes of *document*; the presets' API keys come from *environ*."""
    resolution = Resolution()
    wrong = checks.open_listen(document.listen, has_token=document.token is not None)
    if wrong:
        resolution.findings.append(Finding(("listen",), wrong, "set token"))
    places: dict[str, Place] = {}
    for name, given in document.providers.items():
        found = list(subjects(document, name, given or ProviderBody()))
        if not found:
            resolution.findings.append(_no_models(name))
        for subject in found:
            _add(subject, environ, resolution)
            _note_key(subject, places, resolution)
    return resolution


def _no_models(provider: str) -> Finding:
    return Finding(("providers", provider, "models"), "is required", "it has no default model")


def _add(subject: Subject, environ: Mapping[str, str], into: Resolution) -> None:
    reached = connection(subject, environ)
    times = timing(subject.chain, is_reasoning=subject.is_reasoning)
    into.findings.extend((*reached.findings, *times.findings))
    into.warnings.extend(reached.warnings)
    into.secrets.extend(reached.secrets)
    into.probes.append(_probe(subject, reached, times))


def _probe(subject: Subject, reached: Connection, times: Timing) -> Probe:
    region = subject.chain.text("region")
    target = Target(
        key=subject.key,
        provider=subject.provider,
        model=subject.model,
        group=subject.group,
        dialect=reached.dialect,
        base_url=reached.base_url,
        headers=reached.headers,
        region=region.value if region else None,
        prices=subject.prices,
    )
    return Probe(
        target=target,
        interval_seconds=times.interval_seconds,
        jitter_seconds=times.jitter_seconds,
        deadlines=times.deadlines,
        request=request_settings(subject),
    )


def _note_key(subject: Subject, places: dict[str, Place], into: Resolution) -> None:
    """Keep the place of the target's key, or tell that another target has the key."""
    taken = places.setdefault(subject.key, subject.place)
    if taken != subject.place:
        message = f"its key {subject.key} is that of {show(taken)} already"
        into.findings.append(Finding(subject.place, message))
