"""`/v1/cases`: the applications, as a system of the institution reads them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import fold_login
from otpward.core.policy.keys import CASES_DECIDE, CASES_READ, CASES_WRITE
from otpward.edges.http.api.case_answers import CaseAnswer, CaseListAnswer, TimelineAnswer, cases_told, step_told
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, cursor_of, key_in, moment_in, read_cursor, said
from otpward.edges.http.front import Front
from otpward.ports.queue import Place, Wanted
from otpward.ports.unit_of_work import UnitOfWork

MOST: Final = 100
Number = Annotated[str, Path(max_length=24, pattern=r"^[A-Za-z0-9-]+$", description="The application's number")]
Few = Annotated[str, Query(max_length=100)]
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1/cases", tags=["apply"]), front.house
    reads = Depends(caller_with(CASES_READ, CASES_WRITE, CASES_DECIDE, house=house))

    @routes.get("", response_model=CaseListAnswer, responses=_READS, openapi_extra=KEY)
    def list_cases(
        caller: Annotated[Caller, reads],
        state: Annotated[list[CaseState] | None, Query(max_length=20, description="Any of these")] = None,
        reason: Reason | None = None,
        delivery: Delivery | None = None,
        member: Few | None = None,
        branch: Annotated[str | None, Query(max_length=40, description="A branch's code")] = None,
        assigned_to: Annotated[str | None, Query(max_length=100, description="A login; empty: nobody's")] = None,
        newest: Annotated[bool, Query(description="The newest first, not the longest waiting")] = False,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Response:
        """Applications, the longest waiting first."""
        inside = caller.key.institution_id

        def page(uow: UnitOfWork) -> dict[str, Any]:
            wanted = Wanted(
                states=dict.fromkeys(state or CaseState),
                reason=reason,
                delivery=delivery,
                branch_id=_branch(branch, uow),
                member_id=_member(member, "member", uow),
                assigned_to=_member(assigned_to, "assigned_to", uow),
                nobodys=assigned_to == "",
            )
            found = uow.queue.page(wanted, limit=limit + 1, newest=newest, after=_place(cursor))
            cases, more = found[:limit], len(found) > limit
            return {
                "cases": cases_told(cases, uow),
                "next": cursor_of(cases[-1].since, cases[-1].id) if more else None,
            }

        return said(house.look(inside, page))

    @routes.get("/{number}", response_model=CaseAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def read_case(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """One application. Its `ETag` goes into the `If-Match` of a decision."""
        inside = caller.key.institution_id
        case, told = house.look(inside, lambda uow: _told(number, uow))
        return said(told, version=case.version)

    @routes.get(
        "/{number}/timeline",
        response_model=TimelineAnswer,
        response_model_exclude_none=True,
        responses=_READS,
        openapi_extra=KEY,
    )
    def read_timeline(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """What has happened to it, as its member reads it too."""

        def steps(uow: UnitOfWork) -> list[dict[str, Any]]:
            case = case_named(number, uow)
            return [step_told(one) for one in uow.steps.find(case_id=case.id, order="at")]

        return said({"steps": house.look(caller.key.institution_id, steps)})

    return routes


def case_named(number: str, uow: UnitOfWork) -> Case:
    """The application of this number; raises `NotFound`."""
    case = uow.cases.first(number=number.upper())
    if case is None:
        raise NotFound("no such application")
    return case


def told_again(case: Case, uow: UnitOfWork) -> dict[str, Any]:
    """The application as it is now."""
    return cases_told([case], uow)[0]


def _told(number: str, uow: UnitOfWork) -> tuple[Case, dict[str, Any]]:
    case = case_named(number, uow)
    return case, told_again(case, uow)


def _member(login: str | None, field: str, uow: UnitOfWork) -> Any:
    if not login:
        return None
    found = uow.members.first(login=fold_login(login))
    if found is None:
        raise Invalid("no member of this login", field=field)
    return found.id


def _branch(code: str | None, uow: UnitOfWork) -> Any:
    if not code:
        return None
    found = uow.branches.first(code=code)
    if found is None:
        raise Invalid("no branch of this code", field="branch")
    return found.id


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    since, key = read_cursor(cursor, 2)
    return Place(since=moment_in(since), id=key_in(key))
