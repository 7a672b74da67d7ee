"""What a 2xx answer came to, from what its dialect read: good, or in which way not."""

import re
from dataclasses import dataclass

from monitor.model.outcome import Outcome
from monitor.probes.reading import Reading, Usage

_NOISE = re.compile(r"[\W_]+")
_MAX_FINISH = 100
#: Of the generated tokens at least this share was hidden reasoning.
_NEARLY_ALL = 0.9

#: Finish reasons, folded: OpenAI, Azure, Anthropic, Gemini, Bedrock, Cohere, Zhipu.
#: Gemini's LANGUAGE is documented as "flagged", so it is a filter; its OTHER, IMAGE_OTHER and
#: MALFORMED_RESPONSE name no reason, so what did arrive decides.
_FILTERED = frozenset(
    {
        *("contentfilter", "contentfiltered", "safety", "refusal", "blocklist", "jailbreak"),
        *("prohibitedcontent", "recitation", "spii", "modelarmor", "guardrailintervened"),
        *("imagesafety", "imageprohibitedcontent", "imagerecitation", "language"),
        *("sensitive", "errortoxic", "blocked"),
    }
)
_LENGTH = frozenset(
    {"length", "maxtokens", "maxoutputtokens", "modellength", "modelcontextwindowexceeded"}
)
#: OpenRouter `error`, SGLang and vLLM `abort`, Zhipu `network_error`, Cohere, DeepSeek.
_ERRORS = {
    "error": Outcome.SERVER_ERROR,
    "abort": Outcome.SERVER_ERROR,
    "aborted": Outcome.SERVER_ERROR,
    "failed": Outcome.SERVER_ERROR,
    "networkerror": Outcome.SERVER_ERROR,
    "timeout": Outcome.TIMEOUT,
    "insufficientsystemresource": Outcome.OVERLOADED,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome and the id of the rule that gave it."""

    outcome: Outcome
    rule: str


EMPTY = Judgement(Outcome.EMPTY, "completion-empty")


def finish_judgement(reading: Reading) -> Judgement | None:
    """Judge by the finish reason where it alone decides: a filter or an error."""
    finish = _folded(reading.finish_reason)
    if finish in _FILTERED:
        return Judgement(Outcome.FILTERED, "finish-filtered")
    outcome = _ERRORS.get(finish)
    return Judgement(outcome, f"finish-{outcome.replace('_', '-')}") if outcome else None


def completion_judgement(reading: Reading) -> Judgement:
    """Judge an answer that names no error."""
    if reading.models is not None:
        return Judgement(Outcome.OK, "listing-ok") if reading.models else EMPTY
    if reading.has_tokens:
        return _judge_tokens(reading)
    if reading.malformed is not None:
        return Judgement(Outcome.MALFORMED, "completion-malformed")
    if is_starved(reading):
        return Judgement(Outcome.STARVED, "completion-starved")
    if reading.is_terminal or not reading.events:
        return EMPTY
    return Judgement(Outcome.TRUNCATED, "completion-truncated")


def _judge_tokens(reading: Reading) -> Judgement:
    if not reading.is_terminal:
        return Judgement(Outcome.TRUNCATED, "completion-truncated")
    if reading.malformed is not None:
        return Judgement(Outcome.MALFORMED, "completion-malformed")
    if is_starved(reading):
        return Judgement(Outcome.STARVED, "completion-starved")
    return Judgement(Outcome.OK, "completion-ok")


def is_starved(reading: Reading) -> bool:
    """The token ceiling was spent on reasoning before any answer came."""
    if reading.has_answer or _folded(reading.finish_reason) not in _LENGTH:
        return False
    return reading.has_tokens or _reasoned(reading.usage)


def _reasoned(usage: Usage | None) -> bool:
    """Tokens were generated and none was shown, so they were reasoning that is kept hidden."""
    output = usage.output_tokens if usage else None
    reasoning = usage.reasoning_tokens if usage else None
    if reasoning is None:
        return bool(output)
    return reasoning > 0 and reasoning >= _NEARLY_ALL * (output or 0)


def _folded(finish_reason: str | None) -> str:
    return _NOISE.sub("", (finish_reason or "")[:_MAX_FINISH]).lower()
