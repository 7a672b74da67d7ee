"""LiteLLM routed by health: a callback that weighs deployments, and never stands in their way.

In the proxy's `config.yaml`:

    litellm_settings:
      callbacks: ["monitor.litellm.health_filter"]

A deployment is known by its `model_info.id`, which is the target's key or its `deployment`. The
monitor's address is the environment variable `LLMPROBE_URL` (http://127.0.0.1:9464 if there is
none), its token `LLMPROBE_TOKEN`.

It fails open: with no monitor, or one whose word is old, LiteLLM routes as it would without it.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from monitor.client import Routing

_log = logging.getLogger(__name__)

_URL = "http://127.0.0.1:9464"
#: What LiteLLM takes for a deployment's weight, in this order.
_METRICS = ("weight", "rpm", "tpm")

Deployment = Mapping[str, Any]


class HealthFilter(CustomLogger):  # type: ignore[misc]
    """Leaves out deployments that get no traffic, and sets the weights of the others.

    Args:
        routing: What the monitor says; by the environment if none is given.
    """

    def __init__(self, routing: Routing | None = None) -> None:
        super().__init__()
        self._routing = routing

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[Any],
        messages: Any = None,  # noqa: ARG002 - LiteLLM names what it gives
        request_kwargs: dict[str, Any] | None = None,  # noqa: ARG002 - as above
        parent_otel_span: Any = None,  # noqa: ARG002 - as above
    ) -> list[Any]:
        """Weigh the deployments that LiteLLM would choose from; whatever fails, it gives them all.

        Args:
            model: What was asked for.
            healthy_deployments: Those that are left.
            messages: Not looked at.
            request_kwargs: Not looked at.
            parent_otel_span: Not looked at.

        Returns:
            Copies of some of them; never none.
        """
        try:
            return weigh(self._following(), healthy_deployments) or healthy_deployments
        except Exception:  # noqa: BLE001 - LiteLLM would fail the request
            _log.exception("deployments of %s were not weighed", model)
            return healthy_deployments

    def _following(self) -> Routing:
        # Begun in the process that routes: the proxy forks its workers.
        if self._routing is None:
            url = os.environ.get("LLMPROBE_URL", _URL)
            self._routing = Routing(url, token=os.environ.get("LLMPROBE_TOKEN"))
        return self._routing.start()


def weigh(routing: Routing, deployments: Sequence[Deployment]) -> list[Deployment]:
    """Leave out deployments that get no traffic, and weigh the others anew.

    Who is left has the weight that the configuration gives it times that of the monitor. One that
    has none by the configuration is left all the same: LiteLLM takes it when nobody else is.

    Args:
        routing: What the monitor says; of what it does not know, nothing changes.
        deployments: As LiteLLM knows them; they stay as they are.

    Returns:
        Copies, in their order; none if the monitor gives nothing to any.
    """
    if not routing.is_fresh:
        return list(deployments)
    weighed: list[Deployment] = []
    for deployment, own in zip(deployments, _own_weights(deployments), strict=True):
        candidate = routing.candidate(str((deployment.get("model_info") or {}).get("id", "")))
        weight = candidate.weight if candidate else 1.0
        if weight > 0:
            params = {**(deployment.get("litellm_params") or {}), "weight": own * weight}
            weighed.append({**deployment, "litellm_params": params})
    return weighed


def _own_weights(deployments: Sequence[Deployment]) -> list[float]:
    """Give the weights that the configuration gives, as LiteLLM's shuffle reads them."""
    for metric in _METRICS:
        weights = [
            float((each.get("litellm_params") or {}).get(metric) or 0) for each in deployments
        ]
        if any(weights):
            return weights
    return [1.0] * len(deployments)


health_filter = HealthFilter()
