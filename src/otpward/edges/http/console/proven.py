"""After a proof in person: what it is good for, until when, the act that comes next, or the code for the member's browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.in_person import lies_at_counter
from otpward.clerk.tokens import live_tokens
from otpward.core.audit import AuditEvent
from otpward.core.errors import NotFound
from otpward.core.ids import ProofId
from otpward.core.lifecycle.others import ProofState
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Area, Member, Operator
from otpward.core.model.proof import Act, Method, Proof
from otpward.core.policy.rates import BRANCH_CODE_LIFE
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.door import admit
from otpward.edges.http.console.labels import Labels
from otpward.edges.http.console.tokens import address as token_address
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.qr import draw_qr
from otpward.ports.unit_of_work import Among, UnitOfWork
from otpward.services.issue.give_pass import WAITING
from otpward.services.prove_identity.give_branch_code import (
    ELSEWHERE,
    GiveBranchCode,
    NothingToGive,
    give_branch_code,
    is_open,
    shown_code,
)
from otpward.services.report_loss.lift_hold import LIFTABLE

PATH: Final = "/console/counter/prove/{proof}"
BRANCH: Final = "/prove/branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A proof in person of this operator: whom it is of, and the paper that was seen."""

    proof: Proof
    member: Member
    paper: str
    steps: Sequence[tuple[str, str]]
    """What can be done with it here: which device or page, and where."""


def show_proven(visit: Visit) -> Response:
    """What it is good for, and what comes next."""
    return _page(visit, admit(visit, Permission.HAND_OVER))


def send_proven(visit: Visit) -> Response:
    """A code is given for the member's own browser."""
    operator = admit(visit, Permission.HAND_OVER)
    proof_id = ProofId(key_of(visit.path("proof")))
    try:
        visit.do(lambda desk: give_branch_code(GiveBranchCode(proof_id=proof_id, operator=operator), desk=desk))
    except NothingToGive:
        return _page(visit, operator, {"": visit.words._("It cannot be given any more. Look at the papers again")})
    return visit.go(f"{address(proof_id)}#phone")


def address(proof_id: ProofId) -> str:
    """Where this proof is shown."""
    return PATH.replace("{proof}", str(proof_id))


def _page(visit: Visit, operator: Operator, errors: dict[str, str] | None = None) -> Response:
    proof_id, now = ProofId(key_of(visit.path("proof"))), visit.front.house.clock.now()
    found = visit.look(lambda uow: _read(proof_id, operator, uow, visit))
    proof = found.proof
    code = shown_code(proof, now=now, vault=visit.front.house.vault)
    where = f"{visit.front.public_url}{BRANCH}"
    return visit.page(
        "console/prove/proven.html",
        errors=errors,
        values={},
        found=found,
        proof=proof,
        label=Labels(visit.words),
        action=address(proof.id),
        now_open=is_open(proof, now),
        taken=not lies_at_counter(proof),
        spent=proof.state is ProofState.SPENT,
        may_give=proof.act in ELSEWHERE,
        code=code,
        code_until=proof.sent_at + BRANCH_CODE_LIFE if code and proof.sent_at is not None else None,
        where=where.removeprefix("https://").removeprefix("http://"),
        qr=draw_qr(where) if code else None,
    )


def _read(proof_id: ProofId, operator: Operator, uow: UnitOfWork, visit: Visit) -> Recorded:
    """The proof, if this operator recorded it; raises `NotFound` otherwise."""
    proof = uow.proofs.first(id=proof_id, method=Method.IN_PERSON)
    lines = uow.audit.find(subject_id=proof_id, event=AuditEvent.PROOF_PASSED, actor_id=operator.member_id)
    if proof is None or proof.member_id is None or not lines:
        raise NotFound("no such proof of this operator")
    member = uow.members.get(proof.member_id)
    return Recorded(proof=proof, member=member, paper=lines[-1].result, steps=_steps(proof, member, uow, visit))


def _steps(proof: Proof, member: Member, uow: UnitOfWork, visit: Visit) -> list[tuple[str, str]]:
    _, here = visit.words._, f"/console/members/{member.id}"
    match proof.act:
        case Act.APPLY:
            return [(_("Take the application"), f"{here}/apply")]
        case Act.UNLOCK:
            return _devices(member, frozenset({Hold.LOCKED}), uow, visit)
        case Act.LIFT_LOSS:
            return _devices(member, LIFTABLE, uow, visit)
        case Act.CHANGE_CONTACT:
            held = member.phone_lost_at is not None or member.phone_signal_at is not None
            trust = [(_("Trust the phone again"), f"{here}/phone")] if held else []
            return [*trust, (_("Change contacts"), f"{here}/contacts")]
        case Act.FOLLOW:
            return [(_("See the applications"), here)]
        case Act.TEMPORARY_PASS:
            return _waiting(member, uow, visit)
        case Act.COLLECT:
            return [(_("Hand over an OTP"), "/console/counter")]


def _waiting(member: Member, uow: UnitOfWork, visit: Visit) -> list[tuple[str, str]]:
    cases = uow.cases.find(member_id=member.id, state=Among(WAITING), order="-opened_at")
    return [
        (visit.words._("Temporary pass for {number}", number=one.number), f"/console/cases/{one.number}/pass") for one in cases
    ]


def _devices(member: Member, holds: frozenset[Hold], uow: UnitOfWork, visit: Visit) -> list[tuple[str, str]]:
    stopped = [one for one in live_tokens(uow, member.id) if one.holds & holds]
    return [(visit.words._("Go on with OTP {serial}", serial=one.serial), token_address(one.serial)) for one in stopped]


def routes(front: Front) -> list[BaseRoute]:
    """The one page."""
    return [page_route(front, PATH, area=Area.CONSOLE, get=show_proven, post=send_proven, explain=explain)]
