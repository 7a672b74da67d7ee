"""The bare status: believed only when the body says nothing, or repeats it."""

from monitor.model.outcome import Outcome
from monitor.probes.rules.rule import Rule, providers

_BARE = "RFC 9110 and the providers' error tables: all of them agree on this number"


def _rule(name: str, outcome: Outcome, *numbers: int, source: str = _BARE) -> Rule:
    return Rule(id=f"status-{name}", outcome=outcome, statuses=frozenset(numbers), source=source)


#: Numbers on which the providers disagree.
PROVIDER_STATUS_RULES = (
    Rule(
        id="groq-498",
        outcome=Outcome.OVERLOADED,
        statuses=frozenset({498}),
        providers=providers("groq"),
        source="Groq: flex capacity exceeded",
    ),
    Rule(
        id="cohere-498",
        outcome=Outcome.FILTERED,
        statuses=frozenset({498}),
        providers=providers("cohere"),
        source="Cohere's OpenAPI: a deny-listed token in request or response; a bad key is a 401",
    ),
    Rule(
        id="overloaded-503",
        outcome=Outcome.OVERLOADED,
        statuses=frozenset({503}),
        providers=providers("deepseek", "together", "togetherai", "featherless"),
        source="DeepSeek, Together, Featherless: 503 is documented as overload",
    ),
    Rule(
        id="together-529",
        outcome=Outcome.SERVER_ERROR,
        statuses=frozenset({529}),
        providers=providers("together", "togetherai"),
        source="Together: unknown server error",
    ),
    Rule(
        id="together-403",
        outcome=Outcome.INVALID_REQUEST,
        statuses=frozenset({403}),
        providers=providers("together", "togetherai"),
        source="Together: prompt and max_tokens exceed the context",
    ),
    Rule(
        id="fireworks-412",
        outcome=Outcome.QUOTA_EXHAUSTED,
        statuses=frozenset({412}),
        providers=providers("fireworks", "fireworksai"),
        source="Fireworks: account suspended",
    ),
)

#: These outrank `invalid_request_error` and `api_error`, which some send with every status.
FIRM_STATUS_RULES = (
    _rule("unauthorized", Outcome.UNAUTHORIZED, 401),
    _rule("payment", Outcome.QUOTA_EXHAUSTED, 402),
    _rule("forbidden", Outcome.FORBIDDEN, 403, 407, 451),
    _rule("rate", Outcome.RATE_LIMITED, 429),
    _rule("overloaded", Outcome.OVERLOADED, 529, source="Anthropic, OpenRouter"),
    _rule("timeout", Outcome.TIMEOUT, 408, 504, 524, source="Bedrock, Gemini, Cloudflare"),
)

STATUS_RULES = (
    _rule("request", Outcome.INVALID_REQUEST, 400, 405, 406, 409, *range(411, 419), 421, 422),
    _rule("request-rare", Outcome.INVALID_REQUEST, 426, 428, 431),
    _rule("gone", Outcome.MODEL_UNAVAILABLE, 410, source="Hugging Face: a retired model"),
    _rule("dependency", Outcome.SERVER_ERROR, 424, source="Bedrock ModelError, TGI generation"),
    _rule("cancelled", Outcome.TIMEOUT, 499, source="Ollama, nginx, Gemini: cancelled, not by us"),
    _rule("server", Outcome.SERVER_ERROR, 500, 501, 503, 505, 506, 507, 508, 510),
    _rule("gateway", Outcome.GATEWAY_ERROR, 502, *range(520, 524), 525, 526, 527, 530),
    _rule("captive-portal", Outcome.INCONCLUSIVE, 511, source="RFC 6585: our own network asks"),
    _rule("redirect", Outcome.INVALID_REQUEST, *range(300, 400), source="we follow none"),
    _rule("interim", Outcome.MALFORMED, *range(100, 200), source="no final answer of HTTP"),
)
