"""A device waits at the counter, under a pick-up code."""

from dataclasses import dataclass
from datetime import timedelta

from otpward.clerk.cases import move_case
from otpward.clerk.notices import tell
from otpward.clerk.policy import policy_of
from otpward.core.errors import Conflict, Denied
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseEvent
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.case import Delivery
from otpward.core.model.delivery import PickUp
from otpward.core.model.member import Operator
from otpward.core.policy.notices import NoticeKind, short_date
from otpward.core.policy.rates import PICK_UP_LETTERS
from otpward.core.policy.roles import Permission, require
from otpward.core.secret import Personal
from otpward.ports.desk import Desk
from otpward.ports.vault import Print


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """The device of this case lies ready at its branch. `present`: whoever collects it stands there, and need not be told."""

    case_id: CaseId
    operator: Operator
    present: bool = False


def set_out(ask: SetOut, *, desk: Desk) -> PickUp:
    """A pick-up with its code and deadline; the member is told where and until when.

    Raises:
        Conflict: the case is not for collection, or has no device yet.
        Denied, IllegalTransition: not this role, not in this state.
    """
    require(ask.operator.role, Permission.ISSUE)
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.member_id == ask.operator.member_id:
            raise Denied("an operator's own application")
        if None not in {ask.operator.branch_id, case.branch_id} and ask.operator.branch_id != case.branch_id:
            raise Denied("it is collected at another branch")
        if case.delivery is not Delivery.BRANCH or case.branch_id is None or case.new_token_id is None:
            raise Conflict("nothing to collect in this case")
        waits = timedelta(days=policy_of(case, uow=uow, now=desk.now).deadlines.pick_up_days)
        code = desk.letters(PICK_UP_LETTERS)
        pick_up = PickUp(
            id=desk.new_id(),
            institution_id=case.institution_id,
            case_id=case.id,
            member_id=case.member_id,
            token_id=case.new_token_id,
            branch_id=case.branch_id,
            state=PickUpState.READY,
            code=Personal(code),
            code_print=desk.vault.fingerprint(Print.PICK_UP_CODE, code),
            ready_at=desk.now,
            until=desk.now + waits,
        )
        uow.pick_ups.add(pick_up)
        move_case(case, CaseEvent.SET_OUT, desk=desk, by=ask.operator.actor, deadline_at=pick_up.until)
        member = uow.members.get(case.member_id)
        branch = uow.branches.get(case.branch_id).name(member.language)
        date = short_date(pick_up.until, member.language)
        if not ask.present:
            tell(member, NoticeKind.CASE_READY, desk=desk, case_id=case.id, branch=branch, date=date)
        uow.commit()
    return pick_up
