"""The routers of a configuration: what they are told where, and what does not fit in that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

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
#: Of the file that is named by a group: what a folder takes, less the ending.
_LONGEST_FILE_NAME = 255 - len(".json")


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
    if document.routing and document.routing.envoy:
        targets = [probe.target for probe in probes]
        targets += [each.template.target for each in discoveries]
        yield from _nameless_files({target.group for target in targets})


def _nameless_files(groups: Iterable[str]) -> Iterator[Finding]:
    for group in sorted(groups):
        if len(quote(group, safe="")) > _LONGEST_FILE_NAME:
            message = f"the group {group} has too long a name for a file"
            yield Finding(_ENVOY, message, "give its targets another group")


def router_warnings(document: Document, probes: Iterable[Probe]) -> Iterator[Finding]:
    """Tell whom Envoy never hears of beside others of its group, and whom it cannot tell apart."""
    if document.routing is None or document.routing.envoy is None:
        return
    targets = {probe.target.key: probe.target for probe in probes}
    given = {key: _split(where) for key, where in _given(document).items()}
    found = {key: given.get(key) or numeric_address(targets[key].base_url) for key in targets}
    known = {key: where for key, where in found.items() if where}
    if targets and not known:
        yield Finding(_ENVOY, "no target has an address", "write addresses")
    groups: dict[str, list[Target]] = defaultdict(list)
    for target in targets.values():
        groups[target.group].append(target)
    for members in groups.values():
        keys = {target.key for target in members}
        for key in sorted(keys - known.keys() if keys & known.keys() else ()):
            message = f"{key} has no address, so Envoy gives it nothing"
            yield Finding(_ENVOY, message, "write one under addresses")
        yield from _shared({key: where for key, where in known.items() if key in keys})


def _shared(addresses: Mapping[str, tuple[str, int]]) -> Iterator[Finding]:
    """Tell which targets of a group Envoy cannot tell apart."""
    there: dict[tuple[str, int], list[str]] = defaultdict(list)
    for key, where in sorted(addresses.items()):
        there[where].append(key)
    for (host, port), keys in there.items():
        if len(keys) > 1:
            message = (
                f"{' and '.join(keys)} have one address, {host}:{port}; Envoy takes them for one"
            )
            yield Finding(_ENVOY, message, "give each a listener of its own, under addresses")


def _given(document: Document) -> dict[str, str]:
    envoy = document.routing.envoy if document.routing else None
    return (envoy.addresses or {}) if envoy else {}


def _split(where: str) -> tuple[str, int]:
    host, _, port = where.rpartition(":")
    return host.strip("[]"), int(port)
