"""An app moves to another phone: the old one shows a number, the new one is bound, and ends the old one when it works."""

from dataclasses import dataclass
from typing import ClassVar

from otpward.clerk.app_tokens import make_app
from otpward.clerk.cases import move_case, open_case
from otpward.clerk.policy import facts_of, policy_id_now, policy_now
from otpward.clerk.tokens import judge_code, live_registrations
from otpward.core.audit import Actor, ActorKind
from otpward.core.errors import Conflict
from otpward.core.ids import CaseId, MemberId, TokenId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.model.case import Case, Delivery, Documents, Reason
from otpward.core.model.member import Member
from otpward.core.model.token import Form
from otpward.core.policy.applicants import acting_for, kinds_for
from otpward.core.policy.document.requirement import requirement
from otpward.core.policy.verification import Examined, Verdict
from otpward.core.policy.versions import day_of
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork

BY_RULE = Actor(kind=ActorKind.SYSTEM, source="policy")


class MoveNotOffered(Conflict):
    """The policy wants an application for it, it is no app in use, or an application of the member runs already."""

    code: ClassVar[str] = "move_not_offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveApp:
    """Which app, and the number that it shows now on the old phone. The member sits in a full session."""

    token_id: TokenId
    member_id: MemberId
    code: str
    source: str


def move_app(ask: MoveApp, *, desk: Desk) -> tuple[Examined, Case | None]:
    """Judge the number, which is spent or counted as at any door. If it is right, the case of the move is opened, approved by
    the rule that the policy is, and its new app made: what comes next is to register it, and the test OTP retires the old one
    in its own transaction (SP 800-63B-4 §3.1.4.1, §4.1.4).

    Raises:
        MoveNotOffered: nothing was judged.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        member = uow.members.get(ask.member_id)
        kind = may_move(ask.token_id, member, uow=uow, desk=desk)
        if kind is None:
            raise MoveNotOffered("this app is moved by an application")
        examined = judge_code(uow.tokens.get(ask.token_id), ask.code, desk=desk, by=by)
        case = None
        if examined.verdict is Verdict.ACCEPTED:
            case = _moved(ask, member, kind, desk=desk, by=by)
        uow.commit()
    return examined, case


def may_move(token_id: TokenId, member: Member, *, uow: UnitOfWork, desk: Desk) -> str | None:
    """As which kind of applicant the member may move this app by themselves, or None: the policy says so, and asks neither
    papers nor a fee nor a second person for it."""
    policy = policy_now(member.institution_id, uow=uow, now=desk.now)
    device = uow.devices.first(id=token_id)
    mine = any(one.token_id == token_id for one in live_registrations(uow, member.id))
    if not policy.phone_app.move or device is None or device.form is not Form.APP or not mine:
        return None
    if uow.cases.first(member_id=member.id, state=Among(OPEN)) is not None:
        return None
    facts = facts_of(member, token_id, uow=uow, now=desk.now)
    for kind in kinds_for(policy, member.birth_date.reveal(), day_of(desk.now)):
        asked = requirement(policy, kind.name, Reason.PHONE_CHANGED, Delivery.APP, facts)
        free = asked.offered and not asked.papers and not asked.fee_won and not asked.two_people
        if free and acting_for(kind) is None:
            return kind.name
    return None


def _moved(ask: MoveApp, member: Member, kind: str, *, desk: Desk, by: Actor) -> Case:
    case = Case(
        id=CaseId(desk.new_id()),
        institution_id=member.institution_id,
        number=desk.number("R"),
        member_id=member.id,
        state=CaseState.DRAFT,
        open_key=f"{member.id}:{ask.token_id}",
        reason=Reason.PHONE_CHANGED,
        applicant=kind,
        policy_id=policy_id_now(member.institution_id, uow=desk.uow, now=desk.now),
        old_token_id=ask.token_id,
        old_serial=desk.uow.tokens.get(ask.token_id).serial,
        delivery=Delivery.APP,
        documents=Documents.PROOF_ONLY,
        opened_at=desk.now,
    )
    open_case(case, desk=desk, by=by)
    case = move_case(case, CaseEvent.SUBMIT, desk=desk, by=by, submitted_at=desk.now)
    for event in (CaseEvent.TAKE_UP, CaseEvent.PROPOSE, CaseEvent.APPROVE):
        case = move_case(case, event, desk=desk, by=BY_RULE)
    return make_app(case, desk=desk, by=BY_RULE)
