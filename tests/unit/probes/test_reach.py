"""Who can tell our own network's failure from the provider's, and what their answers come to."""

import pytest

from monitor.model.outcome import Fault, Outcome, Phase, Verdict
from monitor.model.target import Target
from monitor.probes.classify import classify
from monitor.probes.exchange import Cut, Exchange, Instants, Interruption, Read
from monitor.probes.reach import (
    Scope,
    heard_ns,
    host_of,
    hosts_of,
    is_broken,
    is_doubtful,
    scope_of,
    spoiled,
    witnesses,
)
from tests.factories import make_target


def at(provider: str, url: str, model: str = "m") -> Target:
    return make_target(f"{provider}/{model}", base_url=url)


WORLD = (
    at("openai", "https://api.openai.com/v1"),
    at("mistral", "https://api.mistral.ai/v1"),
    at("groq", "https://api.groq.com/openai/v1"),
)


def chosen(target: Target, *others: Target, down: tuple[str, ...] = ()) -> list[str]:
    hosts = hosts_of((target, *others))
    found = witnesses(
        host_of(target.base_url), target.provider, hosts.values(), lambda key: key in down
    )
    return [host.name for host in found]


@pytest.mark.parametrize(
    ("address", "scope"),
    [
        ("127.0.0.1", Scope.MACHINE),
        ("127.8.9.1", Scope.MACHINE),
        ("::1", Scope.MACHINE),
        ("0.0.0.0", Scope.MACHINE),  # noqa: S104 - as an address to reach, this machine
        ("localhost", Scope.MACHINE),
        ("sim.localhost", Scope.MACHINE),
        ("10.1.2.3", Scope.PRIVATE),
        ("192.168.0.9", Scope.PRIVATE),
        ("100.64.0.1", Scope.PRIVATE),
        ("169.254.1.1", Scope.PRIVATE),
        ("fd00::1", Scope.PRIVATE),
        ("fe80::1%eth0", Scope.PRIVATE),
        ("1.1.1.1", Scope.WORLD),
        ("2606:4700::1111", Scope.WORLD),
        ("api.example", Scope.WORLD),
        ("vllm", Scope.WORLD),
    ],
)
def test_an_address_is_near_or_far(address: str, scope: Scope) -> None:
    assert scope_of(address) is scope


@pytest.mark.parametrize(
    ("url", "name", "origin"),
    [
        ("https://API.example/v1", "api.example", "https://api.example:443"),
        ("http://api.example/v1", "api.example", "http://api.example:80"),
        ("http://10.0.0.1:8000", "10.0.0.1", "http://10.0.0.1:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/v1", "[::1]:8000", "http://[::1]:8000"),
        ("https://[2606:4700::1]/v1", "2606:4700::1", "https://[2606:4700::1]:443"),
        ("tcp://1.1.1.1:443", "1.1.1.1", "tcp://1.1.1.1:443"),
    ],
)
def test_a_port_tells_hosts_apart_on_this_machine_only(url: str, name: str, origin: str) -> None:
    host = host_of(url)

    assert (host.name, host.origin) == (name, origin)


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://eu.api.openai.com/v1", "openai.com"),
        ("https://openai.com/v1", "openai.com"),
        ("http://vllm:8000/v1", "vllm"),
        ("https://1.2.3.4/v1", "1.2.3.4"),
        ("http://10.2.3.4/v1", "10.2.3.4"),
        ("http://sim.localhost:80/v1", "sim.localhost:80"),
    ],
)
def test_names_of_one_domain_go_down_together(url: str, domain: str) -> None:
    assert host_of(url).domain == domain


def test_hosts_of_two_other_providers_are_asked() -> None:
    assert chosen(*WORLD) == ["api.mistral.ai", "api.groq.com"]


@pytest.mark.parametrize(
    "others",
    [
        (),
        (WORLD[1],),
        (WORLD[1], at("openai", "https://api.other.example/v1")),
        (WORLD[1], at("mistral", "https://api.other.example/v1")),
        (WORLD[1], at("europe", "https://eu.api.openai.com/v1")),
        (WORLD[1], at("codestral", "https://codestral.mistral.ai/v1")),
        (WORLD[1], at("other", "https://api.mistral.ai:8443/v1")),
        (WORLD[1], at("mine", "http://127.0.0.1:8000/v1")),
        (WORLD[1], at("mine", "http://10.0.0.1:8000/v1")),
    ],
    ids=[
        "nobody",
        "one",
        "the target's own provider",
        "twice the same provider",
        "the target's own domain",
        "twice the same domain",
        "twice the same host",
        "this machine",
        "the own network",
    ],
)
def test_fewer_than_two_who_can_tell_are_none(others: tuple[Target, ...]) -> None:
    assert chosen(WORLD[0], *others) == []


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (
            at("a", "http://127.0.0.1:1/v1"),
            [at("b", "http://127.0.0.1:2/v1"), at("c", "http://localhost:3/v1")],
            ["127.0.0.1:2", "localhost:3"],
        ),
        (at("a", "http://127.0.0.1:1/v1"), WORLD, []),
        (
            at("a", "http://10.0.0.1/v1"),
            [at("b", "http://10.0.0.2/v1"), WORLD[0]],
            ["10.0.0.2", "api.openai.com"],
        ),
    ],
    ids=["ports stand for hosts", "no network lies between", "the way out begins near by"],
)
def test_only_the_way_that_was_to_be_taken_is_asked_about(
    own: Target, others: list[Target], expected: list[str]
) -> None:
    assert chosen(own, *others) == expected


def test_who_was_down_before_tells_nothing_unless_one_of_his_targets_was_not() -> None:
    second = at("mistral", "https://api.mistral.ai/v1", "small")

    assert chosen(*WORLD, down=("mistral/m",)) == []
    assert chosen(*WORLD, second, down=("mistral/m",)) == ["api.mistral.ai", "api.groq.com"]


def test_a_host_that_serves_several_is_one_host_of_all_of_them() -> None:
    (host,) = hosts_of(
        (at("a", "https://gate.example/a/v1"), at("b", "https://gate.example:8443/b/v1"))
    ).values()

    assert host.providers == {"a", "b"}
    assert host.targets == {"a/m", "b/m"}
    assert host.origin == "https://gate.example:443"


@pytest.mark.parametrize(
    ("canary", "hosts", "broken"),
    [
        (None, (), False),
        (None, (False, False), True),
        (None, (False, True), False),
        (None, (True, True), False),
        (True, (), False),
        (True, (False, True), False),
        (True, (False, False), True),
        (False, (), True),
        (False, (True, True), True),
    ],
)
def test_the_canary_or_both_hosts_tell_that_it_is_our_own_network(
    canary: bool | None, hosts: tuple[bool, ...], broken: bool
) -> None:
    assert is_broken(canary, hosts) is broken


def cut_in(phase: Phase, cut: Cut, status: int | None = None, body: bytes = b"") -> Exchange:
    return Exchange(
        status=status,
        reads=(Read(7, body),) if body else (),
        interruption=Interruption(cut=cut, phase=phase, message="why"),
    )


@pytest.mark.parametrize(
    "exchange",
    [
        cut_in(Phase.DNS, Cut.DNS),
        cut_in(Phase.CONNECT, Cut.REFUSED),
        cut_in(Phase.CONNECT, Cut.CONNECT),
        cut_in(Phase.TLS, Cut.TLS),
        cut_in(Phase.SEND, Cut.RESET),
        cut_in(Phase.CONNECT, Cut.DEADLINE),
        cut_in(Phase.FIRST_TOKEN, Cut.DEADLINE),
        cut_in(Phase.STALL, Cut.DEADLINE, 200),
        cut_in(Phase.STREAM, Cut.RESET, 200),
    ],
    ids=lambda exchange: f"{exchange.interruption.cut} in {exchange.interruption.phase}",
)
def test_what_a_network_that_is_gone_can_bring_about_is_doubtful(exchange: Exchange) -> None:
    assert is_doubtful(exchange, classify(exchange, None))


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(status=408, reads=(Read(1, b"{}"),)),
        Exchange(status=504, reads=(Read(1, b"<html>gateway timeout</html>"),)),
        cut_in(Phase.STREAM, Cut.RESET, 503, b'{"error": {"message": "overloaded"}}'),
        cut_in(Phase.RESPONSE, Cut.PROTOCOL),
        cut_in(Phase.CONNECT, Cut.RESOURCES),
        cut_in(Phase.FIRST_TOKEN, Cut.SHUTDOWN),
    ],
    ids=["408", "504", "words, then a reset", "no HTTP", "no descriptors", "a shutdown"],
)
def test_what_a_server_said_or_we_did_is_not(exchange: Exchange) -> None:
    assert not is_doubtful(exchange, classify(exchange, None))


def test_a_spoiled_run_counts_nowhere_and_tells_what_was_seen() -> None:
    verdict = Verdict(
        outcome=Outcome.UNREACHABLE,
        fault=Fault.PROVIDER,
        rule="cut-refused",
        phase=Phase.CONNECT,
        message="ConnectionRefusedError: Connection refused",
        openrouter_good=False,
    )

    after = spoiled(verdict, "our own network: nobody")

    assert (after.outcome, after.fault) == (Outcome.INCONCLUSIVE, Fault.PROBER)
    assert after.rule == "prober-network"
    assert after.phase is Phase.CONNECT
    assert after.openrouter_good is None
    assert after.message == (
        "our own network: nobody; seen: cut-refused: ConnectionRefusedError: Connection refused"
    )


def test_a_host_was_heard_when_its_newest_bytes_came() -> None:
    headers = Exchange(status=200, instants=Instants(headers_ns=3))

    assert heard_ns(Exchange()) is None
    assert heard_ns(headers) == 3
    assert heard_ns(cut_in(Phase.STALL, Cut.DEADLINE, 200, b"x")) == 7
