"""Errors of the REST interface as problem documents (RFC 9457): stable type, status, and the field where one is at fault."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from otpward.core.errors import OtpwardError, Unavailable
from otpward.edges.http.faults import new_reference, status_of

_log = structlog.get_logger()

TYPE: Final = "urn:otpward:problem:"
MEDIA: Final = "application/problem+json"
_JSON: Final = "application/json"
_FIELD_LONGEST: Final = 100
_TITLES: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "A valid API key is needed",
    403: "This key may not do that",
    404: "Nothing is here",
    405: "This method is not offered here",
    408: "The request took too long to arrive",
    409: "It moved meanwhile",
    412: "It changed since you read it",
    413: "The request is too large",
    415: "Send application/json",
    422: "A field is not as it must be",
    428: "Say which version you read",
    429: "Too often",
    500: "This went wrong on our side",
    503: "Not available now",
}


class FieldProblem(BaseModel):
    """One field that is not as it must be."""

    field: str
    problem: str


class Problem(BaseModel):
    """What went wrong (RFC 9457). `field` is there where one field is at fault, `reference` where the fault is ours."""

    type: str
    title: str
    status: int
    detail: str | None = None
    field: str | None = None
    errors: list[FieldProblem] | None = None
    reference: str | None = None


def declare(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How an operation says which problems it may answer with."""
    return {status: {"model": Problem, "description": _TITLES[status]} for status in statuses}


class Described(FastAPI):
    """An application whose description names the media type that problems really have, and what is answered in front of it."""

    described: Sequence[tuple[dict[str, Any], dict[str, Any]]] = ()

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        components = document.setdefault("components", {})
        components.setdefault("securitySchemes", {})["key"] = {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, `otpw_…`, with the scope that the operation is for",
        }
        schemas = components.setdefault("schemas", {})
        for paths, more in self.described:
            for path, operations in paths.items():
                document["paths"].setdefault(path, {}).update(operations)
            schemas |= more
        schemas |= models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")[1]["$defs"]
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    if status >= "400" and _JSON in response.get("content", {}):
                        response["content"][MEDIA] = response["content"].pop(_JSON)
        return document


def problem(status: int, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """A problem document."""
    body = {"type": TYPE + code, "title": _TITLES.get(status, "Error"), "status": status, **more}
    if detail:
        body["detail"] = detail
    given = {"Cache-Control": "no-store", **(headers or {})}
    return JSONResponse(body, status_code=status, media_type=MEDIA, headers=given)


async def for_validation(request: Request, error: Exception) -> Response:
    """Not JSON is 415, malformed JSON 400; a field that is unknown, missing or of the wrong type is 422, with every such
    field named."""
    assert isinstance(error, RequestValidationError)
    sends = request.method in {"POST", "PUT", "PATCH"}
    if sends and request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        return problem(415, "unsupported_media_type")
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, "malformed_json", "the body is not valid JSON")
    fields = [
        {
            "field": ".".join(str(part) for part in fault["loc"] if part != "body")[:_FIELD_LONGEST] or "body",
            "problem": fault["msg"].removeprefix("Value error, "),
        }
        for fault in faults
    ]
    return problem(422, "invalid", fields[0]["problem"], field=fields[0]["field"], errors=fields)


async def for_ours(request: Request, error: Exception) -> Response:
    """An error of our own, by its kind."""
    assert isinstance(error, OtpwardError)
    return of_ours(request.url.path, error)


def of_ours(path: str, error: OtpwardError) -> Response:
    """The problem document of an error of our own."""
    status = status_of(error)
    if status == 500:
        return of_fault(path, error)
    more = {"field": error.field} if error.field else {}
    headers = {"Retry-After": "2"} if isinstance(error, Unavailable) else None
    return problem(status, error.code, str(error) if status == 422 else "", headers=headers, **more)


async def for_http(_request: Request, error: Exception) -> Response:
    """What the framework refuses by itself."""
    assert isinstance(error, HTTPException)
    codes = {400: "bad_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    return problem(error.status_code, codes.get(error.status_code, "error"), headers=error.headers)


async def for_fault(request: Request, error: Exception) -> Response:
    """What should not have happened."""
    return of_fault(request.url.path, error)


def of_fault(path: str, error: Exception) -> Response:
    """What should not have happened: a reference number, and the detail in the log only."""
    reference = new_reference()
    _log.error("fault", reference=reference, path=path, error=type(error).__name__, exc_info=error)
    return problem(500, "fault", f"tell us reference {reference}", reference=reference)
