"""A plain client of simulated providers, and how the tests read what it got."""

import json
import re
import ssl
from dataclasses import dataclass
from typing import Any

import httpx

from monitor.simulator import Behaviour, Script, SimulatedTarget, Simulator, Truth

MODEL = "sim/quick"
LOCKED = "sim/locked"
QUICK = Script(first_token_seconds=0.02, gap_seconds=0.005, tokens=8, reasoning_tokens=2)


def target(behaviour: Behaviour, model: str = MODEL, provider: str = "alpha") -> SimulatedTarget:
    return SimulatedTarget(provider=provider, model=model, group="sim/any", behaviour=behaviour)


#: Two providers; one of the models wants a key.
FLEET = (
    target(Behaviour(script=QUICK)),
    target(Behaviour(script=QUICK, accepted_key="right"), model=LOCKED),
    target(Behaviour(script=QUICK), provider="beta"),
)


def plain_client() -> httpx.AsyncClient:
    """A client for plain HTTP; to load the usual certificates would take the longest of all."""
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.AsyncClient(verify=empty, trust_env=False, timeout=5)


def completion(**body: Any) -> dict[str, Any]:
    """The body of a streamed completion request, with *body* on top."""
    messages = [{"role": "user", "content": "k7x hello"}]
    return {"model": MODEL, "stream": True, "messages": messages, **body}


@dataclass(frozen=True)
class Caller:
    """Asks the providers of one simulator."""

    simulator: Simulator
    client: httpx.AsyncClient

    def url(self, provider: str = "alpha", path: str = "/chat/completions") -> str:
        return self.simulator.base_url(provider) + path

    async def complete(
        self, provider: str = "alpha", *, timeout_seconds: float = 5, **body: Any
    ) -> httpx.Response:
        return await self.client.post(
            self.url(provider), json=completion(**body), timeout=timeout_seconds
        )

    async def truth(self) -> Truth:
        """The truth of the only completion that there was."""
        await self.simulator.idle()
        (truth,) = self.simulator.truths()
        return truth


def events(response: httpx.Response) -> list[Any]:
    """The decoded events of a stream, `[DONE]` as a string."""
    data = re.findall(r"^data: (.*)$", response.text, flags=re.MULTILINE)
    return [line if line == "[DONE]" else json.loads(line) for line in data]


def choices(response: httpx.Response) -> list[Any]:
    """The choices of all events of a stream."""
    decoded = (event for event in events(response) if event != "[DONE]")
    return [choice for event in decoded for choice in event.get("choices", [])]


def said(response: httpx.Response, field: str = "content") -> str:
    """The text of a stream in one of its channels."""
    return "".join(choice["delta"].get(field) or "" for choice in choices(response))


def finish(response: httpx.Response) -> str | None:
    """Why the model stopped, if the stream says so."""
    reasons = [choice["finish_reason"] for choice in choices(response)]
    return next((str(reason) for reason in reasons if reason), None)
