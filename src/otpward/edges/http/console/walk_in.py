"""A member stands at the counter without phone or OTP: their papers are seen, and the application is taken there."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Denied, Invalid
from otpward.core.ids import BranchId, MemberId
from otpward.core.lifecycle.case import OPEN
from otpward.core.model.case import Reason
from otpward.core.model.member import Area
from otpward.core.policy.papers import Paper
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.address import key_of
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import Among
from otpward.services.apply.apply_at_counter import ApplyAtCounter, apply_at_counter
from otpward.services.prove_identity.trust_phone import TrustPhone, trust_phone

PATH: Final = "/console/members/{id}/apply"
PHONE: Final = "/console/members/{id}/phone"


def show_walk_in(visit: Visit) -> Response:
    """Whose papers to compare, and what to ask."""
    operator = admit(visit, Permission.HAND_OVER)
    return _page(visit, {"branch": str(operator.branch_id or "")}, {})


def send_walk_in(visit: Visit) -> Response:
    """The application is in, as if the member had sent it; it is checked and approved like any other."""
    operator = admit(visit, Permission.HAND_OVER)
    form = visit.form
    try:
        ask = ApplyAtCounter(
            institution_id=visit.institution.id,
            member_id=MemberId(key_of(visit.path("id"))),
            operator=operator,
            paper=form.get("paper", ""),
            same_person=bool(form.get("same_person")),
            reason=_reason(form.get("reason", "")),
            branch_id=BranchId(_branch(form.get("branch", ""))),
        )
        case = visit.do(lambda desk: apply_at_counter(ask, desk=desk))
    except Invalid as error:
        return _page(visit, form, _fault(visit, error))
    return visit.go(f"/console/cases/{case.number}")


def show_phone(visit: Visit) -> Response:
    """Whose papers to compare before their phone proves again."""
    admit(visit, Permission.HAND_OVER)
    return _phone_page(visit, {})


def send_phone(visit: Visit) -> Response:
    """The phone proves again."""
    operator = admit(visit, Permission.HAND_OVER)
    member_id = MemberId(key_of(visit.path("id")))
    ask = TrustPhone(
        member_id=member_id,
        operator=operator,
        paper=visit.form.get("paper", ""),
        same_person=bool(visit.form.get("same_person")),
    )
    try:
        visit.do(lambda desk: trust_phone(ask, desk=desk))
    except Invalid as error:
        return _phone_page(visit, _fault(visit, error))
    return visit.go(f"/console/members/{member_id}")


def _phone_page(visit: Visit, errors: Mapping[str, str]) -> Response:
    member_id = MemberId(key_of(visit.path("id")))
    member = visit.look(lambda uow: uow.members.get(member_id))
    return visit.page("console/members/phone.html", errors=errors, member=member, papers=_papers(visit))


def _papers(visit: Visit) -> list[dict[str, str]]:
    return [{"value": paper.value, "label": Labels(visit.words)(paper)} for paper in Paper]


def _fault(visit: Visit, error: Invalid) -> dict[str, str]:
    _ = visit.words._
    sentences = {
        "paper": _("Say which paper you have seen"),
        "same_person": _("Compare name, birth date and photo with the person before you"),
        "branch": _("Choose a branch"),
    }
    field = error.field if error.field in sentences else ""
    return {field: sentences.get(field, _("Check what you entered"))}


def _reason(text: str) -> Reason:
    return Reason(text) if text in set(Reason) else Reason.LOST


def _branch(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("no branch", field="branch") from None


def _page(visit: Visit, values: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    member_id = MemberId(key_of(visit.path("id")))
    member, branches, case = visit.look(
        lambda uow: (
            uow.members.get(member_id),
            uow.branches.find(order="code"),
            uow.cases.first(member_id=member_id, state=Among(OPEN), order="-opened_at"),
        )
    )
    if visit.operator().member_id == member.id:
        raise Denied("an operator's own application")
    return visit.page(
        "console/members/apply.html",
        errors=errors,
        values=values,
        member=member,
        case=case,
        branches=[(str(branch.id), branch.name(visit.lang)) for branch in branches],
        papers=_papers(visit),
        reasons=[(reason.value, Labels(visit.words)(reason)) for reason in Reason],
    )


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_walk_in, post=send_walk_in, explain=explain),
        page_route(front, PHONE, area=area, get=show_phone, post=send_phone, explain=explain),
    ]
