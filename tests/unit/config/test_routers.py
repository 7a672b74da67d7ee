"""The routers of a configuration."""

import pytest

from monitor.config.errors import ConfigError
from monitor.config.settings import RouterSettings
from tests.unit.config.conftest import Load

PROVIDERS = """
providers:
  near: {base_url: "http://127.0.0.1:8000/v1", models: {m: {group: lab/m}}}
  far: {base_url: "https://far.example/v1", models: {m: {group: lab/m}, n: {group: lab/n}}}
"""
TOKEN = "token: ${MONITOR_TOKEN}\n"


def test_what_is_not_said_is_told_nobody(load: Load) -> None:
    assert load(PROVIDERS).routers == RouterSettings()


@pytest.mark.parametrize("agent", ["127.0.0.1:9777", "localhost:9777", "'[::1]:0'"])
def test_haproxy_may_ask_on_this_machine(load: Load, agent: str) -> None:
    settings = load(f"routing: {{haproxy_agent: {agent}}}{PROVIDERS}")

    assert settings.routers.haproxy_agent == agent.strip("'")


def test_haproxy_may_ask_from_elsewhere_if_there_is_a_token(load: Load) -> None:
    text = f"routing: {{haproxy_agent: '0.0.0.0:9777'}}{PROVIDERS}"

    assert load(TOKEN + text).routers.haproxy_agent == "0.0.0.0:9777"
    with pytest.raises(ConfigError, match=r"routing.haproxy_agent: an address that others can"):
        load(text)


def test_the_agent_and_the_surfaces_cannot_share_an_address(load: Load) -> None:
    text = "listen: 127.0.0.1:9464\nrouting: {haproxy_agent: '127.0.0.1:9464'}"

    with pytest.raises(ConfigError, match=r":2: routing.haproxy_agent: is the address of listen"):
        load(text + PROVIDERS)


def envoy(addresses: str = "{}") -> str:
    return f"routing: {{envoy: {{folder: eds, addresses: {addresses}}}}}{PROVIDERS}"


def test_addresses_are_given_by_target(load: Load) -> None:
    settings = load(envoy('{far/m: "127.0.0.1:10001", far/n: "[::1]:10002"}'))

    assert settings.routers == RouterSettings(
        envoy_folder="eds",
        envoy_addresses={"far/m": ("127.0.0.1", 10001), "far/n": ("::1", 10002)},
    )
    assert settings.warnings == ()


def test_who_alone_of_a_group_has_no_address_is_told(load: Load) -> None:
    (warning,) = load(envoy()).warnings

    assert "routing.envoy: far/m has no address, so Envoy gives it nothing" in warning


def test_files_without_anybody_is_told(load: Load) -> None:
    far_only = envoy().replace("http://127.0.0.1:8000", "https://near.example")

    (warning,) = load(far_only).warnings

    assert "routing.envoy: no target has an address" in warning


def test_targets_that_are_still_to_be_discovered_may_have_addresses(load: Load) -> None:
    text = """
routing: {envoy: {folder: eds, addresses: {openrouter/lab/m@acme: "127.0.0.1:10001"}}}
providers:
  openrouter: {api_key: "${OPENROUTER_API_KEY}", models: {lab/m: {discover: openrouter}}}
"""

    assert load(text).routers.envoy_addresses == {"openrouter/lab/m@acme": ("127.0.0.1", 10001)}
    with pytest.raises(ConfigError, match="no target has this key"):
        load(text.replace("@acme", ""))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param('"127.0.0.1:8000"', id="that of a URL"),
        pytest.param('"127.0.0.1:10001", near/m: "127.0.0.1:10001"', id="both given"),
    ],
)
def test_two_of_a_group_at_one_address_are_told(load: Load, given: str) -> None:
    (warning,) = load(envoy(f"{{far/m: {given}}}")).warnings

    assert "routing.envoy: far/m and near/m have one address" in warning
    assert "127.0.0.1:" in warning


def test_two_groups_may_share_an_address(load: Load) -> None:
    assert not load(envoy('{far/m: "127.0.0.1:10001", far/n: "127.0.0.1:8000"}')).warnings


#: Six characters each in the name of a file.
LONG = f"lab/{'é' * 40}"


def test_a_group_may_have_a_name_that_a_file_can_have(load: Load) -> None:
    assert load(envoy().replace("lab/m", f"{LONG}mmmm")).routers.envoy_folder == "eds"


def test_a_group_with_too_long_a_name_for_a_file_is_told(load: Load) -> None:
    text = envoy().replace("lab/m", f"{LONG}mmmmm")

    with pytest.raises(ConfigError, match=r"routing.envoy: the group lab/é+mmmmm has too long"):
        load(text)
    assert load(text.replace("routing: {envoy: {folder: eds, addresses: {}}}", "")).probes


def test_groups_that_are_still_to_be_discovered_need_file_names_too(load: Load) -> None:
    text = """
routing: {envoy: {folder: eds}}
providers:
  openrouter: {api_key: "${OPENROUTER_API_KEY}", models: {lab/m: {discover: openrouter}}}
"""

    assert load(text).routers.envoy_folder == "eds"
    with pytest.raises(ConfigError, match="has too long a name"):
        load(text.replace("lab/m", f"{LONG}mmmmm"))
