"""The audit: who did what to what, when, from where, with which result; read only, newest first."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.audit import ActorKind, AuditEvent, AuditLine
from otpward.core.model.member import Area, fold_login
from otpward.core.policy.notices import KST
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import pick
from otpward.edges.http.console.door import MEMBERS, admit, allowed
from otpward.edges.http.console.history import EVENTS, Entry, Historian, entries
from otpward.edges.http.console.labels import ACTORS
from otpward.edges.http.console.paging import PAGE_ROWS, offset_of, paged
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import Among, Before, UnitOfWork

PATH: Final = "/console/audit"


def show_audit(visit: Visit) -> Response:
    """The lines that meet every filter."""
    operator = admit(visit, Permission.SEE_AUDIT)
    until, errors = _until(visit)
    found = [] if errors else visit.look(lambda uow: _find(visit, until, uow))
    words = visit.words
    return visit.page(
        "console/audit/lines.html",
        errors=errors,
        values=visit.query,
        rows=found[:PAGE_ROWS],
        pager=paged(PATH, visit.query, rows=len(found[:PAGE_ROWS]), more=len(found) > PAGE_ROWS),
        historian=Historian(words),
        events=[(event.value, words._(text)) for event, text in EVENTS.items()],
        actors=[(kind.value, words._(text)) for kind, text in ACTORS.items()],
        sees_member=allowed(operator, *MEMBERS),
    )


def _find(visit: Visit, until: datetime | None, uow: UnitOfWork) -> list[Entry]:
    conditions: dict[str, Any] = {}
    if (event := pick(AuditEvent, visit.query.get("event"))) is not None:
        conditions["event"] = event
    if (kind := pick(ActorKind, visit.query.get("actor"))) is not None:
        conditions["actor_kind"] = kind
    if until is not None:
        conditions["at"] = Before(until)
    asked = visit.query.get("q", "").strip()[:128]
    if asked:
        conditions |= _about(asked, uow)
    lines: list[AuditLine] = uow.audit.find(limit=PAGE_ROWS + 1, offset=offset_of(visit.query), **conditions)
    return entries(lines, uow)


def _about(asked: str, uow: UnitOfWork) -> dict[str, Any]:
    """What a number stands for: an application, a device, or somebody who acted; a number of nothing finds nothing."""
    case = uow.cases.first(number=asked.upper())
    if case is not None:
        return {"case_id": case.id}
    token = uow.tokens.first(serial=asked)
    if token is not None:
        return {"subject_id": token.id}
    report = uow.losses.first(number=asked.upper())
    if report is not None:
        return {"subject_id": report.id}
    member = uow.members.first(login=fold_login(asked))
    return {"actor_id": Among(frozenset())} if member is None else {"actor_id": member.id}


def _until(visit: Visit) -> tuple[datetime | None, dict[str, str]]:
    """The end of the day that was asked for, in Korea, as the store counts."""
    typed = visit.query.get("until", "").strip()
    if not typed:
        return None, {}
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC).date()
        return datetime.combine(day, time(), KST).astimezone(UTC) + timedelta(days=1), {}
    except (ValueError, OverflowError):
        return None, {"until": visit.words._("Write the day as 2026-01-31")}


def routes(front: Front) -> list[BaseRoute]:
    """The page of this room."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_audit, explain=explain)]
