"""Exchanges and readings that the tests of classification begin with."""

import json
from typing import Any

from monitor.model.outcome import Phase
from monitor.probes.exchange import Cut, Exchange, Interruption, Read
from monitor.probes.reading import Reading, TokenRead

GOOD = Reading(
    token_reads=(TokenRead(at_ns=1, characters=2),),
    first_answer_ns=1,
    finish_reason="stop",
    is_terminal=True,
    events=3,
)


def answer(status: int | None, body: Any = "", **headers: str) -> Exchange:
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    return Exchange(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        reads=(Read(0, data),) if data else (),
    )


def cut(what: Cut, phase: Phase, status: int | None = None, message: str = "") -> Exchange:
    interruption = Interruption(cut=what, phase=phase, message=message)
    return Exchange(status=status, interruption=interruption)
