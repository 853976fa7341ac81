"""A member stands at the counter without phone or OTP: once their papers were seen, the application is taken there, and their
phone is trusted again."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.in_person import admit_to_counter
from otpward.core.errors import Invalid
from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.case import OPEN, CaseState
from otpward.core.model.case import Reason
from otpward.core.model.member import Area, Operator
from otpward.core.model.proof import Act, Proof
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console import prove
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import Among
from otpward.services.apply.apply_at_counter import ApplyAtCounter, apply_at_counter
from otpward.services.prove_identity.find_in_person import find_in_person
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone

PATH: Final = "/console/members/{id}/apply"
PHONE: Final = "/console/members/{id}/phone"


def show_walk_in(visit: Visit) -> Response:
    """What to ask, once the papers were seen; before that, where they are compared."""
    operator = admit(visit, Permission.HAND_OVER)
    return _page(visit, operator, {"branch": str(operator.branch_id or "")}, {})


def send_walk_in(visit: Visit) -> Response:
    """The application is in, as if the member had sent it; it is checked and approved like any other."""
    operator = admit(visit, Permission.HAND_OVER)
    form = visit.form
    try:
        ask = ApplyAtCounter(
            institution_id=visit.institution.id,
            member_id=_member_id(visit),
            operator=operator,
            reason=_reason(form.get("reason", "")),
            branch_id=BranchId(_branch(form.get("branch", ""))),
        )
        case = visit.do(lambda desk: apply_at_counter(ask, desk=desk))
    except Invalid:
        return _page(visit, operator, form, {"branch": visit.words._("Choose a branch")})
    except ProofNeeded:
        return _prove(visit, Act.APPLY)
    return visit.go(f"/console/cases/{case.number}")


def show_phone(visit: Visit) -> Response:
    """What is said before their phone proves again, once the papers were seen."""
    operator = admit(visit, Permission.HAND_OVER)
    member = visit.look(lambda uow: uow.members.get(_member_id(visit)))
    seen = _seen(visit, operator, Act.CHANGE_CONTACT)
    if seen is None and (member.phone_lost_at is not None or member.phone_signal_at is not None):
        return _prove(visit, Act.CHANGE_CONTACT)
    return visit.page("console/members/phone.html", member=member, seen=seen)


def send_phone(visit: Visit) -> Response:
    """The phone proves again."""
    operator, member_id = admit(visit, Permission.HAND_OVER), _member_id(visit)
    try:
        visit.do(lambda desk: trust_phone(TrustPhone(member_id=member_id, operator=operator), desk=desk))
    except ProofNeeded:
        return _prove(visit, Act.CHANGE_CONTACT)
    return visit.go(f"/console/members/{member_id}")


def _member_id(visit: Visit) -> MemberId:
    return MemberId(key_of(visit.path("id")))


def _prove(visit: Visit, act: Act) -> Response:
    return visit.go(prove.address(_member_id(visit), act=act.value))


def _seen(visit: Visit, operator: Operator, act: Act) -> Proof | None:
    member_id, now = _member_id(visit), visit.front.house.clock.now()
    admit_to_counter(operator, member_id)
    return visit.look(lambda uow: find_in_person(act, member_id, operator, uow=uow, now=now))


def _reason(text: str) -> Reason:
    return Reason(text) if text in set(Reason) else Reason.LOST


def _branch(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("no branch", field="branch") from None


def _page(visit: Visit, operator: Operator, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    member_id, seen = _member_id(visit), _seen(visit, operator, Act.APPLY)
    member, branches, case = visit.look(
        lambda uow: (
            uow.members.get(member_id),
            uow.branches.find(order="code"),
            uow.cases.first(member_id=member_id, state=Among(OPEN), order="-opened_at"),
        )
    )
    if seen is None and (case is None or case.state in {CaseState.REPORTED, CaseState.DRAFT}):
        return _prove(visit, Act.APPLY)
    return visit.page(
        "console/members/apply.html",
        errors=errors,
        values=values,
        member=member,
        case=case,
        seen=seen,
        branches=[(str(branch.id), branch.name(visit.lang)) for branch in branches],
        reasons=[(reason.value, Labels(visit.words)(reason)) for reason in Reason],
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_walk_in, post=send_walk_in, explain=explain),
        page_route(front, PHONE, area=area, get=show_phone, post=send_phone, explain=explain),
    ]
