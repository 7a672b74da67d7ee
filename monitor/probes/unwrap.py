"""What a decoded error says: codes, repeated statuses, texts, pauses, however deep it is wrapped.

Wrappers put the provider's own error into `metadata.raw`, `details`, a message that is JSON, or
the text of an exception. The walk is breadth first, so what stands further out comes first, and
bounded in depth, nodes and characters.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from monitor.probes.rules.rule import fold
from monitor.probes.scrub import MAX_LOOK, clip

_MAX_DEPTH = 10
_MAX_NODES = 300
_MAX_KEYS = 48
_MAX_ITEMS = 8
_MAX_TEXTS = 24
_MAX_CODES = 48
#: A string longer than this is not tried as JSON (characters).
_MAX_NESTED = 1 << 18
_STATUSES = range(400, 600)
_LARGEST_CODE = 10**9
#: A text of one word is a code from this length on.
_SHORTEST_WORD = 3

#: Keys, with case and separators folded away. First those that hold a code, best first.
_CODE_KEYS = (
    *("errortype", "code", "errorcode", "statuscode", "type", "reason", "status", "httpstatus"),
    *("providercode", "limitsource", "rawstatuscode"),
)
#: Keys that hold the error's words, or more of the error.
_PART_KEYS = (
    *("message", "msg", "error", "errors", "errormessage", "errormsg", "statusmsg", "detail"),
    *("details", "title", "description", "errordescription", "metadata", "raw", "innererror"),
    *("cause", "exception", "fault", "availability", "body", "violations", "quotaid"),
    *("quotametric", "blockreasonmessage", "upstream", "failure"),
)
#: Keys that hold more of the error only if they hold a structure; as a string they are an answer.
_STRUCTURE_KEYS = ("response", "data", "baseresp", "choices", "promptfeedback", "result")
_PAUSE_KEYS = ("retryafter", "retryafterseconds", "retrydelay", "retryaftersecs")
#: Keys whose presence is a code in itself.
_TELLING_KEYS = {"blockreason": "prompt_blocked", "flaggedinput": "flagged_input"}

#: Codes that say only that something failed, or what kind of object this is.
_EMPTY_CODES = frozenset({"", "failed", "responsefailed", "message", "response", "completed"})

_DECODER = json.JSONDecoder()
_KEY_NOISE = re.compile(r"[\W_]+")
_CODE = re.compile(r"[A-Za-z0-9][\w.:#/-]{0,99}")
_CLASS_NAME = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Za-z]{2,60}(?:Error|Exception))(?![A-Za-z0-9])")
_LEADING_CODE = re.compile(r"([A-Z][A-Z0-9_]{4,60}):")
#: Codes in the repr of a Python dictionary, or in JSON that was cut off.
_QUOTED_CODE = re.compile(
    r"['\"](?:code|type|status|reason|error_type)['\"]\s*:\s*['\"]([\w.-]{2,64})['\"]"
)
#: A status in words that can mean nothing else; a bare number is never looked at.
_SPOKEN_STATUS = re.compile(
    r"\b(?:error code|status code|http status|http|status|provider)[ :=(]{1,3}([45]\d\d)\b(?!\.)",
    re.IGNORECASE,
)
_NESTED = re.compile(r"\{\s{0,80}\"|\[\s{0,80}\{\s{0,80}\"")
_EDGE_CODE = re.compile(r"^\s*error code: (1\d{3})\s*$", re.IGNORECASE)


@dataclass(slots=True)
class Findings:
    """What the walk has found so far, outermost first.

    Attributes:
        codes: Codes in the provider's spelling.
        statuses: Numbers that repeat an HTTP status, each with its depth.
        texts: The error's words, clipped.
        wrappers: Words that stood before a nested error.
        pauses: What was found under the keys that ask for a pause.
    """

    codes: list[str] = field(default_factory=list)
    statuses: list[tuple[int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    wrappers: list[str] = field(default_factory=list)
    pauses: list[object] = field(default_factory=list)

    @property
    def status(self) -> int | None:
        """The status that the innermost error repeats: it is closest to the cause."""
        return max(self.statuses, key=lambda found: found[1])[0] if self.statuses else None


def unwrap(payloads: Iterable[object]) -> Findings:
    """Walk decoded *payloads* and collect what they say."""
    findings = Findings()
    waiting: deque[tuple[object, int]] = deque((payload, 0) for payload in payloads)
    for _ in range(_MAX_NODES):
        if not waiting:
            break
        value, depth = waiting.popleft()
        if depth <= _MAX_DEPTH:
            waiting.extend((part, depth + 1) for part in _visit(value, depth, findings))
    return findings


def _visit(value: object, depth: int, findings: Findings) -> list[object]:
    if isinstance(value, dict):
        return _visit_object(value, depth, findings)
    if isinstance(value, list | tuple):
        return list(value[:_MAX_ITEMS])
    if isinstance(value, str):
        return _visit_text(value, depth, findings)
    return []


def _visit_object(value: Mapping[object, object], depth: int, findings: Findings) -> list[object]:
    fields = {
        fold_key(name): part
        for name, part in islice(value.items(), _MAX_KEYS)
        if isinstance(name, str) and part is not None
    }
    parts: list[object] = []
    for name in _CODE_KEYS:
        if name in fields:
            parts.extend(_take_code(fields[name], depth, findings))
    for name, code in _TELLING_KEYS.items():
        if fields.get(name):
            _add_code(code, findings)
    findings.pauses.extend(fields[name] for name in _PAUSE_KEYS if name in fields)
    return parts + _parts(fields, findings)


def _parts(fields: Mapping[str, object], findings: Findings) -> list[object]:
    parts = [fields[name] for name in _PART_KEYS if name in fields and not _is_answer(fields[name])]
    parts.extend(
        fields[name] for name in _STRUCTURE_KEYS if isinstance(fields.get(name), dict | list)
    )
    for name, part in fields.items():
        if name not in _PART_KEYS and name.endswith(("error", "errors", "exception")):
            _add_code(name, findings)
            parts.append(part)
    return parts


def _is_answer(part: object) -> bool:
    """A `message` with a role is what the model said."""
    return isinstance(part, dict) and "role" in part


def _take_code(value: object, depth: int, findings: Findings) -> list[object]:
    """Note a code; what turns out to be a sentence or a structure is given back as a part."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        _take_number(value, depth, findings)
        return []
    if isinstance(value, str) and _CODE.fullmatch(value.strip()):
        code = value.strip()
        if code.isascii() and code.isdigit() and len(code) < len(str(_LARGEST_CODE)):
            _take_number(int(code), depth, findings)
        else:
            _add_code(code, findings)
        return []
    return [value]


def _take_number(value: int, depth: int, findings: Findings) -> None:
    if value in _STATUSES:
        findings.statuses.append((value, depth))
    elif 0 < value < _LARGEST_CODE:
        _add_code(str(value), findings)


def _visit_text(text: str, depth: int, findings: Findings) -> list[object]:
    nested, rest = _nested(text)
    rest = clip(rest, MAX_LOOK).strip()
    if rest and len(findings.texts) + len(findings.wrappers) < _MAX_TEXTS:
        (findings.wrappers if nested else findings.texts).append(rest)
        _read_codes(rest, findings)
        spoken = _SPOKEN_STATUS.search(rest)
        if spoken:
            findings.statuses.append((int(spoken[1]), depth + 1))
    return nested


def _nested(text: str) -> tuple[list[object], str]:
    """Give the JSON inside a string, and the words around it."""
    start = _NESTED.search(text[:_MAX_NESTED])
    if not start:
        return [], text
    try:
        value, _ = _DECODER.raw_decode(text[:_MAX_NESTED], start.start())
    except (ValueError, RecursionError):
        return [], text
    return [value], text[: start.start()].rstrip(" :-\n")


def _read_codes(text: str, findings: Findings) -> None:
    if len(text) >= _SHORTEST_WORD and _CODE.fullmatch(text):
        _add_code(text, findings)
    edge = _EDGE_CODE.match(text)
    if edge:
        _add_code(f"cloudflare_{edge[1]}", findings)
    for pattern in (_LEADING_CODE, _CLASS_NAME, _QUOTED_CODE):
        for match in islice(pattern.finditer(text), _MAX_ITEMS):
            _add_code(match[1], findings)


def _add_code(code: str, findings: Findings) -> None:
    is_news = fold(code) not in _EMPTY_CODES and code not in findings.codes
    if is_news and len(findings.codes) < _MAX_CODES:
        findings.codes.append(code)


def fold_key(name: str) -> str:
    """Bring the spellings of one key together: `statusCode`, `status_code`, `StatusCode`."""
    return _fold_key(name[:100])


@lru_cache(maxsize=2048)
def _fold_key(name: str) -> str:
    return _KEY_NOISE.sub("", name).lower()
