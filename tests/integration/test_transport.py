"""What servers do that no simulator of an API would: raw bytes on a socket."""

import asyncio
import contextlib
import gzip
import socketserver
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome, Phase
from monitor.model.result import Result
from monitor.model.target import Deadlines, Secret
from monitor.probes.lag import LoopLag
from monitor.probes.network.arrival import Arrivals
from monitor.probes.network.dial import Dialler
from monitor.probes.network.wire import Wire
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport, UnsendableError
from tests.factories import make_probe
from tests.fakes import START

EVENT = b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'
PATIENT = Deadlines(total_seconds=20)
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"


@pytest.fixture(params=[httpx, httpx2], ids=lambda module: module.__name__)
def prober(request: pytest.FixtureRequest) -> Prober:
    library: ModuleType = request.param
    clock = SystemClock()
    return Prober(HttpTransport(clock, library=library), clock, vantage="x", lag=LoopLag(clock))


@contextmanager
def raw_server(answer: Iterable[bytes], *, lingers: bool = False) -> Iterator[str]:
    """Answers each connection with some bytes and hangs up; gives its host and port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.request.settimeout(0.05)
                while self.request.recv(65_536):
                    pass  # the request; what is left unread would turn the close into a reset
            with contextlib.suppress(OSError):
                self.request.settimeout(10)
                for data in answer:
                    self.request.sendall(data)
                while lingers and self.request.recv(65_536):
                    pass  # until the client goes

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


async def run(
    prober: Prober, *answer: bytes, scheme: str = "http", lingers: bool = False, **settings: Any
) -> Result:
    with raw_server(answer, lingers=lingers) as host:
        given = {"deadlines": PATIENT} | settings
        return await prober.run(
            make_probe("raw/m", base_url=f"{scheme}://{host}/v1", **given), START
        )


@pytest.mark.parametrize(
    ("answer", "outcome", "phase"),
    [
        pytest.param([b""], Outcome.UNREACHABLE, None, id="hangs up without a word"),
        pytest.param([b"SSH-2.0-x\r\n\r\n"], Outcome.MALFORMED, None, id="speaks no HTTP"),
        pytest.param(
            [OK, b"content-length: 500\r\n\r\n", EVENT],
            Outcome.TRUNCATED,
            Phase.STREAM,
            id="sends less than it promised",
        ),
        pytest.param([OK, b"\r\n", EVENT], Outcome.TRUNCATED, None, id="ends without a finish"),
        pytest.param(
            [OK, b"content-encoding: gzip\r\n\r\n", b"no gzip"],
            Outcome.MALFORMED,
            None,
            id="claims an encoding that it does not use",
        ),
        pytest.param(
            [OK, b"content-encoding: identity\r\n\r\n", EVENT, b"data: [DONE]\n\n"],
            Outcome.OK,
            None,
            id="closes after the end",
        ),
        pytest.param(
            [OK, b"\r\n", *[b"data: " + b"x" * 65_534] * 140],
            Outcome.MALFORMED,
            None,
            id="sends a line without end",
        ),
        pytest.param(
            [OK, b"\r\n", *[b": " + b"x" * 65_000 + b"\n"] * 140],
            Outcome.MALFORMED,
            None,
            id="sends comments without end",
        ),
        pytest.param(
            [b"HTTP/1.1 503 x\r\ncontent-type: text/html\r\n\r\n", *[b"<p>" * 20_000] * 40],
            Outcome.GATEWAY_ERROR,
            None,
            id="sends a page without end",
        ),
        pytest.param(
            [b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\n\r\n"],
            Outcome.INVALID_REQUEST,
            None,
            id="sends us elsewhere, where we do not go",
        ),
    ],
)
async def test_what_a_raw_answer_is_judged_to_be(
    prober: Prober, answer: list[bytes], outcome: Outcome, phase: Phase | None
) -> None:
    result = await run(prober, *answer)

    assert result.verdict.outcome is outcome, result.verdict
    if phase:
        assert result.verdict.phase is phase
    assert (result.measurement.received_bytes or 0) <= 8 << 20


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["plain HTTP", "hangs up"]
)
async def test_where_tls_is_expected_it_is_unreachable_by_tls(
    prober: Prober, answer: bytes
) -> None:
    result = await run(prober, answer, scheme="https")

    assert (result.verdict.outcome, result.verdict.phase) == (Outcome.UNREACHABLE, Phase.TLS)


async def test_a_server_that_lingers_after_the_end_is_not_waited_for(prober: Prober) -> None:
    answer = (OK, b"\r\n", EVENT, b"data: [DONE]\n\n")
    result = await run(prober, *answer, lingers=True, deadlines=Deadlines(total_seconds=600))

    assert result.verdict.outcome is Outcome.OK


async def test_a_request_that_is_no_http_is_our_fault_and_names_no_key(prober: Prober) -> None:
    key = Secret("Bearer sk-planted-key\x00")

    with pytest.raises(UnsendableError) as told:
        await run(prober, headers=(("authorization", key),))

    assert "planted" not in repr(told.value)
    assert told.value.__cause__ is None


async def test_what_a_server_echoes_is_kept_short_and_without_the_key() -> None:
    key = Secret("sk-planted-key-0123456789")
    clock = SystemClock()
    prober = Prober(HttpTransport(clock), clock, vantage="x", lag=LoopLag(clock), secrets=(key,))
    finish = b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": "%s"}]}\n\n' % (
        key.reveal().encode() + b"y" * 9000
    )
    head = OK + b"x-request-id: " + key.reveal().encode() + b"\r\n\r\n"

    result = await run(prober, head, finish)

    assert result.verdict.outcome is Outcome.OK
    assert len(result.finish_reason or "") <= 128
    assert "planted" not in repr(result)


async def test_a_flood_of_tiny_chunks_leaves_the_loop_to_others(prober: Prober) -> None:
    flood = b"".join(b"1\r\n:\r\n" for _ in range(8192))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    counting = asyncio.ensure_future(count())
    head = OK + b"transfer-encoding: chunked\r\n\r\n"
    result = await run(prober, head, *[flood] * 8, deadlines=Deadlines(first_token_seconds=30))
    counting.cancel()

    assert result.verdict.outcome is Outcome.TRUNCATED
    assert turns > 20


async def test_a_host_beyond_ascii_is_asked_by_its_name_of_today() -> None:
    """Python's own IDNA (2003) makes strasse.de of it: another host, which would get the key."""
    asked: list[str] = []

    class Listener(Dialler):
        async def dial(self, host: str, *_: object, **__: object) -> Wire:
            asked.append(host)
            raise ConnectionRefusedError

    clock = SystemClock()
    transport = HttpTransport(clock)
    transport._dialler = Listener(clock, ssl.create_default_context(), Arrivals())
    prober = Prober(transport, clock, vantage="x", lag=LoopLag(clock))
    for url in ("https://straße.de/v1", "https://xn--strae-oqa.de/v1"):
        await prober.run(make_probe("raw/m", base_url=url), START)

    assert asked == ["xn--strae-oqa.de"] * 2


async def test_a_packed_body_that_nobody_asked_for_is_bounded(prober: Prober) -> None:
    packed = gzip.compress(bytes(64 << 20))
    head = OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)

    result = await run(prober, head, packed)

    assert result.verdict.outcome is Outcome.MALFORMED
    assert (result.measurement.received_bytes or 0) <= 8 << 20
