"""Pure: figures and states in the words that the pages use. British spelling, UTC, no jargon."""

import math
import unicodedata
from datetime import datetime
from http import HTTPStatus

from monitor.model.health import State
from monitor.model.outcome import Outcome

#: What stands where nothing is known.
NOTHING = "\N{EN DASH}"
#: Foreign words are cut to so many characters; what is stored of them is shorter already.
_MOST_CHARACTERS = 600
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_SPACE = "\N{NO-BREAK SPACE}"
#: The pictures of C0 control characters begin here, in their order.
_PICTURES = 0x2400
_FIRST_PRINTABLE, _DELETE = 0x20, 0x7F

#: Each state with its word and what it means, worst first.
STATES: dict[State, tuple[str, str]] = {
    State.DOWN: ("down", "fails, and gets no traffic"),
    State.BLOCKED: ("blocked", "refuses our account, and gets no traffic"),
    State.DEGRADED: ("degraded", "works, with failures or slowly"),
    State.RECOVERING: ("recovering", "works again, and gets some traffic"),
    State.UNKNOWN: ("unknown", "not known yet"),
    State.UP: ("up", "works"),
}

#: What a run ended in, in words.
OUTCOMES: dict[Outcome, str] = {
    Outcome.OK: "answered well",
    Outcome.STARVED: "spent its tokens on reasoning",
    Outcome.OVERLOADED: "has no capacity",
    Outcome.SERVER_ERROR: "fails with an error of its own",
    Outcome.GATEWAY_ERROR: "fails at its gateway",
    Outcome.TIMEOUT: "does not answer in time",
    Outcome.UNREACHABLE: "cannot be reached",
    Outcome.TRUNCATED: "breaks its answers off",
    Outcome.EMPTY: "gives empty answers",
    Outcome.MALFORMED: "answers in no known format",
    Outcome.MODEL_UNAVAILABLE: "does not have the model",
    Outcome.NOT_READY: "is not ready yet",
    Outcome.RATE_LIMITED: "limits our rate",
    Outcome.QUOTA_EXHAUSTED: "says that our quota is used up",
    Outcome.UNAUTHORIZED: "does not accept our key",
    Outcome.FORBIDDEN: "forbids our account",
    Outcome.INVALID_REQUEST: "calls our request invalid",
    Outcome.FILTERED: "filters our request",
    Outcome.MISROUTED: "sent us to another provider",
    Outcome.INCONCLUSIVE: "could not be judged: a fault on our side",
    Outcome.MISSED: "was not probed in this slot",
    Outcome.UNCLASSIFIED: "fails in a way that no rule knows",
}

_OUTCOMES = {outcome.value: words for outcome, words in OUTCOMES.items()}
#: Reasons of a state that are no outcome.
_REASONS = {
    "flapping": "fails too often to be relied on",
    "slow": "is much slower than usual",
    "unreliable": "has failed often of late",
}


def cause(reason: str | None) -> str:
    """Say a reason of a state in words.

    >>> cause("overloaded"), cause("flapping"), cause(None)
    ('has no capacity', 'fails too often to be relied on', '')
    """
    if reason is None:
        return ""
    known = _REASONS.get(reason) or _OUTCOMES.get(reason)
    return known or visible(reason.replace("_", " "))


def with_status(words: str, http_status: int | None) -> str:
    """Add the HTTP status of an answer, where it says that something is wrong.

    >>> with_status("has no capacity", 503), with_status("breaks its answers off", 200)
    ('has no capacity, HTTP 503', 'breaks its answers off')
    """
    is_error = http_status is not None and http_status >= HTTPStatus.BAD_REQUEST
    return f"{words}, HTTP {http_status}" if is_error else words


def visible(text: str) -> str:
    r"""Make every character of foreign words one that is seen, and cut them to a bearable length.

    Control characters, those that turn the direction of text and those that hide in it are told by
    name; the template escapes the rest.

    >>> visible("a\x1b[31mb"), visible("x\u202egnp")
    ('a␛[31mb', 'x[U+202E]gnp')
    """
    cut = text[:_MOST_CHARACTERS]
    if not cut.isprintable():
        cut = "".join(map(_seen, cut))
    return cut if len(text) <= _MOST_CHARACTERS else f"{cut}…"


def _seen(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if code < _FIRST_PRINTABLE:
        return chr(_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    is_space = unicodedata.category(character) == "Zs"
    return " " if is_space else f"[U+{code:04X}]"


def percent(ratio: float | None, decimals: int = 2) -> str:
    r"""Write a share; it is never rounded up, so that 100 % means all.

    >>> percent(0.99999), percent(1.0), percent(0.5), percent(None)
    ('99.99\xa0%', '100\xa0%', '50\xa0%', '–')
    """
    if ratio is None:
        return NOTHING
    scale = 10**decimals
    floored = math.floor(ratio * 100 * scale + 1e-6) / scale
    return f"{floored:.{decimals}f}".rstrip("0").rstrip(".") + f"{_SPACE}%"


def seconds(value: float | None) -> str:
    r"""Write a latency.

    >>> seconds(0.342), seconds(1.236), seconds(None), seconds(0.0042)
    ('342\xa0ms', '1.24\xa0s', '–', '4.2\xa0ms')
    """
    if value is None:
        return NOTHING
    if value < 0.01:  # noqa: PLR2004 - below ten milliseconds a tenth of one tells something
        return f"{value * 1000:.1f}{_SPACE}ms"
    return f"{value * 1000:.0f}{_SPACE}ms" if value < 1 else f"{value:.2f}{_SPACE}s"


def duration(value: float | None) -> str:
    r"""Write how long something lasted, in two units at most.

    >>> duration(42), duration(130), duration(7260), duration(200_000), duration(None)
    ('42\xa0s', '2\xa0min', '2\xa0h 1\xa0min', '2\xa0d 7\xa0h', '–')
    """
    if value is None:
        return NOTHING
    whole = max(int(value), 0)
    if whole < _MINUTE:
        return f"{whole}{_SPACE}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}{_SPACE}min"
    large, small = (_DAY, _HOUR) if whole >= _DAY else (_HOUR, _MINUTE)
    names = ("d", "h") if whole >= _DAY else ("h", "min")
    count, rest = whole // large, whole % large // small
    return f"{count}{_SPACE}{names[0]}" + (f" {rest}{_SPACE}{names[1]}" if rest else "")


def ago(at: datetime, now: datetime) -> str:
    """Say how long ago an instant was."""
    return f"{duration((now - at).total_seconds())} ago"


def clock(at: datetime, now: datetime) -> str:
    """Write an instant, with its date unless that is today's."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at.day}{_SPACE}{at:%b %H:%M}"


def moment(at: datetime) -> str:
    """Write an instant in full."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def short_date(at: datetime) -> str:
    r"""Write a date as an axis does.

    >>> short_date(datetime(2026, 3, 4))
    '4\xa0Mar'
    """
    return f"{at.day}{_SPACE}{at:%b}"


def speed(tokens_per_second: float | None) -> str:
    """Write a speed, without its unit."""
    return NOTHING if tokens_per_second is None else f"{tokens_per_second:,.0f}"


def count(value: float | None) -> str:
    """Write a large number short.

    >>> count(999), count(12_345), count(3_200_000), count(None)
    ('999', '12.3k', '3.2M', '–')
    """
    if value is None:
        return NOTHING
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + letter
    return f"{value:.0f}"


def dollars(value: float | None) -> str:
    """Write a price or a cost.

    >>> dollars(0.15), dollars(0.000123), dollars(0.0), dollars(None)
    ('$0.15', '$0.000123', '$0', '–')
    """
    if value is None:
        return NOTHING
    if value == 0:
        return "$0"
    return f"${value:,.2f}" if value >= 0.01 else f"${value:.3g}"  # noqa: PLR2004 - a cent


def plural(number: int, noun: str) -> str:
    """Count a noun.

    >>> plural(1, "target"), plural(2, "target")
    ('1 target', '2 targets')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
