"""How Anthropic's API words its errors."""

from dataclasses import dataclass
from typing import Any

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, json_answer


@dataclass(frozen=True, slots=True)
class AnthropicError:
    """One error of the API.

    Attributes:
        status: The HTTP status.
        kind: The `type` in the body.
        message: The words; `{model}` stands for the model's name.
        headers: Sent beside it.
    """

    status: int
    kind: str
    message: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, model: str = "") -> dict[str, Any]:
        """The error object, about *model*."""
        error = {"type": self.kind, "message": self.message.replace("{model}", model)}
        return {"type": "error", "error": error, "request_id": "req_simulated"}

    def answer(self, model: str = "") -> Answer:
        """The answer that tells it, about *model*."""
        return json_answer(self.status, self.body(model), self.headers)


#: The API has one number and type for overload, whichever kind is asked for.
_OVERLOADED = AnthropicError(529, "overloaded_error", "Overloaded")

ANTHROPIC_ERRORS: dict[FaultKind, AnthropicError] = {
    FaultKind.RATE_LIMITED: AnthropicError(
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 50 requests per minute.",
        (
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:05Z"),
        ),
    ),
    FaultKind.OVERLOADED: _OVERLOADED,
    FaultKind.OVERLOADED_529: _OVERLOADED,
    FaultKind.UNAUTHORIZED: AnthropicError(401, "authentication_error", "invalid x-api-key"),
    FaultKind.QUOTA: AnthropicError(
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the API. Please purchase credits.",
    ),
    FaultKind.SERVER_ERROR: AnthropicError(500, "api_error", "Internal server error"),
    FaultKind.MODEL_MISSING: AnthropicError(404, "not_found_error", "model: {model}"),
}


def invalid_request(message: str, status: int = 400) -> Answer:
    """The answer to a request that is itself wrong."""
    kind = "not_found_error" if status == 404 else "invalid_request_error"  # noqa: PLR2004
    return AnthropicError(status, kind, message).answer()
