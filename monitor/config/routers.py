"""The routers of a configuration: what they are told where, and what does not fit in that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from monitor.config import checks
from monitor.config.errors import Finding
from monitor.config.routing import Routing
from monitor.config.schema import Document
from monitor.config.settings import Discovery, RouterSettings
from monitor.model.address import is_number, numeric_address
from monitor.model.target import Probe, Target

_AGENT = ("routing", "haproxy_agent")
_ENVOY = ("routing", "envoy")
_ADDRESSES = (*_ENVOY, "addresses")


def routers(document: Document) -> RouterSettings:
    """Give what *document* says of routers."""
    said = document.routing or Routing()
    if said.envoy is None:
        return RouterSettings(haproxy_agent=said.haproxy_agent)
    return RouterSettings(
        haproxy_agent=said.haproxy_agent,
        envoy_folder=said.envoy.folder,
        envoy_addresses={key: _split(where) for key, where in _given(document).items()},
    )


def router_findings(
    document: Document, probes: Sequence[Probe], discoveries: Sequence[Discovery]
) -> Iterator[Finding]:
    """Tell what cannot be: an agent that anybody may ask, addresses of nobody and of names."""
    agent = document.routing.haproxy_agent if document.routing else None
    wrong = checks.open_listen(agent, has_token=document.token is not None) if agent else None
    if wrong:
        yield Finding(_AGENT, wrong, "set token")
    if agent == document.listen and not agent.endswith(":0"):
        yield Finding(_AGENT, "is the address of listen already")
    keys = {probe.target.key for probe in probes}
    prefixes = tuple(f"{each.template.target.key}@" for each in discoveries)
    for key, where in _given(document).items():
        if key not in keys and not key.startswith(prefixes):
            hint = checks.suggestion(key, keys)
            yield Finding((*_ADDRESSES, key), "no target has this key", hint)
        if not is_number(_split(where)[0]):
            hint = "Envoy takes no names here; name a listener of its own in front of the provider"
            yield Finding((*_ADDRESSES, key), "must be IP:PORT, like 127.0.0.1:10001", hint)


def router_warnings(document: Document, probes: Iterable[Probe]) -> Iterator[Finding]:
    """Tell whom Envoy never hears of, beside others of the group of whom it does."""
    if document.routing is None or document.routing.envoy is None:
        return
    targets = {probe.target.key: probe.target for probe in probes}
    given = _given(document)
    known = {key for key in targets if key in given or numeric_address(targets[key].base_url)}
    if targets and not known:
        yield Finding(_ENVOY, "no target has an address", "write addresses")
    groups: dict[str, list[Target]] = defaultdict(list)
    for target in targets.values():
        groups[target.group].append(target)
    for members in groups.values():
        keys = {target.key for target in members}
        for key in sorted(keys - known if keys & known else ()):
            message = f"{key} has no address, so Envoy gives it nothing"
            yield Finding(_ENVOY, message, "write one under addresses")


def _given(document: Document) -> dict[str, str]:
    envoy = document.routing.envoy if document.routing else None
    return (envoy.addresses or {}) if envoy else {}


def _split(where: str) -> tuple[str, int]:
    host, _, port = where.rpartition(":")
    return host.strip("[]"), int(port)
