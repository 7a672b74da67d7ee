"""How OpenAI's API words its errors."""

from dataclasses import dataclass
from typing import Any

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, json_answer


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error of the API.

    Attributes:
        status: The HTTP status.
        kind: The `type` in the body.
        code: The `code` in the body, if it has one.
        message: The words; `{model}` stands for the model's name.
        headers: Sent beside it.
    """

    status: int
    kind: str
    code: str | None
    message: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self, model: str) -> dict[str, Any]:
        """The error object, about *model*."""
        message = self.message.replace("{model}", model)
        return {"error": {"message": message, "type": self.kind, "param": None, "code": self.code}}


API_ERRORS: dict[FaultKind, ApiError] = {
    FaultKind.RATE_LIMITED: ApiError(
        429,
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for {model} in organization org-simulated on requests per min (RPM):"
        " Limit 500, Used 500, Requested 1. Please slow down.",
        (
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "120ms"),
        ),
    ),
    FaultKind.OVERLOADED: ApiError(
        503,
        "service_unavailable_error",
        "server_is_overloaded",
        "Our servers are currently overloaded. Please try again later.",
    ),
    FaultKind.OVERLOADED_529: ApiError(529, "overloaded_error", None, "Overloaded"),
    FaultKind.UNAUTHORIZED: ApiError(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided: sim-***. You can find your API key in your account.",
    ),
    FaultKind.QUOTA: ApiError(
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    FaultKind.SERVER_ERROR: ApiError(
        500,
        "server_error",
        None,
        "The server had an error while processing your request. Sorry about that!",
    ),
    FaultKind.MODEL_MISSING: ApiError(
        404,
        "invalid_request_error",
        "model_not_found",
        "The model `{model}` does not exist or you do not have access to it.",
    ),
}


def api_error(error: ApiError, model: str) -> Answer:
    """The answer that tells *error*, about *model*."""
    return json_answer(error.status, error.body(model), error.headers)


def invalid_request(status: int, message: str, param: str | None = None) -> Answer:
    """The answer to a request that is itself wrong, in the parameter *param* if in one."""
    return json_answer(
        status,
        {
            "error": {
                "message": message,
                "type": "invalid_request_error",
                "param": param,
                "code": None,
            }
        },
    )
