"""What `monitor simulate` says is enough to probe its providers, and to command them."""

import re
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest

from monitor.config.load import load_file
from monitor.simulator import DEMO_FLEET, MEANINGS, FaultKind, Simulator

#: By its name, because the package calls the verb itself so.
simulate = import_module("monitor.cli.simulate")


@pytest.fixture
async def told() -> AsyncIterator[str]:
    simulator = Simulator(DEMO_FLEET)
    await simulator.start()
    yield "\n".join(simulate._told(simulator))
    await simulator.stop()


def test_its_sample_configuration_probes_all_of_it(told: str, tmp_path: Path) -> None:
    file = tmp_path / "monitor.yaml"
    file.write_text(re.findall(r"^providers:\n(?:  .*\n)+", told, re.MULTILINE)[0])

    probed = {each.target.key: each.target.base_url for each in load_file(file, {}).probes}

    assert probed.keys() == {f"{each.provider}/{each.model}" for each in DEMO_FLEET}
    assert all(url in told for url in probed.values())


def test_every_fault_is_explained(told: str) -> None:
    assert MEANINGS.keys() == set(FaultKind)
    for fault in FaultKind:
        assert re.search(rf"^{fault} +\w", told, re.MULTILINE)
