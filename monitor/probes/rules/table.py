"""The order of the rules: the first that matches decides.

Words of load first, then codes of one meaning, sentences, catch-all codes, and the status last.
"""

from collections import defaultdict
from collections.abc import Iterable

from monitor.probes.rules.capacity import CAPACITY_RULES
from monitor.probes.rules.codes import CODE_RULES, RATE_CODE_RULES
from monitor.probes.rules.edge import EDGE_RULES, GATEWAY_RULES
from monitor.probes.rules.fallback import (
    LAST_CODE_RULES,
    REQUEST_RULES,
    SERVER_RULES,
    UNAVAILABLE_RULES,
    WEAK_CODE_RULES,
)
from monitor.probes.rules.money import MONEY_RULES, QUOTA_KIND_RULES
from monitor.probes.rules.phrases import ACCESS_RULES, STATE_RULES, TRAFFIC_RULES
from monitor.probes.rules.rule import Rule
from monitor.probes.rules.statuses import (
    FIRM_STATUS_RULES,
    PROVIDER_STATUS_RULES,
    STATUS_RULES,
)
from monitor.probes.rules.vendors import VENDOR_RULES

RULES: tuple[Rule, ...] = (
    *EDGE_RULES,
    *CAPACITY_RULES,
    *QUOTA_KIND_RULES,
    *VENDOR_RULES,
    *CODE_RULES,
    *MONEY_RULES,
    *RATE_CODE_RULES,
    *ACCESS_RULES,
    *STATE_RULES,
    *TRAFFIC_RULES,
    *SERVER_RULES,
    *GATEWAY_RULES,
    *REQUEST_RULES,
    *PROVIDER_STATUS_RULES,
    *WEAK_CODE_RULES,
    *UNAVAILABLE_RULES,
    *FIRM_STATUS_RULES,
    *LAST_CODE_RULES,
    *STATUS_RULES,
)

#: Every code that some rule knows; only the others are read as words.
KNOWN_CODES: frozenset[str] = frozenset(code for rule in RULES for code in rule.codes)

#: Where in the table stand the rules that need a code, or else a status; and all the others.
_BY_CODE: defaultdict[str, list[int]] = defaultdict(list)
_BY_STATUS: defaultdict[int, list[int]] = defaultdict(list)
_BY_PHRASE: list[int] = []
for _place, _rule in enumerate(RULES):
    for _code in _rule.codes:
        _BY_CODE[_code].append(_place)
    for _status in () if _rule.codes else _rule.statuses:
        _BY_STATUS[_status].append(_place)
    if not _rule.codes and not _rule.statuses:
        _BY_PHRASE.append(_place)


def candidates(found: Iterable[str], status: int | None) -> Iterable[Rule]:
    """Give the rules that may match, in their order.

    Args:
        found: The folded codes of an answer.
        status: Its status; None if it has none that says anything.
    """
    places = [*_BY_PHRASE, *_BY_STATUS.get(-1 if status is None else status, ())]
    for code in found:
        places.extend(_BY_CODE.get(code, ()))
    places.sort()
    return (RULES[place] for place in places)
