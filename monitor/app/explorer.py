"""Keeps the targets in line with what gateways list; a list that fails changes none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

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
        self._listed: dict[str, tuple[Listed, ...]] = {}
        self._probes: Mapping[str, Probe] = {}
        self._published: Mapping[str, Listed] = {}
        self._applying = asyncio.Lock()
        self._following: dict[str, tuple[Discovery, asyncio.Task[None]]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._log = structlog.get_logger()

    @property
    def published(self) -> Mapping[str, Listed]:
        """What the gateways tell of each target, by its key, to be held against our own figures."""
        return self._published

    async def explore(self) -> None:
        """Look at all lists until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            self._follow_all()
            await asyncio.Event().wait()

    async def replace(self, settings: Settings) -> None:
        """Probe what other settings say from now on, and look at their lists.

        A list that has come stands for what is listed until it comes again. If this fails,
        nothing has changed.

        Raises:
            StoreError: The store did not take it.
        """
        async with self._applying:
            wanted = {key_prefix(each.template) for each in settings.discoveries}
            listed = {prefix: each for prefix, each in self._listed.items() if prefix in wanted}
            await self._change(settings, listed)
            self._published = {
                key: it
                for key, it in self._published.items()
                if any(key.startswith(prefix) for prefix in wanted)
            }
            self._follow_all()

    def _follow_all(self) -> None:
        """Follow each list as the settings say; nobody who is cut off is applying anything."""
        wanted = {key_prefix(each.template): each for each in self._settings.discoveries}
        for prefix, (discovery, task) in tuple(self._following.items()):
            if wanted.get(prefix) != discovery:
                task.cancel()
                del self._following[prefix]
        for prefix in wanted.keys() - self._following.keys():
            if self._group:
                task = self._group.create_task(self._follow(wanted[prefix]))
                self._following[prefix] = wanted[prefix], task

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
        async with self._applying:
            if discovery not in self._settings.discoveries:
                return  # other settings came while it was asked
            self._publish(discovery, listed)
            found = self._listed | {prefix: listed}
            if self._expanded(self._settings, found) == self._probes and prefix in self._listed:
                return
            await self._change(self._settings, found)
        self._log.info(
            "discovered",
            model=discovery.template.target.key,
            endpoints=[each.tag for each in listed],
        )

    async def _change(self, settings: Settings, listed: Mapping[str, tuple[Listed, ...]]) -> None:
        """Have other probes run; what was before stays if that fails."""
        found = self._expanded(settings, listed)
        prefixes = (key_prefix(each.template) for each in settings.discoveries)
        awaited = tuple(prefix for prefix in prefixes if prefix not in listed)
        await self._apply((*settings.probes, *found.values()), awaited)
        self._settings, self._listed, self._probes = settings, dict(listed), found

    def _expanded(
        self, settings: Settings, listed: Mapping[str, tuple[Listed, ...]]
    ) -> Mapping[str, Probe]:
        return {
            probe.key: probe
            for each in settings.discoveries
            for probe in expand(each.templates, listed.get(key_prefix(each.template), ()))
        }
