"""`POST /v1/cases`, `PATCH /v1/cases/{number}`, `POST /v1/cases/{number}/submission`: an application is written and sent for a
member by staff, through a system, in the name of the one who has the member before them.

It is sent with a proof in person, which that same member of staff recorded at the console: a key has seen nobody's papers.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from otpward.clerk.in_person import held_by
from otpward.clerk.policy import policy_now
from otpward.core.errors import Invalid
from otpward.core.ids import BranchId, InstitutionId
from otpward.core.lifecycle.case import CaseState
from otpward.core.model.case import Case, Delivery, Reason
from otpward.core.model.member import Member, Operator, fold_login
from otpward.core.policy.applicants import Relation, kind_at_counter
from otpward.core.policy.keys import CASES_DECIDE
from otpward.core.policy.versions import day_of
from otpward.edges.http.api.case_answers import CaseAnswer
from otpward.edges.http.api.case_decisions import IfMatch, Once, in_one_sentence
from otpward.edges.http.api.cases import Number, case_named, told_again
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, said, seen_version
from otpward.edges.http.api.staff import Login, operator_named, source_of
from otpward.edges.http.front import Front
from otpward.ports.desk import House
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.apply_at_counter import RunningAlready
from otpward.services.apply.save_application import SaveApplication, save_application
from otpward.services.apply.start_application import StartApplication, start_application
from otpward.services.apply.submit_application import SubmitApplication, submit_application

_BEGINS: Final = declare(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503)
_LINE: Final = r"^[^\x00-\x1f\x7f]*$"
_Name = Annotated[str, StringConstraints(strict=True, max_length=100, pattern=_LINE)]
_Text = Annotated[str, StringConstraints(strict=True, max_length=300, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Login


class BeginAsk(_Ask):
    """For which member (login), and why. As which kind of applicant; without it, the first that fits what is on file."""

    member: Login
    reason: Reason
    applicant: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = None


class PartsAsk(_Ask):
    """What was told; what is left out stays. Sent to `address` by post, collected at `branch` (a code), or on the phone."""

    reason: Reason | None = None
    old_serial: Annotated[str, StringConstraints(strict=True, max_length=128, pattern=_LINE)] | None = None
    delivery: Delivery | None = None
    branch: Annotated[str, StringConstraints(strict=True, max_length=40)] | None = Field(None, description="A branch's code")
    address: _Text | None = None
    acting_name: _Name | None = Field(None, description="Who acts for the member, as it stands on their ID card")
    acting_as: Relation | None = None


class SendAsk(_Ask):
    """Who saw the member's papers."""


def router(front: Front) -> APIRouter:
    """The routes of this room."""
    routes, house = APIRouter(prefix="/v1/cases", tags=["apply"]), front.house
    decides = Depends(caller_with(CASES_DECIDE, house=house))
    answers: dict[str, Any] = {"response_model": CaseAnswer, "response_model_exclude_none": True, "openapi_extra": KEY}

    @routes.post("", status_code=201, responses=_BEGINS, **answers)
    def begin_case(ask: BeginAsk, caller: Annotated[Caller, decides], once_key: Once = None) -> Response:
        """Begin an application for a member; a draft of theirs that is open goes on. It waits as long as any draft."""

        def act() -> Response:
            inside, operator = caller.key.institution_id, operator_named(ask.by, caller, house=house)
            case = _begun(ask, operator, inside, house)
            if case.state is not CaseState.DRAFT:
                raise RunningAlready(f"case {case.number} is {case.state}")
            return _now(case, house, status=201)

        return in_one_sentence(lambda: once(Asked(caller=caller, once=once_key, where="begin", body=ask), house, act))

    @routes.patch("/{number}", responses=_WRITES, **answers)
    def save_case(number: Number, ask: PartsAsk, caller: Annotated[Caller, decides], if_match: IfMatch = None) -> Response:
        """Keep parts of a draft. All of them, or none."""

        def act() -> Response:
            seen, operator = seen_version(if_match), operator_named(ask.by, caller, house=house)
            case = house.look(caller.key.institution_id, lambda uow: case_named(number, uow))
            wanted = SaveApplication(
                case_id=case.id,
                member_id=case.member_id,
                source=source_of(caller),
                reason=ask.reason,
                old_serial=ask.old_serial,
                delivery=ask.delivery,
                branch_id=house.look(case.institution_id, lambda uow: _branch(ask.branch, uow)),
                address=ask.address,
                acting_name=ask.acting_name,
                acting_as=ask.acting_as,
                operator=operator,
                seen=seen,
            )
            return _now(house.do(case.institution_id, lambda desk: save_application(wanted, desk=desk)), house)

        return in_one_sentence(act)

    @routes.post("/{number}/submission", responses=_WRITES, **answers)
    def send_case(
        number: Number, ask: SendAsk, caller: Annotated[Caller, decides], once_key: Once = None, if_match: IfMatch = None
    ) -> Response:
        """Send it, with the proof in person that `by` recorded for this member and for applying; the proof is spent."""

        def act(seen: int) -> Response:
            operator = operator_named(ask.by, caller, house=house)
            case = house.look(caller.key.institution_id, lambda uow: case_named(number, uow))
            wanted = SubmitApplication(
                case_id=case.id,
                member_id=case.member_id,
                browser=held_by(operator),
                source=source_of(caller),
                operator=operator,
                seen=seen,
            )
            return _now(house.do(case.institution_id, lambda desk: submit_application(wanted, desk=desk)), house)

        def answer() -> Response:
            seen = seen_version(if_match)
            asked = Asked(caller=caller, once=once_key, where=f"send {number}", body=ask, version=seen)
            return once(asked, house, lambda: act(seen))

        return in_one_sentence(answer)

    return routes


def _begun(ask: BeginAsk, operator: Operator, inside: InstitutionId, house: House) -> Case:
    member, kind = house.look(inside, lambda uow: _applicant(ask, inside, uow, house))
    wanted = StartApplication(
        institution_id=inside,
        member_id=member.id,
        browser=held_by(operator),
        source=operator.source,
        applicant=ask.applicant or kind,
        operator=operator,
        reason=ask.reason,
    )
    return house.do(inside, lambda desk: start_application(wanted, desk=desk))


def _applicant(ask: BeginAsk, inside: InstitutionId, uow: UnitOfWork, house: House) -> tuple[Member, str]:
    """The member, and as which kind they apply; raises `Invalid`."""
    member = uow.members.first(login=fold_login(ask.member), left_at=None)
    if member is None:
        raise Invalid("no member of this login", field="member")
    now = house.clock.now()
    return member, kind_at_counter(policy_now(inside, uow=uow, now=now), member.birth_date.reveal(), day_of(now))


def _branch(code: str | None, uow: UnitOfWork) -> BranchId | None:
    if code is None:
        return None
    found = uow.branches.first(code=code)
    if found is None:
        raise Invalid("no branch of this code", field="branch")
    return found.id


def _now(case: Case, house: House, *, status: int = 200) -> Response:
    told: dict[str, Any] = house.look(case.institution_id, lambda uow: told_again(case, uow))
    answer = said(told, status=status, version=case.version)
    if status == 201:
        answer.headers["Location"] = f"/v1/cases/{case.number}"
    return answer
