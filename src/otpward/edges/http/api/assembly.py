"""The REST interface in one application: every room's routes, its own description, and errors as problem documents."""

from collections.abc import MutableMapping
from threading import Lock
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from otpward import __version__
from otpward.core.errors import OtpwardError
from otpward.edges.http.api import (
    audit,
    campaigns,
    case_decisions,
    case_documents,
    case_filing,
    case_money,
    case_upload,
    cases,
    challenges,
    checks,
    directory,
    losses,
    notice_reports,
    notice_texts,
    phone_signals,
    policies,
    problems,
    shipments,
    stock,
    verify,
)
from otpward.edges.http.front import Front

ROOT = "/v1/"
_ROOMS = (
    audit,
    campaigns,
    case_decisions,
    case_documents,
    case_filing,
    case_money,
    cases,
    challenges,
    checks,
    directory,
    losses,
    notice_texts,
    phone_signals,
    policies,
    shipments,
    stock,
)


class RestDoor:
    """The interface, put together when it is first asked, or when the server starts: its forty routes take a quarter of a
    second, which nobody waits for who only wants a page."""

    def __init__(self, front: Front) -> None:
        self._front, self._lock = front, Lock()
        self._app: ASGIApp | None = None

    def prepare(self) -> ASGIApp:
        """Put it together, once."""
        with self._lock:
            if self._app is None:
                self._app = build_api(self._front)
            return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        app = self._app or self.prepare()
        await app(scope, receive, send)


def build_api(front: Front) -> FastAPI:
    """The application."""
    app = problems.Described(
        title="otpward", version=__version__, docs_url=None, redoc_url=None, openapi_url=f"{ROOT}openapi.json"
    )
    app.described = [verify.describe(), case_upload.describe(front)]
    for room in _ROOMS:
        app.include_router(room.router(front))
    app.router.routes.extend([*case_upload.routes(front), *notice_reports.routes(front)])
    for kind in (RequestValidationError, HTTPException, OtpwardError, Exception):
        app.add_exception_handler(kind, _as_problem)
    return app


def is_for(scope: MutableMapping[str, Any]) -> bool:
    """Whether this request is for the interface."""
    return scope["type"] == "http" and str(scope["path"]).startswith(ROOT)


async def _as_problem(request: Request, error: Exception) -> Response:
    match error:
        case RequestValidationError():
            return await problems.for_validation(request, error)
        case HTTPException():
            return await problems.for_http(request, error)
        case OtpwardError():
            return await problems.for_ours(request, error)
        case _:
            return await problems.for_fault(request, error)
