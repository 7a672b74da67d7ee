"""The phases of a run, drawn along its time."""

import pytest

from monitor.cli.waterfall import Phase, phases, waterfall
from monitor.model import outcome
from monitor.probes.exchange import Cut, Exchange, Instants, Interruption
from monitor.probes.reading import Reading, TokenRead

MS = 1_000_000
WHOLE = Instants(
    started_ns=0,
    dialling_ns=1 * MS,
    dns_ns=3 * MS,
    connecting_ns=3 * MS,
    tcp_ns=5 * MS,
    tls_ns=20 * MS,
    sent_ns=21 * MS,
    first_byte_ns=80 * MS,
    headers_ns=80 * MS,
    end_ns=200 * MS,
)


def reading(*at_ms: int) -> Reading:
    return Reading(token_reads=tuple(TokenRead(at_ns=each * MS, characters=1) for each in at_ms))


def test_a_whole_run_has_all_phases_one_after_the_other() -> None:
    found = phases(Exchange(instants=WHOLE, status=200), reading(100, 150, 190))

    assert [(each.name, each.begin_ns // MS, each.end_ns // MS) for each in found] == [
        ("DNS", 1, 3),
        ("connect", 3, 5),
        ("TLS", 5, 20),
        ("request sent", 20, 21),
        ("first byte", 21, 80),
        ("first token", 80, 100),
        ("stream", 100, 190),
    ]
    assert not any(each.is_cut for each in found)


def test_an_answer_without_tokens_has_a_rest() -> None:
    names = [each.name for each in phases(Exchange(instants=WHOLE, status=500), None)]

    assert names[-2:] == ["first byte", "rest of answer"]


@pytest.mark.parametrize(
    ("instants", "read", "phase", "name", "begin_ms"),
    [
        pytest.param(
            Instants(dialling_ns=1 * MS, end_ns=9 * MS), None, outcome.Phase.DNS, "DNS", 0, id="DNS"
        ),
        pytest.param(
            Instants(dialling_ns=0, dns_ns=2 * MS, connecting_ns=2 * MS, end_ns=9 * MS),
            None,
            outcome.Phase.CONNECT,
            "connect",
            2,
            id="connect",
        ),
        pytest.param(
            Instants(connecting_ns=0, tcp_ns=4 * MS, end_ns=9 * MS),
            None,
            outcome.Phase.TLS,
            "TLS",
            4,
            id="TLS",
        ),
        pytest.param(
            Instants(connecting_ns=0, tcp_ns=4 * MS, sent_ns=5 * MS, end_ns=9 * MS),
            None,
            outcome.Phase.FIRST_TOKEN,
            "first byte",
            5,
            id="first byte",
        ),
        pytest.param(
            Instants(tcp_ns=4 * MS, sent_ns=5 * MS, first_byte_ns=6 * MS, end_ns=9 * MS),
            reading(),
            outcome.Phase.FIRST_TOKEN,
            "first token",
            6,
            id="first token",
        ),
        pytest.param(
            Instants(tcp_ns=4 * MS, sent_ns=5 * MS, first_byte_ns=6 * MS, end_ns=9 * MS),
            reading(7, 8),
            outcome.Phase.STALL,
            "stream",
            8,
            id="stream",
        ),
    ],
)
def test_a_run_that_was_cut_ends_in_the_phase_it_was_in(
    instants: Instants, read: Reading | None, phase: outcome.Phase, name: str, begin_ms: int
) -> None:
    cut = Interruption(cut=Cut.DEADLINE, phase=phase)

    last = phases(Exchange(instants=instants, interruption=cut), read)[-1]

    assert last == Phase(name, begin_ms * MS, 9 * MS, "red", is_cut=True)


@pytest.mark.parametrize("width", [40, 80, 110])
def test_bars_lie_where_their_time_was_and_fit_the_width(width: int) -> None:
    found = phases(Exchange(instants=WHOLE, status=200), reading(100, 200))

    lines = [line.plain for line in waterfall(found, 0, 200 * MS, width)]

    assert max(map(len, lines)) <= width
    first, stream = lines[4], lines[6]
    assert stream.index("█") > first.index("█")
    room = width - 30
    assert abs(stream.count("█") - room / 2) <= 1


def test_the_shortest_phase_is_seen_and_one_that_ran_backwards_took_no_time() -> None:
    drawn = [Phase("short", 0, 1, "red"), Phase("back", 5 * MS, 4 * MS, "red")]

    lines = [line.plain for line in waterfall(drawn, 0, 1000 * MS, 80)]

    assert "▏" in lines[0]
    assert lines[1].endswith(" 0.00 ms")


def test_what_was_cut_has_a_sign() -> None:
    (line,) = waterfall([Phase("TLS", 0, 9 * MS, "red", is_cut=True)], 0, 9 * MS, 60)

    assert line.plain.endswith("9.00 ms ✗")
