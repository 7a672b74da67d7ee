"""Pure: judge an answer that somebody else recorded."""

from collections.abc import Mapping

from monitor.model.outcome import Verdict
from monitor.probes.classify import classify
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Exchange, Read
from monitor.probes.receiver import Receiver

#: What most servers speak; recorded answers of unknown dialects are read as this.
_COMMON_DIALECT = "openai_chat"
#: Short names that recorded answers use; `other` is read generically.
_SHORT = {
    "openai": "openai_chat",
    "anthropic": "anthropic_messages",
    "gemini": "gemini_generate",
    "cohere": "cohere_chat",
    "bedrock": "bedrock_converse",
    "ollama": "ollama_chat",
    "other": _COMMON_DIALECT,
}
#: All names by which a dialect may be called here.
KNOWN = frozenset(_SHORT) | frozenset(DIALECTS)


def judge(
    *,
    status: int | None,
    headers: Mapping[str, str],
    body: bytes,
    dialect: str = _COMMON_DIALECT,
    provider: str | None = None,
) -> Verdict:
    """Say what a recorded answer would have been judged to be.

    Args:
        status: The status line's number; None if there was no answer.
        headers: Response headers, in any case.
        body: The body as it came, of a stream too.
        dialect: The wire format that was spoken.
        provider: Who answered, where some rules hold for one provider only.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    exchange = Exchange(status=status, headers=lowered, reads=(Read(0, body),) if body else ())
    receiver = Receiver(DIALECTS.get(_SHORT.get(dialect, dialect), DIALECTS[_COMMON_DIALECT]))
    receiver.begin(status or 0, lowered)
    for read in exchange.reads:
        receiver.feed(read)
    return classify(exchange, receiver.reading(exchange), provider=provider)
