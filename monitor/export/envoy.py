"""Envoy's endpoints as a file: an EDS answer that Envoy watches, replaced by a rename.

A group is a cluster's `service_name`. Envoy wants addresses that are no names, so a target needs
one: that of its base URL if that is a number, or one that the configuration gives, such as that of
a local listener in front of the provider.

It fails open: once the probing loop stands still, or the monitor stops in order, all endpoints are
of unknown health and the same weight. Only when the monitor is killed Envoy keeps the last file.

A weight of 0 does not exist there: who gets nothing is `UNHEALTHY`. If a whole group is, Envoy's
own panic routing takes over, and it never is, because a group's weights are never all 0.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.model.address import numeric_address
from monitor.model.health import State
from monitor.model.routing import Candidate, GroupRouting, Routing

_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
_SCALE = 100
_FILE_MODE = 0o644

_Address = tuple[str, int]
_Member = tuple[Candidate, _Address]


def endpoints(
    routing: Routing, addresses: Mapping[str, _Address], *, is_open: bool = False
) -> dict[str, Any]:
    """Write the EDS answer (a DiscoveryResponse).

    Args:
        routing: The weights.
        addresses: Where targets are, by key; those of other targets are taken from their URLs,
            and who has none is left out.
        is_open: Leave the weights out, because they may be true no more.
    """
    found = {each.group: _members(each, addresses) for each in routing.groups}
    return {
        "version_info": _version(routing, is_open=is_open),
        "resources": [
            _assignment(group, members, is_open=is_open)
            for group, members in found.items()
            if members
        ],
    }


def _version(routing: Routing, *, is_open: bool) -> str:
    return f"{routing.seq}-open" if is_open else str(routing.seq)


def _members(group: GroupRouting, addresses: Mapping[str, _Address]) -> list[_Member]:
    """List who has an address, in an order that weights do not change."""
    found = (
        (one, addresses.get(one.view.target.key) or numeric_address(one.view.target.base_url))
        for one in sorted(group.candidates, key=lambda one: one.view.target.key)
    )
    return [(one, where) for one, where in found if where]


def _assignment(group: str, members: Sequence[_Member], *, is_open: bool) -> dict[str, Any]:
    # Those that are left may be those that get nothing; a group without anybody helps nobody.
    is_open = is_open or all(one.weight <= 0 for one, _ in members)
    return {
        "@type": _TYPE,
        "cluster_name": group,
        "endpoints": [
            {"lb_endpoints": [_endpoint(*each, is_open=is_open) for each in members]},
        ],
    }


def _endpoint(candidate: Candidate, address: _Address, *, is_open: bool) -> dict[str, Any]:
    host, port = address
    where = {"socket_address": {"address": host, "port_value": port}}
    return {
        "endpoint": {"address": where, "hostname": candidate.view.target.host},
        "health_status": "UNKNOWN" if is_open else _status(candidate),
        "load_balancing_weight": _SCALE if is_open else max(round(candidate.weight * _SCALE), 1),
    }


def _status(candidate: Candidate) -> str:
    if candidate.weight <= 0:
        return "UNHEALTHY"
    # DEGRADED would get traffic only once too few are healthy: the weight says it better.
    return "UNKNOWN" if candidate.state is State.UNKNOWN else "HEALTHY"


class EndpointsFile:
    """Keeps a file in step with the weights.

    Args:
        path: Of the file; its folder is what Envoy watches.
        addresses: As for `endpoints`.
    """

    def __init__(self, path: Path, addresses: Mapping[str, _Address]) -> None:
        self._path, self._addresses = path, addresses
        self._written: str | None = None

    def write(self, routing: Routing, *, is_open: bool = False) -> None:
        """Write the file anew if it would change or is gone; *is_open* as for `endpoints`.

        Raises:
            OSError: It cannot be written; the last one stays.
        """
        version = _version(routing, is_open=is_open)
        if version == self._written and self._path.exists():
            return
        told = endpoints(routing, self._addresses, is_open=is_open)
        _replace(self._path, json.dumps(told, indent=1))
        self._written = version


def _replace(path: Path, text: str) -> None:
    """Put a whole file in the place of another, so that nobody ever reads half of one."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w") as file:
            file.write(text)
        Path(name).chmod(_FILE_MODE)
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
