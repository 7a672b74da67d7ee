"""How Google's generateContent words its errors."""

from dataclasses import dataclass
from typing import Any

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, json_answer

_TYPES = "type.googleapis.com/google.rpc"


@dataclass(frozen=True, slots=True)
class GeminiError:
    """One error of the API.

    Attributes:
        code: The HTTP status, which the body repeats.
        status: The canonical code in the body.
        message: The words; `{model}` stands for the model's name.
        details: What the body adds, each with its `@type`.
    """

    code: int
    status: str
    message: str
    details: tuple[dict[str, Any], ...] = ()

    def body(self, model: str = "") -> dict[str, Any]:
        """The error object, about *model*."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message.replace("{model}", model),
            "status": self.status,
        }
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}

    def answer(self, model: str = "") -> Answer:
        """The answer that tells it, about *model*."""
        return json_answer(self.code, self.body(model))


def _reason(reason: str) -> dict[str, Any]:
    return {"@type": f"{_TYPES}.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def _quota(quota_id: str) -> dict[str, Any]:
    metric = "generativelanguage.googleapis.com/generate_content_requests"
    violation = {"quotaMetric": metric, "quotaId": quota_id, "quotaValue": "50"}
    return {"@type": f"{_TYPES}.QuotaFailure", "violations": [violation]}


GEMINI_ERRORS: dict[FaultKind, GeminiError] = {
    FaultKind.RATE_LIMITED: GeminiError(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota. Please retry in 5s.",
        (
            _quota("GenerateRequestsPerMinutePerProjectPerModel"),
            {"@type": f"{_TYPES}.RetryInfo", "retryDelay": "5s"},
        ),
    ),
    FaultKind.OVERLOADED: GeminiError(
        503, "UNAVAILABLE", "The model is overloaded. Please try again later."
    ),
    # Google knows no 529: the same shortage also comes under the number of a rate limit.
    FaultKind.OVERLOADED_529: GeminiError(
        429,
        "RESOURCE_EXHAUSTED",
        "No capacity available for model {model}",
        (_reason("rateLimitExceeded"),),
    ),
    FaultKind.UNAUTHORIZED: GeminiError(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
        (_reason("API_KEY_INVALID"),),
    ),
    FaultKind.QUOTA: GeminiError(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        (_quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),),
    ),
    FaultKind.SERVER_ERROR: GeminiError(
        500, "INTERNAL", "An internal error has occurred. Please retry."
    ),
    FaultKind.MODEL_MISSING: GeminiError(
        404,
        "NOT_FOUND",
        "models/{model} is not found for API version v1beta, or is not supported for"
        " generateContent.",
    ),
}


def invalid_request(message: str) -> Answer:
    """The answer to a request that is itself wrong."""
    return GeminiError(400, "INVALID_ARGUMENT", message).answer()


def not_found(path: str) -> Answer:
    """The answer to a path that is not served."""
    return GeminiError(404, "NOT_FOUND", f"The requested URL {path} was not found.").answer()
