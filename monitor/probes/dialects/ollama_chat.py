"""Ollama's own chat API: a line of JSON for each piece of the answer.

Format: docs.ollama.com/api/chat and api/streaming. The last line has `done: true`, why the model
stopped, and the counts; an error after the first byte is a line of its own under a 200.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.model.target import Probe
from monitor.probes.dialect import (
    TINY_PNG,
    DialectError,
    ForeignEventError,
    count,
    decoded,
    get,
    post,
)
from monitor.probes.exchange import WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.ndjson import NdjsonParser
from monitor.probes.reading import Channel, Delta, Piece, Usage

_STREAM_TYPE = "application/x-ndjson"


class OllamaChat:
    """The dialect `ollama_chat`."""

    name = "ollama_chat"

    def framer(self) -> Framer:
        """A line of JSON an event."""
        return NdjsonParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/api/chat`."""
        settings, target = probe.request, probe.target
        message: dict[str, Any] = {"role": "user", "content": prompt}
        if settings.has_image:
            message["images"] = [TINY_PNG]
        options: dict[str, Any] = {"num_predict": settings.max_output_tokens}
        if settings.temperature is not None:
            options["temperature"] = settings.temperature
        body: dict[str, Any] = {
            "model": target.model,
            "messages": [message],
            "stream": target.streams,
            "options": options,
        }
        if settings.reasoning_effort is not None:
            effort = settings.reasoning_effort
            body["think"] = False if effort == "none" else effort
        accepted = {"accept": _STREAM_TYPE} if target.streams else {}
        return post(probe, "/api/chat", body, **accepted)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET {base_url}/api/tags`."""
        return get(probe, "/api/tags")

    def parse(self, event: WireEvent) -> Delta:
        """Read one line."""
        return _delta(decoded(event))

    def parse_whole(self, body: object) -> Delta:
        """Read a whole answer, which is one last line with all of the message."""
        return _delta(body)

    def count_models(self, body: object) -> int:
        """Count the entries of `models`: what has been pulled, not what could be."""
        models = body.get("models") if isinstance(body, dict) else None
        if not isinstance(models, list):
            raise DialectError("a listing without models")
        return len(models)


def _delta(line: object) -> Delta:
    if not isinstance(line, dict):
        raise DialectError("a line is not a JSON object")
    if line.get("error"):
        return Delta(error=line)
    message, is_done = line.get("message"), line.get("done") is True
    if not isinstance(message, dict) and not is_done:
        raise ForeignEventError("a line has no message and no error, and is not the last")
    reason = line.get("done_reason")
    return Delta(
        pieces=tuple(_pieces(message)) if isinstance(message, dict) else (),
        usage=_usage(line) if is_done else None,
        finish_reason=reason if is_done and isinstance(reason, str) else None,
        is_terminal=is_done,
        is_end=is_done,
    )


def _pieces(message: Mapping[str, Any]) -> Iterator[Piece]:
    for name, channel in (("thinking", Channel.REASONING), ("content", Channel.TEXT)):
        text = message.get(name)
        if isinstance(text, str) and text:
            yield Piece(channel, text)
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            text = _call(function)
            if text:
                yield Piece(Channel.TOOL, text)


def _call(function: Mapping[str, Any]) -> str:
    """Give a call's name and what it names; the arguments come decoded, and at any depth."""
    name, arguments = function.get("name"), function.get("arguments")
    names = arguments if isinstance(arguments, dict) else ()
    return " ".join((name if isinstance(name, str) else "", *names))


def _usage(line: Mapping[str, Any]) -> Usage | None:
    """Take the counts; a prompt that was cached whole comes without its own."""
    asked, answered = count(line.get("prompt_eval_count")), count(line.get("eval_count"))
    if asked is None and answered is None:
        return None
    return Usage(input_tokens=asked, output_tokens=answered)
