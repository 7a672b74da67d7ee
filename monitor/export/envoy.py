"""Envoy's endpoints as files: EDS answers that Envoy watches, each replaced by a rename.

A group is a cluster's `service_name`, and has a file of its own: Envoy refuses one that tells of
more than the cluster. Envoy wants addresses that are no names, so a target needs
one: that of its base URL if that is a number, or one that the configuration gives, such as that of
a local listener in front of the provider.

It fails open: once the probing loop stands still, or the monitor stops in order, all endpoints are
of unknown health and the same weight; so are those of a group that goes. Only when the monitor
is killed Envoy keeps the last file.

A weight of 0 does not exist there: who gets nothing is `UNHEALTHY`. If a whole group is, Envoy's
own panic routing takes over, and it never is, because a group's weights are never all 0.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from monitor.model.address import numeric_address
from monitor.model.health import State
from monitor.model.routing import Candidate, GroupRouting, Routing

_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
_SCALE = 100
_FILE_MODE = 0o644

_Address = tuple[str, int]
_Member = tuple[Candidate, _Address]


def endpoints(
    group: GroupRouting, addresses: Mapping[str, _Address], *, is_open: bool = False
) -> dict[str, Any] | None:
    """Write a group's endpoints (a ClusterLoadAssignment); None if nobody has an address.

    Args:
        group: The weights.
        addresses: Where targets are, by key; those of other targets are taken from their URLs,
            and who has none is left out.
        is_open: Leave the weights out, because they may be true no more.
    """
    members = _members(group, addresses)
    if not members:
        return None
    told = _assignment(group.group, members)
    # Those that are left may be those that get nothing; a group without anybody helps nobody.
    return _opened(told) if is_open or all(one.weight <= 0 for one, _ in members) else told


def _members(group: GroupRouting, addresses: Mapping[str, _Address]) -> list[_Member]:
    """List who has an address, in an order that weights do not change.

    Of those at one address the heaviest stands for all: Envoy keeps one, and would keep the first.
    """
    found: dict[_Address, Candidate] = {}
    for one in sorted(group.candidates, key=lambda one: one.view.target.key):
        target = one.view.target
        where = addresses.get(target.key) or numeric_address(target.base_url)
        if where and (where not in found or found[where].weight < one.weight):
            found[where] = one
    return [(one, where) for where, one in found.items()]


def _assignment(group: str, members: Sequence[_Member]) -> dict[str, Any]:
    return {
        "@type": _TYPE,
        "cluster_name": group,
        "endpoints": [{"lb_endpoints": [_endpoint(*each) for each in members]}],
    }


def _opened(assignment: Mapping[str, Any]) -> dict[str, Any]:
    """Say nothing of anybody any more."""
    (locality,) = assignment["endpoints"]
    unknown = {"health_status": "UNKNOWN", "load_balancing_weight": _SCALE}
    opened = [{**each, **unknown} for each in locality["lb_endpoints"]]
    return {**assignment, "endpoints": [{"lb_endpoints": opened}]}


def _endpoint(candidate: Candidate, address: _Address) -> dict[str, Any]:
    host, port = address
    where = {"socket_address": {"address": host, "port_value": port}}
    return {
        "endpoint": {"address": where, "hostname": candidate.view.target.host},
        "health_status": _status(candidate),
        "load_balancing_weight": max(round(candidate.weight * _SCALE), 1),
    }


def _status(candidate: Candidate) -> str:
    if candidate.weight <= 0:
        return "UNHEALTHY"
    # DEGRADED would get traffic only once too few are healthy: the weight says it better.
    return "UNKNOWN" if candidate.state is State.UNKNOWN else "HEALTHY"


class EndpointsFiles:
    """Keeps a file for each group in step with its weights.

    Args:
        folder: Of the files; Envoy watches it.
        addresses: As for `endpoints`.
    """

    def __init__(self, folder: Path, addresses: Mapping[str, _Address]) -> None:
        self._folder, self._addresses = folder, addresses
        self._written: dict[Path, dict[str, Any]] = {}
        self._version: str | None = None

    def write(self, routing: Routing, *, is_open: bool = False) -> None:
        """Write each file anew that would change or is gone; *is_open* as for `endpoints`.

        The file of a group that went is left open, and then forgotten.

        Raises:
            OSError: One cannot be written, and keeps what it says; all others are.
        """
        version = f"{routing.seq}-open" if is_open else str(routing.seq)
        if version == self._version and all(path.exists() for path in self._written):
            return
        told = self._told(routing, is_open=is_open)
        gone = {path: _opened(last) for path, last in self._written.items() if path not in told}
        tried = [self._try(path, each, version) for path, each in (gone | told).items()]
        for error in filter(None, tried):
            raise error
        self._written = {path: self._written[path] for path in told}
        self._version = version

    def _told(self, routing: Routing, *, is_open: bool) -> dict[Path, dict[str, Any]]:
        all_groups = {
            self._folder / file_name(group.group): endpoints(
                group, self._addresses, is_open=is_open
            )
            for group in routing.groups
        }
        return {path: told for path, told in all_groups.items() if told}

    def _try(self, path: Path, told: dict[str, Any], version: str) -> OSError | None:
        try:
            self._write(path, told, version)
        except OSError as error:
            return error
        return None

    def _write(self, path: Path, told: dict[str, Any], version: str) -> None:
        if told == self._written.get(path) and path.exists():
            return
        answer = {"version_info": version, "resources": [told]}
        _replace(path, json.dumps(answer, indent=1))
        self._written[path] = told


def file_name(group: str) -> str:
    """Name a group's file.

    >>> file_name("lab/large")
    'lab%2Flarge.json'
    """
    return f"{quote(group, safe='')}.json"


def _replace(path: Path, text: str) -> None:
    """Put a whole file in the place of another, so that nobody ever reads half of one."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".writing.")
    try:
        with os.fdopen(number, "w") as file:
            file.write(text)
        Path(name).chmod(_FILE_MODE)
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
