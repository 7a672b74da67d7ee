"""Nouns with all that a test does not care about filled in."""

from datetime import datetime, timedelta
from typing import Any

from monitor.health.totals import add
from monitor.model.outcome import Outcome, Verdict, fault_of
from monitor.model.result import Measurement, Result
from monitor.model.snapshot import Totals
from monitor.model.target import Deadlines, Kind, Probe, Secret, Target
from tests.fakes import START


def make_target(key: str = "acme/large", **given: Any) -> Target:
    """A target; its provider and model follow from the key."""
    provider, _, model = key.partition("/")
    settings: dict[str, Any] = {
        "key": key,
        "provider": provider,
        "model": model.partition("@")[0],
        "group": key.partition("@")[0],
        "dialect": "openai_chat",
        "base_url": "http://127.0.0.1:1/v1",
        "headers": (("authorization", Secret("Bearer sk-planted-key-123456")),),
    }
    return Target(**(settings | given))


def make_probe(key: str = "acme/large", **given: Any) -> Probe:
    """A probe of `make_target(key)`; `base_url` goes to the target."""
    target = make_target(key, **{k: given.pop(k) for k in ("base_url", "headers") if k in given})
    settings: dict[str, Any] = {"interval_seconds": 60.0, "jitter_seconds": 0.0}
    settings["deadlines"] = Deadlines()
    return Probe(**({"target": target} | settings | given))


def make_result(outcome: Outcome = Outcome.OK, *, minute: float = 0, **given: Any) -> Result:
    """A scheduled completion run that began at its slot, *minute* minutes after `START`."""
    at: datetime = START + timedelta(minutes=minute)
    status = given.pop("http_status", 200)
    fault = given.pop("fault", fault_of(outcome, http_status=status))
    good = given.pop("openrouter_good", outcome is Outcome.OK)
    measured = {
        name: given.pop(name) for name in tuple(given) if name in Measurement.__dataclass_fields__
    }
    settings: dict[str, Any] = {
        "target": "acme/large",
        "kind": Kind.COMPLETION,
        "vantage": "here",
        "slot_at": at,
        "started_at": at,
        "schedule_delay_seconds": 0.0,
        "verdict": Verdict(
            outcome=outcome,
            fault=fault,
            rule="test",
            http_status=status,
            openrouter_good=good,
        ),
        "measurement": Measurement(**measured),
    }
    return Result(**(settings | given))


def total(*results: Result) -> Totals:
    """What a target counts after these runs."""
    totals = Totals()
    for result in results:
        totals = add(totals, result)
    return totals
