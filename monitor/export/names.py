"""Pure: a target found by the name that a router has for it."""

import re
from functools import lru_cache

from monitor.model.routing import Candidate, Routing

_OTHER = re.compile(r"[^a-z0-9.]+")


@lru_cache(maxsize=8192)  # routers ask by name all the time
def slug_of(key: str) -> str:
    """Make of a target's key a name that may stand where a host's may.

    >>> slug_of("azure/gpt-4o@Sweden Central")
    'azure-gpt-4o-sweden-central'
    """
    return _OTHER.sub("-", key.lower()).strip("-.")


def by_name(routing: Routing, name: str) -> Candidate | None:
    """Find a target by its key, or by its slug if no other target has the same."""
    candidates = [one for group in routing.groups for one in group.candidates]
    exact = next((one for one in candidates if one.view.target.key == name), None)
    if exact:
        return exact
    similar = [one for one in candidates if slug_of(one.view.target.key) == name.lower()]
    return similar[0] if len(similar) == 1 else None
