"""The grammar's levels into probes: what is not said near a target comes from further out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from monitor.config import checks
from monitor.config.budget import budget, budget_warnings
from monitor.config.connection import connection
from monitor.config.deployments import deployment_findings
from monitor.config.discovering import discovery, discovery_findings, signature_findings
from monitor.config.errors import Finding, Place, show
from monitor.config.maintenance import maintenance_warnings
from monitor.config.orders import orders
from monitor.config.presets import PRESETS
from monitor.config.retention import retention_findings
from monitor.config.routers import router_findings, router_warnings
from monitor.config.schema import Document, Limits, ProviderBody
from monitor.config.settings import Discovery
from monitor.config.subject import Subject, subjects
from monitor.config.surfaces import tls_findings
from monitor.model.target import Probe, Secret
from monitor.probes.budget import Budget
from monitor.scheduling.limits import Bounds


@dataclass(slots=True)
class Resolution:
    """What a document comes to.

    Attributes:
        probes: Those of each target together, in the order of the file.
        discoveries: What becomes more probes at run time.
        budget: What all that may cost.
        limits: How much of it may be under way at once.
        secrets: Keys that were taken from the presets' variables.
        findings: What makes it unusable.
        warnings: What is unwise.
    """

    probes: list[Probe] = field(default_factory=list)
    discoveries: list[Discovery] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    limits: Bounds = field(default_factory=Bounds)
    secrets: list[Secret] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def resolve(document: Document, environ: Mapping[str, str]) -> Resolution:
    """Work out the probes of *document*; the presets' API keys come from *environ*."""
    resolution = Resolution(budget=budget(document), limits=_limits(document))
    wrong = checks.open_listen(document.listen, has_token=document.token is not None)
    if wrong:
        resolution.findings.append(Finding(("listen",), wrong, "set token"))
    if document.public and document.token is None:
        wrong = "needs a token, for those who may see everything"
        resolution.findings.append(Finding(("public",), wrong, "set token"))
    resolution.findings.extend(retention_findings(document))
    resolution.findings.extend(tls_findings(document.tls))
    places: dict[str, Place] = {}
    known: list[Subject] = []
    for name, given in document.providers.items():
        body = given or ProviderBody()
        found = list(subjects(document, name, body))
        resolution.findings.extend(signature_findings(name, body))
        if not found:
            resolution.findings.append(_no_models(name, body))
        for subject in found:
            _add(subject, environ, resolution)
            _note_key(subject, places, resolution)
        known += found
    resolution.findings.extend(deployment_findings(known))
    resolution.findings.extend(_unused_groups(document, {each.group for each in known}))
    resolution.findings.extend(router_findings(document, resolution.probes, resolution.discoveries))
    resolution.warnings.extend(router_warnings(document, resolution.probes))
    worked_on = (probe.target for probe in resolution.probes)
    if not resolution.discoveries:
        work = maintenance_warnings(document.maintenance or (), worked_on)
        resolution.warnings.extend(work)
    resolution.warnings.extend(budget_warnings(resolution.budget, resolution.probes))
    return resolution


def _unused_groups(document: Document, used: Iterable[str]) -> Iterator[Finding]:
    """Tell groups that no target is in: what is said of them would hold for nothing."""
    for name in document.groups or {}:
        if name not in used:
            hint = checks.suggestion(name, used)
            yield Finding(("groups", name), "no target is in this group", hint)


def _limits(document: Document) -> Bounds:
    limits = document.limits or Limits()
    return Bounds(
        overall=limits.concurrency,
        per_provider=limits.per_provider,
        per_host=limits.per_host,
        providers={
            name: body.concurrency
            for name, body in document.providers.items()
            if body is not None and body.concurrency is not None
        },
    )


#: So alike must a name be to one of a preset that it is taken for a slip of the hand.
_ALIKE = 0.85


def _no_models(provider: str, body: ProviderBody) -> Finding:
    meant = get_close_matches((body.preset or provider).lower(), PRESETS, n=1, cutoff=_ALIKE)
    if meant and (body.preset or provider) not in PRESETS:
        hint = f"did you mean {meant[0]}?"
        return Finding(("providers", provider), "is no preset, and names no models", hint)
    return Finding(("providers", provider, "models"), "is required", "it has no default model")


def _add(subject: Subject, environ: Mapping[str, str], into: Resolution) -> None:
    reached = connection(subject, environ)
    ordered = orders(subject, reached)
    into.findings.extend((*reached.findings, *ordered.findings, *discovery_findings(subject)))
    into.warnings.extend((*reached.warnings, *ordered.warnings))
    into.secrets.extend(reached.secrets)
    if subject.body.discover is None:
        into.probes.extend(ordered.probes)
    else:
        into.discoveries.append(discovery(subject, ordered))


def _note_key(subject: Subject, places: dict[str, Place], into: Resolution) -> None:
    """Keep the place of the target's key, or tell that another target has the key."""
    taken = places.setdefault(subject.key, subject.place)
    if taken != subject.place:
        message = f"its key {subject.key} is that of {show(taken)} already"
        into.findings.append(Finding(subject.place, message))
