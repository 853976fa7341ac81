"""`/v1/audit`: who did what, when, to what; the newest first."""

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.errors import Invalid
from otpward.core.policy.keys import AUDIT_READ
from otpward.edges.http.api.cases import case_named
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, Moment, cursor_of, moment_in, read_cursor, said
from otpward.edges.http.front import Front
from otpward.ports.unit_of_work import Before, UnitOfWork

MOST: Final = 200
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_NEXT: Final = timedelta(microseconds=1)


class LineAnswer(BaseModel):
    """One line. `actor` is the id of who did it, `subject_id` of what it was done to; `at` has microseconds."""

    id: str
    at: str
    event: str
    actor_kind: str
    actor: str | None = None
    source: str
    subject: str
    subject_id: str | None = None
    case_id: str | None = None
    result: str
    detail: dict[str, str | int]


class AuditAnswer(BaseModel):
    """A page of lines; `next` is the cursor of the one after it, which is older."""

    lines: list[LineAnswer]
    next: str | None


def router(front: Front) -> APIRouter:
    """The route of this room."""
    routes, house = APIRouter(prefix="/v1", tags=["oversee"]), front.house
    reads = Depends(caller_with(AUDIT_READ, house=house))

    @routes.get("/audit", response_model=AuditAnswer, responses=_READS, openapi_extra=KEY)
    def read_audit(
        caller: Annotated[Caller, reads],
        event: AuditEvent | None = None,
        actor_kind: ActorKind | None = None,
        actor: UUID | None = None,
        subject_id: UUID | None = None,
        case: Annotated[str | None, Query(max_length=24, description="An application's number")] = None,
        since: Annotated[Moment | None, Query(description="Not older than this (RFC 3339)")] = None,
        before: Annotated[Moment | None, Query(description="Older than this (RFC 3339)")] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Response:
        """Lines of the audit. To read is itself no line; the key's own doings are there under its id."""

        def page(uow: UnitOfWork) -> dict[str, Any]:
            given = {"event": event, "actor_kind": actor_kind, "actor_id": actor, "subject_id": subject_id}
            wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
            if case is not None:
                wanted["case_id"] = case_named(case, uow).id
            at, told = _place(cursor)
            until = min((one for one in (before, None if at is None else at + _NEXT) if one is not None), default=None)
            if until is not None:
                wanted["at"] = Before(until)
            found = uow.audit.find(limit=limit + 1, offset=told, **wanted)
            shown = list(takewhile(lambda line: since is None or line.at >= since, found))[:limit]
            more = len(found) > limit and len(shown) == limit
            return {
                "lines": [_line(line) for line in shown],
                "next": _cursor(shown, at, told) if more else None,
            }

        return said(house.look(caller.key.institution_id, page))

    return routes


def _cursor(shown: list[AuditLine], before: datetime | None, told: int) -> str:
    """Where the page ended: a moment, and how many lines of that moment were told."""
    at = shown[-1].at
    same = sum(line.at == at for line in shown)
    return cursor_of(at, same + told if at == before else same)


def _place(cursor: str | None) -> tuple[datetime | None, int]:
    if cursor is None:
        return None, 0
    at, told = read_cursor(cursor, 2)
    if not told.isascii() or not told.isdigit() or len(told) > 7:
        raise Invalid("this is no cursor of ours", field="cursor")
    return moment_in(at), int(told)


def _line(line: AuditLine) -> dict[str, Any]:
    keys = {"actor": line.actor_id, "subject_id": line.subject_id, "case_id": line.case_id}
    return {
        "id": str(line.id),
        "at": line.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "event": line.event.value,
        "actor_kind": line.actor_kind.value,
        "source": line.source,
        "subject": line.subject,
        "result": line.result,
        "detail": dict(line.detail),
        **{name: str(key) for name, key in keys.items() if key is not None},
    }
