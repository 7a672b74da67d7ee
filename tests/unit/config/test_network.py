"""Where a failure of our own network could not be told from the providers', that is warned of."""

from dataclasses import replace

import pytest

from monitor.config import checks
from monitor.config.network import network_warnings
from monitor.config.settings import Discovery, Settings
from monitor.model.target import Probe
from tests.factories import make_probe

OPENAI, MISTRAL, GROQ = (
    make_probe(f"{name}/m", base_url=f"https://api.{name}.example/v1".replace(".example", tail))
    for name, tail in (("openai", ".com"), ("mistral", ".ai"), ("groq", ".io"))
)
NEAR = make_probe("mine/m", base_url="http://127.0.0.1:8000/v1")


def warned(*probes: Probe, canary: str | None = None) -> list[str]:
    return list(network_warnings(Settings(probes=probes, canary=canary)))


@pytest.mark.parametrize(
    "probes",
    [(OPENAI, MISTRAL, GROQ), (NEAR,), (NEAR, OPENAI, MISTRAL, GROQ)],
    ids=["three providers", "this machine needs no network", "both"],
)
def test_three_providers_can_speak_for_each_other(probes: tuple[Probe, ...]) -> None:
    assert warned(*probes) == []


def test_fewer_cannot() -> None:
    (one,) = warned(OPENAI)
    (two,) = warned(OPENAI, MISTRAL, NEAR)

    assert one == (
        "a failure of our own network counts as the downtime of openai/m: fewer than two other "
        "providers can be asked; name a network.canary"
    )
    assert "openai/m and 1 more:" in two


def test_what_will_be_discovered_can_be_asked_too() -> None:
    found = Discovery(
        kind="openrouter",
        provider="groq",
        model="a/b",
        base_url="https://api.groq.io/v1",
        templates=(GROQ,),
    )
    settings = Settings(probes=(OPENAI, MISTRAL))

    assert list(network_warnings(settings))
    assert not list(network_warnings(replace(settings, discoveries=(found,))))


def test_a_canary_speaks_for_all() -> None:
    assert warned(OPENAI, canary="1.1.1.1:443") == []


@pytest.mark.parametrize("canary", ["127.0.0.1:53", "[::1]:53", "localhost:53"])
def test_a_canary_on_this_machine_speaks_for_nobody(canary: str) -> None:
    (warning,) = warned(OPENAI, canary=canary)

    assert "this machine" in warning


@pytest.mark.parametrize(
    "value", ["1.1.1.1:443", "[2606:4700::1111]:443", "one.one.one.one:53", "gate_way:1"]
)
def test_an_address_is_host_and_port(value: str) -> None:
    assert checks.address(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1.1.1.1",
        ":443",
        "1.1.1.1:0",
        "1.1.1.1:000",
        "1.1.1.1:65536",
        "1.1.1.1:https",
        "2606:4700::1111:443",
        "[2606:4700::1111]",
        "[nonsense]:443",
        "https://a.example:443",
        "user@a.example:443",
        "a b:443",
    ],
)
def test_anything_else_is_none(value: str) -> None:
    with pytest.raises(ValueError, match=r"must be HOST:PORT, like 1\.1\.1\.1:443"):
        checks.address(value)
