"""What a run ended in, in words that its provider understands."""

from monitor.model.outcome import Fault, Outcome, fault_of

_OUTCOMES = {
    Outcome.OK: "a whole answer",
    Outcome.STARVED: "its tokens went into reasoning",
    Outcome.OVERLOADED: "out of capacity, whatever the status",
    Outcome.SERVER_ERROR: "an internal error, by its own words",
    Outcome.GATEWAY_ERROR: "a gateway's page instead of an answer",
    Outcome.TIMEOUT: "no answer in time",
    Outcome.UNREACHABLE: "no connection could be made",
    Outcome.TRUNCATED: "the stream ended early",
    Outcome.EMPTY: "a complete answer without a token",
    Outcome.MALFORMED: "an answer that its API does not know",
    Outcome.MODEL_UNAVAILABLE: "the model is missing or retired",
    Outcome.NOT_READY: "loading or scaling up",
    Outcome.RATE_LIMITED: "above our own rate limit",
    Outcome.QUOTA_EXHAUSTED: "our credit or quota was used up",
    Outcome.UNAUTHORIZED: "our key was not accepted",
    Outcome.FORBIDDEN: "our account or region was refused",
    Outcome.INVALID_REQUEST: "our request was called invalid",
    Outcome.FILTERED: "our request was filtered",
    Outcome.MISROUTED: "a gateway asked somebody else",
    Outcome.INCONCLUSIVE: "spoiled by the prober or its network",
    Outcome.MISSED: "a planned run that was not made",
    Outcome.UNCLASSIFIED: "no rule knows the answer",
}
#: What a rule says more exactly than its outcome.
_RULES = {
    "cut-dns": "the host's name was not found",
    "cut-refused": "the connection was refused",
    "cut-connect": "no connection could be made",
    "cut-tls": "no TLS session could be made",
    "cut-reset": "the connection was closed early",
    "cut-protocol": "what was sent is no valid HTTP",
    "cut-too-large": "an answer too large to read",
    "deadline-dns": "the name was not found in time",
    "deadline-connect": "no connection in time",
    "deadline-tls": "no TLS session in time",
    "deadline-send": "the request was not taken in time",
    "deadline-response": "no first byte in time",
    "deadline-first-token": "no first token in time",
    "deadline-stall": "the stream stood still for too long",
    "deadline-total": "the answer was not complete in time",
}
_OURS = frozenset({Fault.ACCOUNT, Fault.REQUEST, Fault.PROBER})


def meaning(outcome: str, rule: str) -> str:
    """Say what a run ended in, and that it does not count where it was our doing.

    >>> meaning("unreachable", "cut-refused"), meaning("unauthorized", "unauthorized-code")
    ('the connection was refused', 'our key was not accepted (not counted)')
    """
    known = Outcome(outcome)
    words = _RULES.get(rule) or _OUTCOMES[known]
    # A status that is not known is given the benefit of the doubt: nothing is claimed of it.
    is_ours = fault_of(known, http_status=500) in _OURS
    return f"{words} (not counted)" if is_ours else words
