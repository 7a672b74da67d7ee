"""The part of the grammar that says how quickly minds change about a target's health."""

from typing import Annotated

from pydantic import Field

from monitor.config import fields
from monitor.config.fields import Grammar, Unset
from monitor.model.policy import DEFAULT_POLICY


def _usual(name: str) -> Unset:
    """Name the default of a field, as the policy has it."""
    value = getattr(DEFAULT_POLICY, name)
    items = value if isinstance(value, tuple) else (value,)
    return Unset(", ".join(f"{each:g}" for each in items))


class Health(Grammar):
    """When a target is taken for degraded, down or blocked, and how it comes back."""

    failures: Annotated[fields.Times | None, _usual("failures")] = Field(
        default=None, description="Failures in a row that take a target down."
    )
    successes: Annotated[fields.Times | None, _usual("successes")] = Field(
        default=None, description="Successes in a row that let a target that is down recover."
    )
    clearing: Annotated[fields.Times | None, _usual("clearing")] = Field(
        default=None, description="Successes in a row that bring a degraded target up."
    )
    confirm_seconds: Annotated[
        fields.Delays | None,
        Unset("10, 20; of these as many as fit into the interval"),
    ] = Field(
        default=None,
        description="Delays of the confirm runs, each from the end of the run before; "
        "`[]` makes none. They are spread by a fifth, and all together must be less than the "
        "interval.",
    )
    flapping_ratio: Annotated[fields.Share | None, _usual("flapping_ratio")] = Field(
        default=None,
        description="Below this share of successes a target goes down at a failure, however few "
        "failures came in a row; 0 turns that off.",
    )
    flapping_runs: Annotated[fields.Times | None, _usual("flapping_runs")] = Field(
        default=None, description="The least valid runs for that, confirm runs included."
    )
    flapping_seconds: Annotated[fields.WithinAnHour | None, _usual("flapping_seconds")] = Field(
        default=None, description="The time before the failure that is looked at for that."
    )
    degraded_ratio: Annotated[fields.Share | None, _usual("degraded_ratio")] = Field(
        default=None,
        description="Below this decayed share of successes a target is degraded; 0 turns that off.",
    )
    slow_ratio: Annotated[fields.Factor | None, _usual("slow_ratio")] = Field(
        default=None,
        description="A median TTFT above so many times the target's own of 7 days is slow, if it "
        "is above that by `slow_excess_seconds`, too.",
    )
    slow_excess_seconds: Annotated[fields.Excess | None, _usual("slow_excess_seconds")] = Field(
        default=None, description="As said there."
    )
    slow_runs: Annotated[fields.Times | None, _usual("slow_runs")] = Field(
        default=None, description="That median is of so many good runs, of the last hour."
    )
    slow_times: Annotated[fields.Times | None, _usual("slow_times")] = Field(
        default=None, description="So often in a row before a target is degraded for it."
    )
    blocked: Annotated[fields.Times | None, _usual("blocked")] = Field(
        default=None,
        description="Results in a row that tell of our account (key, credits) that block a target.",
    )
    ramp: Annotated[fields.Ramp | None, _usual("ramp")] = Field(
        default=None,
        description="The weight of a target that recovers, after 0, 1, 2 ... successes; it is up "
        "after as many successes as there are weights.",
    )
    hold_seconds: Annotated[fields.Hold | None, _usual("hold_seconds")] = Field(
        default=None,
        description="After a failure while it recovers, successes do not count for so long; "
        "doubled each time.",
    )
    longest_hold_seconds: Annotated[fields.Hold | None, _usual("longest_hold_seconds")] = Field(
        default=None, description="Not longer than this; at least `hold_seconds`."
    )
    forgiven_seconds: Annotated[fields.Hold | None, _usual("forgiven_seconds")] = Field(
        default=None, description="A target that was up for so long begins with the first hold."
    )
