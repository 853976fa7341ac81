"""A temporary pass for who waits: given after papers were seen, shown once, taken back at any time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.passes import running_pass
from otpward.clerk.policy import policy_of
from otpward.core.errors import NotFound
from otpward.core.model.case import Case
from otpward.core.model.member import Area, Member, Operator
from otpward.core.model.proof import Act, Proof
from otpward.core.model.temporary_pass import TemporaryPass
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.roles import Permission
from otpward.edges.http.console import prove
from otpward.edges.http.console.door import admit, allowed
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.issue.end_pass import EndPass, end_pass
from otpward.services.issue.give_pass import MOST_PER_CASE, WAITING, GivePass, PassNotOffered, give_pass
from otpward.services.prove_identity.find_in_person import find_in_person

PATH: Final = "/console/cases/{no}/pass"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassView:
    """The case, who waits, and what this operator can do."""

    case: Case
    member: Member
    running: TemporaryPass | None
    hours: int
    codes: int
    left: int
    seen: Proof | None
    own: bool

    @property
    def offered(self) -> bool:
        """Whether one can be given for this case."""
        return bool(self.hours) and self.case.state in WAITING and self.left > 0 and not self.own


def show_pass(visit: Visit) -> Response:
    """The pass that was given, without its numbers, or the way to give one."""
    operator = admit(visit, Permission.SEE_CASES)
    return _page(visit, operator)


def send_pass(visit: Visit) -> Response:
    """Given, and its numbers shown on this one answer; or taken back."""
    operator = admit(visit, Permission.SEE_CASES)
    view = visit.look(lambda uow: _read(visit, operator, uow))
    if visit.form.get("act") == "end":
        visit.do(lambda desk: end_pass(EndPass(case_id=view.case.id, operator=operator), desk=desk))
        return visit.go(f"/console/cases/{view.case.number}/pass?done=ended")
    admit(visit, Permission.HAND_OVER)
    try:
        given = visit.do(lambda desk: give_pass(GivePass(case_id=view.case.id, operator=operator), desk=desk))
    except ProofNeeded:
        return visit.go(prove.address(view.member.id, act=Act.TEMPORARY_PASS.value))
    except PassNotOffered:
        return _page(visit, operator, {"": visit.words._("No temporary pass can be given for this application")})
    shown = [code.reveal().decode() for code in given.codes]
    return visit.page("console/passes/given.html", view=view, given=given.given, codes=shown)


def _page(visit: Visit, operator: Operator, errors: Mapping[str, str] | None = None) -> Response:
    view = visit.look(lambda uow: _read(visit, operator, uow))
    return visit.page(
        "console/passes/pass.html",
        errors=errors,
        view=view,
        may_give=allowed(operator, Permission.HAND_OVER) and view.offered,
        may_end=allowed(operator, Permission.STOP_TOKEN) and view.running is not None,
        prove=prove.address(view.member.id, act=Act.TEMPORARY_PASS.value),
        ended=visit.query.get("done") == "ended" and view.running is None,
        now=visit.front.house.clock.now(),
    )


def _read(visit: Visit, operator: Operator, uow: UnitOfWork) -> PassView:
    now = visit.front.house.clock.now()
    case = uow.cases.first(number=visit.path("no").upper()[:24])
    if case is None:
        raise NotFound("no such case")
    terms = policy_of(case, uow=uow, now=now).temporary_pass
    running = running_pass(case.id, uow=uow)
    if running is not None and running.expires_at <= now:
        running = None
    return PassView(
        case=case,
        member=uow.members.get(case.member_id),
        running=running,
        hours=terms.hours,
        codes=terms.codes,
        left=MOST_PER_CASE - uow.passes.count(case_id=case.id),
        seen=find_in_person(Act.TEMPORARY_PASS, case.member_id, operator, uow=uow, now=now),
        own=case.member_id == operator.member_id,
    )


def routes(front: Front) -> list[BaseRoute]:
    """The one page."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_pass, post=send_pass, explain=explain)]
