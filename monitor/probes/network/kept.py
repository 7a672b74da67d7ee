"""Connections that wait for the next run of their probe."""

from collections.abc import Iterable

from monitor.probes.network.http1 import Http1


class Kept:
    """Keeps one connection under each name."""

    def __init__(self) -> None:
        self._connections: dict[str, Http1] = {}
        self._allowed: frozenset[str] | None = None

    def take(self, name: str | None) -> Http1 | None:
        """Give out what is kept under a name, if it still serves."""
        kept = self._connections.pop(name, None) if name else None
        if kept is not None and not kept.is_usable:
            kept.close()
            return None
        return kept

    def put(self, name: str, connection: Http1) -> bool:
        """Keep a connection in the place of what was kept; say whether the name is allowed."""
        if self._allowed is not None and name not in self._allowed:
            return False  # its probe went while the run was in flight
        before = self._connections.pop(name, None)
        if before is not None:
            before.close()
        self._connections[name] = connection
        return True

    def keep_only(self, names: Iterable[str]) -> None:
        """Allow these names from now on, and close what is kept under others."""
        self._allowed = frozenset(names)
        for name in self._connections.keys() - self._allowed:
            self._connections.pop(name).close()
