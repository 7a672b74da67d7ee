"""Errors as problem documents (RFC 9457).

None repeats what was sent, or the words of the store: either may hold what is nobody's business.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from monitor.store.reader import NoAnswerError
from monitor.store.trouble import trouble_of

MEDIA_TYPE = "application/problem+json"
#: What an operation of ours may answer beside what it is for; shown in the OpenAPI document.
RESPONSES: Mapping[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457).",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail"],
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                    },
                }
            }
        },
    }
}
#: After so many seconds the store is asked again.
_RETRY_SECONDS = 5
_OURS = "This is a fault of the monitor's own."


class UnusableError(Exception):
    """What was asked for makes no sense.

    Args:
        parameter: The name of the one that is wrong.
        detail: What is wrong with it; nothing of what was sent.
    """

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


def problem(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Tell what is wrong.

    Args:
        status: Of the answer.
        detail: In a sentence.
        headers: To go with it.
        more: Further members.
    """
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JSONResponse(
        document | more, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def tell_problems(api: FastAPI) -> None:
    """Have every error of an application told as a problem."""
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(RequestValidationError, _not_valid)
    api.add_exception_handler(UnusableError, _not_usable)
    api.add_exception_handler(NoAnswerError, _no_answer)
    api.add_exception_handler(Exception, _failed)


def _refused(_request: Request, error: Exception) -> JSONResponse:
    """Tell what the framework or a route refuses: what is not there, a method that is none."""
    status = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", "")) or HTTPStatus(status).phrase
    return problem(status, detail, headers=getattr(error, "headers", None))


def _not_valid(_request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return _unusable([(str(each["loc"][-1]), _words(each["msg"])) for each in found])


def _not_usable(_request: Request, error: Exception) -> JSONResponse:
    return _unusable([(getattr(error, "parameter", ""), str(error))])


def _no_answer(_request: Request, error: Exception) -> JSONResponse:
    """Tell that there is no answer, not even an old one, and of what kind the trouble is."""
    reason = trouble_of(error).value if error.__cause__ else "busy"
    detail = "The store has not answered this yet; ask again soon."
    headers = {"retry-after": str(_RETRY_SECONDS)}
    return problem(503, detail, headers=headers, reason=reason)


def _failed(_request: Request, _error: Exception) -> JSONResponse:
    return problem(500, _OURS)


def _unusable(errors: Sequence[tuple[str, str]]) -> JSONResponse:
    told = [{"parameter": parameter, "detail": detail} for parameter, detail in errors]
    detail = "; ".join(f"{parameter}: {words}" for parameter, words in errors)
    return problem(422, detail, errors=told)


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
