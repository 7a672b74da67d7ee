"""OpenRouter's documented uptime rule, for the second uptime that is published.

Counts as bad: 401, 402, 404, every 5xx, errors in the middle of a stream, error finishes. Left
out: 400, 403, 413, 429 and other mistakes of the user. The rule is silent about what has no
status; there, what the user did not get is bad.
"""

from monitor.model.outcome import Outcome

_LEFT_OUT = frozenset(
    {Outcome.INCONCLUSIVE, Outcome.MISSED, Outcome.MISROUTED, Outcome.FILTERED},
)
_GOOD = frozenset({Outcome.OK, Outcome.STARVED})
_COUNTED_STATUSES = frozenset({401, 402, 404})
_FIRST_ERROR = 300
_FIRST_SERVER_ERROR = 500


def openrouter_verdict(outcome: Outcome, http_status: int | None) -> bool | None:
    """Judge a run by OpenRouter's rule.

    Args:
        outcome: What the run ended in.
        http_status: The status line's number; None if no answer came.

    Returns:
        Good or bad; None if the rule leaves the run out.

    >>> openrouter_verdict(Outcome.MODEL_UNAVAILABLE, 404)
    False
    >>> openrouter_verdict(Outcome.RATE_LIMITED, 429) is None
    True
    """
    if outcome in _LEFT_OUT:
        return None
    if outcome in _GOOD:
        return True
    if http_status is None or http_status < _FIRST_ERROR:
        return False
    is_bad = http_status in _COUNTED_STATUSES or http_status >= _FIRST_SERVER_ERROR
    return False if is_bad else None
