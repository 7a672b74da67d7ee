"""Keeps the targets in line with what gateways list; a list that fails changes none."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping

import structlog

from monitor.config.settings import Discovery, Settings
from monitor.model.target import Probe
from monitor.probes.discovery import key_prefix, look
from monitor.probes.listing import Listed, ListingError, expand, key_of
from monitor.probes.transport import HttpTransport

#: After a look that failed, so long until the next one (unless the interval is shorter).
_RETRY_SECONDS = 60.0

#: Given all probes, and the beginnings of the keys of targets whose list has not come yet.
Apply = Callable[[tuple[Probe, ...], tuple[str, ...]], Awaitable[None]]


class Explorer:
    """Looks at each discovery's list at its interval.

    Args:
        settings: The probes that are always there, and the discoveries.
        transport: Asks for the lists.
        apply: Called whenever the probes changed; where it fails, it is called again soon.
        on_error: Told of each failure that is not the gateway's.
    """

    def __init__(
        self,
        settings: Settings,
        transport: HttpTransport,
        apply: Apply,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._apply, self._on_error = apply, on_error
        self._found: dict[str, dict[str, Probe]] = {}
        self._published: Mapping[str, Listed] = {}
        self._applying = asyncio.Lock()
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
            is_done = await self.look(discovery)
            wait = discovery.interval_seconds
            await asyncio.sleep(wait if is_done else min(wait, _RETRY_SECONDS))

    async def look(self, discovery: Discovery) -> bool:
        """Look once; say whether there was a list, and its endpoints are probed."""
        model = discovery.template.target.key
        try:
            listed = await look(
                self._transport, discovery.base_url, discovery.model, discovery.headers
            )
            self._publish(discovery, listed)
            await self._probe(discovery, listed)
        except ListingError as error:
            self._log.warning("discovery_failed", model=model, detail=str(error))
            return False
        except Exception as error:  # noqa: BLE001 - our own trouble must not end the probing
            self._log.warning("discovery_failed", model=model, detail=str(error))
            self._on_error(error)
            return False
        return True

    def _publish(self, discovery: Discovery, listed: tuple[Listed, ...]) -> None:
        prefix = key_prefix(discovery.template)
        others = {key: it for key, it in self._published.items() if not key.startswith(prefix)}
        # A new mapping each time, because a scrape reads it in another thread.
        self._published = others | {key_of(discovery.template, each): each for each in listed}

    async def _probe(self, discovery: Discovery, listed: tuple[Listed, ...]) -> None:
        """Have the endpoints probed, beside what the other lists named, if they changed."""
        prefix = key_prefix(discovery.template)
        probes = {probe.key: probe for probe in expand(discovery.templates, listed)}
        async with self._applying:
            if probes == self._found.get(prefix):
                return
            found = self._found | {prefix: probes}
            all_found = (probe for group in found.values() for probe in group.values())
            await self._apply((*self._settings.probes, *all_found), self._awaited(found))
            self._found = found
        self._log.info(
            "discovered",
            model=discovery.template.target.key,
            endpoints=[each.tag for each in listed],
        )

    def _awaited(self, found: Container[str]) -> tuple[str, ...]:
        """List what the keys of targets begin with that no list has told about yet."""
        prefixes = (key_prefix(each.template) for each in self._settings.discoveries)
        return tuple(prefix for prefix in prefixes if prefix not in found)
