"""Amazon Bedrock's Converse API: any of its models, by binary frames of an event stream.

Format: docs.aws.amazon.com/bedrock/latest/APIReference, ConverseStream and Converse. Counts come
after the terminal event. What only some models take (reasoning above all) goes through
`extra_body` as `additionalModelRequestFields`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from monitor.model.target import Probe
from monitor.probes.dialect import TINY_PNG, DialectError, count, decoded, get, post
from monitor.probes.eventstream import EXCEPTION, EventStreamParser
from monitor.probes.exchange import WireRequest
from monitor.probes.extras import library
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.reading import Channel, Delta, Piece, Usage

_STREAM_TYPE = "application/vnd.amazon.eventstream"
#: Models are listed by another service than the one that runs them.
_RUNTIME, _CONTROL = "://bedrock-runtime", "://bedrock"


class BedrockConverse:
    """The dialect `bedrock_converse`, which needs the extra `[bedrock]`."""

    name = "bedrock_converse"

    def framer(self) -> Framer:
        """Binary frames."""
        return EventStreamParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        """Write `POST {base_url}/model/{model}/converse-stream`, or `/converse` for a whole answer.

        Raises:
            MissingExtraError: botocore is not installed, so no answer could be read.
        """
        library("botocore.eventstream", "bedrock")
        settings, target = probe.request, probe.target
        inference: dict[str, Any] = {"maxTokens": settings.max_output_tokens}
        if settings.temperature is not None:
            inference["temperature"] = settings.temperature
        content = [{"text": prompt}, *([_IMAGE] if settings.has_image else [])]
        body = {
            "messages": [{"role": "user", "content": content}],
            "inferenceConfig": inference,
        }
        action = "converse-stream" if target.streams else "converse"
        accepted = {"accept": _STREAM_TYPE} if target.streams else {}
        return post(probe, f"/model/{quote(target.model, safe='')}/{action}", body, **accepted)

    def build_listing(self, probe: Probe) -> WireRequest:
        """Write `GET /foundation-models` of the control plane, whose host the base URL tells."""
        control = probe.target.base_url.replace(_RUNTIME, _CONTROL, 1)
        target = replace(probe.target, base_url=control)
        return get(replace(probe, target=target), "/foundation-models")

    def parse(self, event: WireEvent) -> Delta:
        """Read one event; those of other types hold nothing that was generated."""
        body = decoded(event)
        if not isinstance(body, dict):
            raise DialectError("an event is not a JSON object")
        if event.type == EXCEPTION:
            return Delta(error=body)
        read = _READERS.get(event.type)
        return read(body) if read else Delta()

    def parse_whole(self, body: object) -> Delta:
        """Read a whole answer."""
        if not isinstance(body, dict):
            raise DialectError("an answer is not a JSON object")
        message = _part(_part(body, "output"), "message")
        blocks = message.get("content")
        if not isinstance(blocks, list):
            return _flat_error(body)
        pieces = tuple(piece for block in blocks for piece in _pieces(block))
        return replace(_stop(body), pieces=pieces, usage=_usage(body.get("usage")))

    def count_models(self, body: object) -> int:
        """Count the entries of `modelSummaries`."""
        models = body.get("modelSummaries") if isinstance(body, dict) else None
        if not isinstance(models, list):
            raise DialectError("a listing without modelSummaries")
        return len(models)


_IMAGE = {"image": {"format": "png", "source": {"bytes": TINY_PNG}}}


def _start(body: Mapping[str, Any]) -> Delta:
    return Delta(pieces=tuple(_pieces(body.get("start"))))


def _block_delta(body: Mapping[str, Any]) -> Delta:
    return Delta(pieces=tuple(_pieces(body.get("delta"))))


def _stop(body: Mapping[str, Any]) -> Delta:
    reason = body.get("stopReason")
    return Delta(finish_reason=reason if isinstance(reason, str) else None, is_terminal=True)


def _metadata(body: Mapping[str, Any]) -> Delta:
    return Delta(usage=_usage(body.get("usage")), is_end=True)


_READERS: dict[str, Callable[[Mapping[str, Any]], Delta]] = {
    "contentBlockStart": _start,
    "contentBlockDelta": _block_delta,
    "messageStop": _stop,
    "metadata": _metadata,
}


def _pieces(block: object) -> Iterator[Piece]:
    """Take what a block says, streamed or whole; a whole one nests its reasoning deeper."""
    if not isinstance(block, dict):
        return
    reasoning = _part(block, "reasoningContent")
    thought = reasoning.get("text") or _part(reasoning, "reasoningText").get("text")
    call = _part(block, "toolUse")
    said = (
        (Channel.REASONING, thought),
        (Channel.TEXT, block.get("text")),
        (Channel.TOOL, call.get("name")),
        (Channel.TOOL, call.get("input")),  # a whole answer has it decoded: its name is enough
    )
    yield from (Piece(channel, text) for channel, text in said if isinstance(text, str) and text)


def _usage(usage: object) -> Usage | None:
    """Take the counts; the API counts what the cache held apart from the rest of the prompt."""
    if not isinstance(usage, dict):
        return None
    read, asked = count(usage.get("cacheReadInputTokens")), count(usage.get("inputTokens"))
    written = count(usage.get("cacheWriteInputTokens"))
    return Usage(
        input_tokens=None if asked is None else asked + (read or 0) + (written or 0),
        output_tokens=count(usage.get("outputTokens")),
        cached_tokens=read,
    )


def _flat_error(body: Mapping[str, Any]) -> Delta:
    """Take a body in the shape of the API's errors; some gateways spell the key with a capital."""
    if isinstance(body.get("message") or body.get("Message"), str):
        return Delta(error=body)
    raise DialectError("an answer has neither a message nor an error")


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}
