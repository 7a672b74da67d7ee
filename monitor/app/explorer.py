"""Keeps the targets in line with what gateways list; a list that fails changes none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from monitor.config.settings import Discovery, Settings
from monitor.model.target import Probe
from monitor.probes.discovery import look
from monitor.probes.listing import Listed, ListingError, expand, key_of
from monitor.probes.transport import HttpTransport

#: After a list that failed, so long until the next look (unless the interval is shorter).
_RETRY_SECONDS = 60.0

Apply = Callable[[tuple[Probe, ...]], Awaitable[None]]


class Explorer:
    """Looks at each discovery's list at its interval.

    Args:
        settings: The probes that are always there, and the discoveries.
        transport: Asks for the lists.
        apply: Given all probes, whenever they changed.
    """

    def __init__(self, settings: Settings, transport: HttpTransport, apply: Apply) -> None:
        self._settings = settings
        self._transport = transport
        self._apply = apply
        self._found: dict[str, tuple[Probe, ...]] = {}
        self._published: dict[str, Listed] = {}
        self._log = structlog.get_logger()

    @property
    def published(self) -> Mapping[str, Listed]:
        """What the gateways tell of each target, by its key, to be held against our own figures."""
        return self._published

    async def explore(self) -> None:
        """Look at all lists until cancelled."""
        async with asyncio.TaskGroup() as group:
            for discovery in self._settings.discoveries:
                group.create_task(self._follow(discovery))

    async def _follow(self, discovery: Discovery) -> None:
        while True:
            is_listed = await self.look(discovery)
            wait = discovery.interval_seconds
            await asyncio.sleep(wait if is_listed else min(wait, _RETRY_SECONDS))

    async def look(self, discovery: Discovery) -> bool:
        """Look once; say whether there was a list."""
        name = f"{discovery.provider}/{discovery.model}"
        try:
            listed = await look(
                self._transport, discovery.base_url, discovery.model, discovery.headers
            )
        except ListingError as error:
            self._log.warning("discovery_failed", model=name, detail=str(error))
            return False
        probes = expand(discovery.templates, listed)
        self._published |= {key_of(discovery.template, each): each for each in listed}
        if probes != self._found.get(name):
            self._found[name] = probes
            self._log.info("discovered", model=name, endpoints=[each.tag for each in listed])
            found = (probe for group in self._found.values() for probe in group)
            await self._apply((*self._settings.probes, *found))
        return True
