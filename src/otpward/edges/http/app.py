"""The whole door: pages, REST interface, health, in one ASGI application."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from otpward.core.errors import NotFound, OtpwardError
from otpward.core.model.member import Area
from otpward.edges.http import console, photo_room, portal
from otpward.edges.http.api import case_upload, problems
from otpward.edges.http.api import verify as verify_api
from otpward.edges.http.api.assembly import RestDoor, is_for
from otpward.edges.http.assets import Assets
from otpward.edges.http.console import stock_import
from otpward.edges.http.faults import explain, explain_fault
from otpward.edges.http.front import Front, make_visit
from otpward.edges.http.portal import apply_documents
from otpward.ports.judging import Judging

_TAKE_FILES: Final = (apply_documents, case_upload, photo_room, stock_import)


class TooLong(HTTPException):
    """The body is longer than any that belongs here."""

    def __init__(self) -> None:
        super().__init__(status_code=413)


class Bounded:
    """Refuses bodies that are too long, whether they say so or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes in."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and any(room.takes_files(scope["path"]) for room in _TAKE_FILES):
            await self._app(scope, receive, send)  # bounds and counts for itself, before it takes anything
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > verify_api.BODY_OCTETS:
            await problems.problem(413, "too_large")(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > verify_api.BODY_OCTETS:
                raise TooLong
            return message

        await self._app(scope, counted, send)


class Guarded:
    """Headers that every answer carries, pages and documents alike; over https, that there is no way back to http (ASVS
    V3.4.1)."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self.headers = [(b"x-content-type-options", b"nosniff")]
        if secure:
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add them to what is sent, where they are not there yet."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in self.headers if pair[0] not in present)]
            await send(message)

        await self._app(scope, receive, with_headers)


def build_app(front: Front, assets: Assets, *, judging: Judging, ready: Callable[[], bool]) -> ASGIApp:
    """The application. `ready` says whether the store answers."""

    rest = RestDoor(front)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(rest.prepare)
        await judging.warm_up()
        yield
        if front.uploads is not None:
            front.uploads.close()
        if front.seeds is not None:
            front.seeds.close()
        if front.prints is not None:
            front.prints.close()
        await judging.close()

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def readiness(_request: Request) -> Response:
        fine = await run_in_threadpool(ready)
        return JSONResponse(
            {"status": "ok" if fine else "unavailable"}, status_code=200 if fine else 503, headers={"Cache-Control": "no-store"}
        )

    async def any_error(request: Request, error: Exception) -> Response:
        return await run_in_threadpool(_as_page, front, request, error)

    pages = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/healthz", health),
            Route("/readyz", readiness),
            *assets.routes(),
            *portal.routes(front),
            *console.routes(front),
        ],
        exception_handlers=dict.fromkeys((HTTPException, OtpwardError, Exception), any_error),
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (rest if is_for(scope) else pages)(scope, receive, send)

    guarded = Guarded(Bounded(app), secure=front.cookies.secure)
    return verify_api.Verifications(guarded, house=front.house, judging=judging, headers=guarded.headers)


def _as_page(front: Front, request: Request, error: Exception) -> Response:
    area = Area.CONSOLE if request.url.path.startswith("/console") else Area.PORTAL
    visit = make_visit(front, request, area)
    match error:
        case HTTPException(status_code=404):
            return explain(visit, NotFound("no such page"))
        case HTTPException():
            return Response(status_code=error.status_code, headers=error.headers)
        case OtpwardError():
            return explain(visit, error)
        case _:
            return explain_fault(visit, error)
