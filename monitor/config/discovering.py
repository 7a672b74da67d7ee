"""Models that become one target for every endpoint that a gateway lists for them."""

from collections.abc import Iterator

from monitor.config import checks
from monitor.config.errors import Finding
from monitor.config.orders import Orders
from monitor.config.presets import PRESETS
from monitor.config.schema import ProviderBody
from monitor.config.settings import Discovery
from monitor.config.subject import Subject

_INTERVAL = 3600.0


def discovery(subject: Subject, ordered: Orders) -> Discovery:
    """Make the standing order to look who serves the model of *subject*."""
    target = ordered.probes[0].target
    interval = subject.body.discover_interval_seconds
    return Discovery(
        kind=subject.body.discover or "",
        provider=target.provider,
        model=target.model,
        base_url=target.base_url,
        headers=target.headers,
        interval_seconds=_INTERVAL if interval is None else interval,
        templates=ordered.probes,
    )


def discovery_findings(subject: Subject) -> Iterator[Finding]:
    """Tell why the endpoints of *subject* cannot be found."""
    place, body = subject.place[:4], subject.body
    if body.discover is None:
        if body.discover_interval_seconds is not None:
            yield Finding((*place, "discover_interval_seconds"), "is of use with discover only")
        return
    if subject.preset is None or subject.preset.discovery != body.discover:
        known = [name for name, preset in PRESETS.items() if preset.discovery == body.discover]
        yield Finding((*place, "discover"), f"is only for the preset {' or '.join(known)}")
    if body.targets is not None:
        yield Finding((*place, "targets"), "cannot stand beside discover, which makes the targets")
    try:
        checks.group_name(subject.model)
    except ValueError as error:
        yield Finding(place, f"with discover, a model's name {error}")


def signature_findings(name: str, provider: ProviderBody) -> Iterator[Finding]:
    """Tell what says who is asking to a provider that does not take it."""
    own = PRESETS.get(provider.preset or name)
    takes = {setting for setting, _ in own.signature} if own else set()
    for preset in PRESETS.values():
        for setting, _ in preset.signature:
            if getattr(provider, setting) is not None and setting not in takes:
                place = ("providers", name, setting)
                yield Finding(place, f"is only for the preset {preset.name}", "write headers")
