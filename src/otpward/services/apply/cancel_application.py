"""An application is withdrawn; a device that was set aside for it goes back to the shelf, one that was received is retired."""

from dataclasses import dataclass, replace
from typing import Final

from otpward.clerk.cases import move_case
from otpward.clerk.tokens import move_token, retire_token
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.others import PickUpEvent, PickUpState, advance_pick_up
from otpward.core.lifecycle.token import TokenEvent, TokenState
from otpward.core.model.case import Case
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among
from otpward.services.apply.save_application import own_case

TOO_LATE: Final = frozenset({CaseState.REPORTED, CaseState.IN_TRANSIT})
"""The device is in the post, or there is only a report, which is lifted instead."""
_WAITING = frozenset({PickUpState.RESERVED, PickUpState.READY})


class TooLateToCancel(Conflict):
    """The device is in the post; or there is only a report, which is lifted instead."""

    code = "too_late_to_cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelApplication:
    """The member takes it back."""

    case_id: CaseId
    member_id: MemberId
    source: str


def cancel_application(ask: CancelApplication, *, desk: Desk) -> Case:
    """The case, cancelled. A stopped token stays stopped; a new one that was received already is retired, since it may be
    lost too.

    Raises:
        NotFound: not this member's case.
        TooLateToCancel, IllegalTransition: not in this state.
    """
    by = Actor(kind=ActorKind.MEMBER, id=ask.member_id, source=ask.source)
    with desk.uow as uow:
        case = own_case(ask.case_id, ask.member_id, desk=desk)
        if case.state in TOO_LATE:
            raise TooLateToCancel(f"case {case.number} is {case.state}")
        for pick_up in uow.pick_ups.find(case_id=case.id, state=Among(_WAITING)):
            uow.pick_ups.save(replace(pick_up, state=advance_pick_up(pick_up.state, PickUpEvent.EXPIRE)))
        if case.new_token_id is not None:
            token = uow.tokens.get(case.new_token_id)
            if token.state is TokenState.RESERVED:
                move_token(token, TokenEvent.RELEASE, AuditEvent.TOKEN_RELEASED, desk=desk, by=by, case_id=case.id)
                uow.devices.save(replace(uow.devices.get(token.id), case_id=None))
            elif token.state in {TokenState.ISSUED, TokenState.REGISTERED}:
                retire_token(token, desk=desk, by=by, case_id=case.id)
        case = move_case(case, CaseEvent.CANCEL, desk=desk, by=by)
        uow.commit()
    return case
