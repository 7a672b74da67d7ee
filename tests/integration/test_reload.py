"""A configuration that changes while the daemon runs: what stays goes on, slot by slot."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy import select

from monitor.app.daemon import Daemon
from monitor.scheduling.grid import Grid
from monitor.scheduling.scheduler import micros
from monitor.store.tables import result, target
from tests.databases import locked
from tests.gateway import Gateway, running_gateway
from tests.integration.reloaded import (
    NEW_KEY,
    OLD_KEY,
    PATIENCE_SECONDS,
    Written,
    metric,
    reload,
    rows,
    running,
    status,
    views,
)
from tests.waiting import until

RELOADS = 20
REFUSED = "The newest configuration was refused"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def written(gateway: Gateway, migrated_database: str, tmp_path: Path) -> Written:
    """A configuration with a database of either kind."""
    return Written(gateway, migrated_database, tmp_path)


@pytest.fixture
def small(gateway: Gateway, tmp_path: Path) -> Written:
    """A configuration where the kind of the database does not matter."""
    return Written(gateway, f"sqlite:///{tmp_path}/monitor.db", tmp_path)


def slots(database: str, key: str) -> list[datetime]:
    """The slots of a target that have a row; they were run, but for what a busy machine missed."""
    table = result.join(target, target.c.id == result.c.target_id)
    wanted = select(result.c.slot_at, result.c.outcome).select_from(table)
    mine = (target.c.key == key) & (result.c.confirm == 0)
    found = rows(database, wanted.where(mine).order_by(result.c.slot_at))
    assert {"ok"} <= {outcome for _, outcome in found} <= {"ok", "missed"}
    return [at for at, _ in found]


async def shown(daemon: Daemon) -> str:
    """What the page of the fleet says."""
    async with httpx.AsyncClient() as client:
        return (await client.get(daemon._parts.server.url)).text


def asked_with(gateway: Gateway, key: str) -> int:
    return sum(each["headers"]["authorization"] == f"Bearer {key}" for each in gateway.asked)


async def test_over_twenty_reloads_no_slot_of_a_target_that_stays_is_missed_or_doubled(
    written: Written, migrated_database: str
) -> None:
    """The other target comes and goes, or changes its interval; the limits change each time."""
    async with running(written) as daemon:
        await until(lambda: views(daemon)["own/model"].totals.valid, PATIENCE_SECONDS)
        other = written.content["providers"].pop("other")
        for number in range(RELOADS):
            written.content["limits"] = {"concurrency": 10 + number}
            other["interval_seconds"] = 1 + number % 2
            providers = {"own": written.content["providers"]["own"]}
            written.content["providers"] = providers | ({"other": other} if number % 2 else {})
            written.write()
            assert not (await reload(daemon)).problems
            assert ("other/model" in daemon._parts.recorder.shown) == bool(number % 2)
            await asyncio.sleep(0.33)  # so that the reloads come at all times of a slot
        (probe,) = (
            each for each in daemon._parts.in_force.settings.probes if each.key.startswith("own/")
        )

    ran = slots(migrated_database, "own/model")
    grid = Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)
    numbers = [grid.latest(micros(at)) for at in ran]
    assert len(numbers) >= RELOADS / 4
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_change_of_the_file_is_found_and_a_signal_is_heeded(small: Written) -> None:
    async with running(small) as daemon:
        first = status(daemon)
        del small.content["providers"]["other"]
        small.write()
        await until(lambda: status(daemon) is not first, PATIENCE_SECONDS)
        await until(lambda: set(views(daemon)) == {"own/model"}, PATIENCE_SECONDS)

        second = status(daemon)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: status(daemon) is not second, PATIENCE_SECONDS)
        assert status(daemon).is_in_force


async def test_a_target_that_went_comes_back_with_all_that_was_known_of_it(
    small: Written,
) -> None:
    async with running(small) as daemon:
        await until(lambda: views(daemon)["other/model"].windows["24h"].valid >= 2, 20)
        other = small.content["providers"].pop("other")
        small.write()
        await reload(daemon)
        await until(lambda: set(views(daemon)) == {"own/model"}, PATIENCE_SECONDS)
        assert b"other/model" not in daemon._parts.metrics.render("")[0]

        small.content["providers"]["other"] = other
        small.write()
        await reload(daemon)
        await until(lambda: "other/model" in views(daemon), PATIENCE_SECONDS)
        back = views(daemon)["other/model"]

    assert back.windows["24h"].valid >= 2
    assert back.totals.valid["completion"] >= 2
    assert back.health.state == "up"


async def test_a_bad_file_changes_nothing_and_is_told_until_it_is_mended(
    small: Written,
) -> None:
    async with running(small) as daemon:
        read_at = metric(daemon, "config_last_reload_success_timestamp_seconds")
        good = small.file.read_text()
        small.file.write_text(good + f"tokenn: {NEW_KEY}\nlisten: 7\n")
        refused = await reload(daemon)

        assert [each.partition(":")[0].split()[0] for each in refused.problems] == ["line"] * 2
        assert NEW_KEY not in str(refused)
        assert str(small.file) not in str(refused)
        assert metric(daemon, "config_last_reload_successful") == 0
        assert metric(daemon, "config_last_reload_success_timestamp_seconds") == read_at
        assert set(views(daemon)) == {"own/model", "other/model"}
        assert REFUSED in await shown(daemon)

        small.file.write_text(good)
        await reload(daemon)
        assert metric(daemon, "config_last_reload_successful") == 1
        assert metric(daemon, "config_last_reload_success_timestamp_seconds") > read_at
        assert REFUSED not in await shown(daemon)


async def test_what_takes_a_start_is_told_and_the_rest_is_applied(small: Written) -> None:
    async with running(small) as daemon:
        small.content |= {"vantage": "there", "token": NEW_KEY, "limits": {"concurrency": 7}}
        small.content["budget"] = {"usd_per_day": 3}
        small.write()
        with structlog.testing.capture_logs() as logged:
            told = await reload(daemon)

        assert told.waiting == ("vantage", "token")
        assert told.is_in_force
        assert daemon._parts.in_force.settings.vantage == "here"
        assert daemon._parts.in_force.settings.limits.overall == 7
        assert metric(daemon, 'budget_spent_ratio{provider="own"}') == 0
    words = [each["detail"] for each in logged if each["event"] == "config"]
    assert "vantage takes effect at the next start" in words


async def test_a_secret_that_is_rotated_by_its_file_is_used_and_hidden_at_once(
    small: Written, gateway: Gateway
) -> None:
    async with running(small) as daemon:
        await until(lambda: asked_with(gateway, OLD_KEY), PATIENCE_SECONDS)
        small.key.write_text(NEW_KEY)
        await until(lambda: asked_with(gateway, NEW_KEY), PATIENCE_SECONDS)
        before = asked_with(gateway, OLD_KEY)
        await until(lambda: asked_with(gateway, NEW_KEY) >= 4, PATIENCE_SECONDS)

        assert asked_with(gateway, OLD_KEY) == before
        hidden = {each.reveal() for each in daemon._parts.prober._secrets}
        assert {OLD_KEY, NEW_KEY} <= hidden


async def test_a_store_that_does_not_answer_leaves_all_as_it_was_and_is_asked_again(
    written: Written, migrated_database: str
) -> None:
    async with running(written) as daemon:
        del written.content["providers"]["other"]
        written.content["limits"] = {"concurrency": 7}
        written.write()
        with locked(migrated_database):
            assert "tried again" in (await reload(daemon)).problems[0]
            assert _limits(daemon) != 7
            assert len(daemon._parts.recorder.shown) == 2
        await until(lambda: status(daemon).is_in_force, PATIENCE_SECONDS)

        assert _limits(daemon) == 7
        assert daemon._parts.recorder.shown == ("own/model",)
        assert metric(daemon, "internal_errors_total") == 0


def _limits(daemon: Daemon) -> int:
    return daemon._parts.in_force.settings.limits.overall
