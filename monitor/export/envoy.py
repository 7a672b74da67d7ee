"""Envoy's endpoints as a file: an EDS answer that Envoy watches, replaced by a rename.

A group is a cluster's `service_name`. Envoy wants addresses that are no names, so a target needs
one: that of its base URL if that is a number, or one that the configuration gives, such as that of
a local listener in front of the provider.

It fails open: once the probing loop stands still, or the monitor stops in order, all endpoints are
of unknown health and the same weight. Only when the monitor is killed Envoy keeps the last file.

A weight of 0 does not exist there: who gets
nothing is `UNHEALTHY`. If a whole group is, Envoy's own panic routing takes over, and it never is,
because a group's weights are never all 0.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.model.health import State
from monitor.model.routing import Candidate, GroupRouting, Routing

_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
_PORTS = {"http": 80, "https": 443}
_SCALE = 100
_FILE_MODE = 0o644


def address_of(base_url: str) -> tuple[str, int] | None:
    """Give the address of a base URL, if its host is a number.

    >>> address_of("http://10.0.0.7:8080/v1"), address_of("https://api.example.com/v1")
    (('10.0.0.7', 8080), None)
    """
    parts = urlsplit(base_url)
    try:
        host = str(ip_address(parts.hostname or ""))
    except ValueError:
        return None
    return host, parts.port or _PORTS.get(parts.scheme, 443)


def endpoints(
    routing: Routing, addresses: Mapping[str, tuple[str, int]], *, is_open: bool = False
) -> dict[str, Any]:
    """Write the EDS answer (a DiscoveryResponse).

    Args:
        routing: The weights.
        addresses: Where targets are, by key; those of other targets are taken from their URLs,
            and who has none is left out.
        is_open: Leave the weights out, because they may be true no more.
    """
    return {
        "version_info": f"{routing.seq}-open" if is_open else str(routing.seq),
        "resources": [_assignment(each, addresses, is_open=is_open) for each in routing.groups],
    }


def _assignment(
    group: GroupRouting, addresses: Mapping[str, tuple[str, int]], *, is_open: bool
) -> dict[str, Any]:
    found = (
        (one, addresses.get(one.view.target.key) or address_of(one.view.target.base_url))
        for one in sorted(group.candidates, key=lambda one: one.view.target.key)
    )
    members = [_endpoint(one, where, is_open=is_open) for one, where in found if where]
    return {
        "@type": _TYPE,
        "cluster_name": group.group,
        "endpoints": [{"lb_endpoints": members}],
    }


def _endpoint(candidate: Candidate, address: tuple[str, int], *, is_open: bool) -> dict[str, Any]:
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
        on_error: Told why the file could not be written; the last one stays.
    """

    def __init__(
        self,
        path: Path,
        addresses: Mapping[str, tuple[str, int]],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._path, self._addresses, self._on_error = path, addresses, on_error
        self._written: str | None = None

    def write(self, routing: Routing, *, is_open: bool = False) -> None:
        """Write the file anew if it would change; *is_open* as for `endpoints`."""
        told = endpoints(routing, self._addresses, is_open=is_open)
        if told["version_info"] == self._written:
            return
        try:
            _replace(self._path, json.dumps(told, indent=1))
        except OSError as error:
            self._on_error(error)
        else:
            self._written = told["version_info"]


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
