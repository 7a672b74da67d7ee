"""The standing orders of one target: a probe of each kind that is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.config.asking import request_settings, throughput_request
from monitor.config.connection import Connection
from monitor.config.errors import Finding
from monitor.config.levels import Listing, Throughput
from monitor.config.policy import policy
from monitor.config.subject import Subject
from monitor.config.timing import timing
from monitor.model.target import Kind, Prices, Probe, RequestSettings, Target
from monitor.probes.dialects import DIALECTS
from monitor.probes.extras import MissingExtraError

#: The key that asks for each kind beside `completion`.
_SWITCHES = {Kind.THROUGHPUT: "throughput", Kind.MODELS: "listing"}


@dataclass(frozen=True, slots=True)
class Orders:
    """The probes of one target, and what is wrong with them."""

    probes: tuple[Probe, ...]
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def orders(subject: Subject, reached: Connection) -> Orders:
    """Work out the probes of *subject*, `completion` first."""
    target = _target(subject, reached)
    request = request_settings(subject)
    probes: list[Probe] = []
    findings: list[Finding] = []
    interval_seconds = timing(subject.chain, is_reasoning=subject.is_reasoning).interval_seconds
    minded = policy(subject, interval_seconds)
    findings.extend(minded.findings)
    for kind in (Kind.COMPLETION, *(kind for kind in _SWITCHES if _is_on(subject, kind))):
        times = timing(subject.chain, is_reasoning=subject.is_reasoning, kind=kind)
        findings.extend(times.findings)
        probes.append(
            Probe(
                target=target,
                kind=kind,
                interval_seconds=times.interval_seconds,
                jitter_seconds=times.jitter_seconds,
                deadlines=times.deadlines,
                request=_request(subject, kind, request),
                keeps_connection=_is_warm(subject, kind),
                policy=minded.policy,
            )
        )
    findings.extend(_unspeakable(subject, probes[0]))
    return Orders(tuple(probes), tuple(findings), tuple(_warnings(subject, reached)))


def _unspeakable(subject: Subject, probe: Probe) -> Iterator[Finding]:
    """Tell that a request cannot be written, because its dialect needs what is not installed."""
    try:
        DIALECTS[probe.target.dialect].build(probe, "")
    except MissingExtraError as error:
        name = probe.target.dialect
        yield Finding(("providers", subject.provider), f"the dialect {name} needs more", str(error))


def _is_on(subject: Subject, kind: Kind) -> bool:
    """Say whether the innermost level that speaks of *kind* wants it; a mapping alone does."""
    found = subject.chain.find(_SWITCHES[kind])
    body = found.value if found else None
    return isinstance(body, Throughput | Listing) and body.enabled is not False


def _is_warm(subject: Subject, kind: Kind) -> bool:
    """Say whether a probe of *kind* keeps its connection: its own word, else that of all."""
    own = subject.chain.text(_SWITCHES[kind], "connection") if kind in _SWITCHES else None
    found = own or subject.chain.text("connection")
    return found is not None and found.value == "warm"


def _request(subject: Subject, kind: Kind, request: RequestSettings) -> RequestSettings:
    return throughput_request(subject, request) if kind is Kind.THROUGHPUT else request


def _target(subject: Subject, reached: Connection) -> Target:
    region = subject.chain.text("region")
    return Target(
        key=subject.key,
        provider=subject.provider,
        model=subject.model,
        group=subject.group,
        dialect=reached.dialect,
        base_url=reached.base_url,
        headers=reached.headers,
        query=reached.query,
        streams=reached.streams,
        signing=reached.signing,
        region=region.value if region else None,
        prices=subject.prices or _preset_prices(subject, reached),
        context_tokens=subject.context_tokens,
        longest_output_tokens=subject.longest_output_tokens,
        deployment=subject.deployment,
    )


def _preset_prices(subject: Subject, reached: Connection) -> Prices | None:
    """Give the preset's prices, which hold for its own base URL only."""
    if subject.preset is None or not reached.is_preset:
        return None
    return subject.preset.prices_of(subject.model)


def _warnings(subject: Subject, reached: Connection) -> Iterator[Finding]:
    found = subject.chain.find("throughput")
    if found and not reached.streams and _is_on(subject, Kind.THROUGHPUT):
        yield Finding(found.place, "no speed can be measured on answers that are not streamed")
