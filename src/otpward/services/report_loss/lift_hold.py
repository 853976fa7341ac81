"""At a branch, a stop is lifted: a lost device by one member of staff, anything graver by two."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from otpward.clerk.cases import move_case
from otpward.clerk.in_person import spend_for_holder
from otpward.clerk.notices import tell
from otpward.clerk.tokens import free_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.ids import TokenId
from otpward.core.lifecycle.case import OPEN, CaseEvent, CaseState
from otpward.core.lifecycle.token import LOSS_HOLDS, Hold, TokenState
from otpward.core.model.loss import LossReport
from otpward.core.model.member import Operator
from otpward.core.model.proof import Act
from otpward.core.model.token import Token, TokenHold
from otpward.core.policy.notices import NoticeKind
from otpward.core.policy.rates import LIFT_WISH_LIFE
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk

LIFTABLE: Final = LOSS_HOLDS | {Hold.SUSPENDED}
ALIVE: Final = frozenset({TokenState.IN_TRANSIT, TokenState.ISSUED, TokenState.REGISTERED, TokenState.ACTIVE})
"""In use, or on the way to it."""
EARLY: Final = {CaseState.REPORTED: CaseEvent.LIFT, CaseState.DRAFT: CaseEvent.CANCEL}
"""How the case of a lifted report ends; once it was sent, its report is not lifted any more."""


class Lifting(StrEnum):
    """What became of it."""

    DONE = "done"
    ASKED = "asked"


class CannotLift(Conflict):
    """Nothing of this kind stops the token, it is not in use any more, or a new one is under way."""

    code = "cannot_lift"


class OwnLift(Denied):
    """Nobody lifts a stop of their own token, nor approves what they asked for."""

    code = "own_lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftHold:
    """The first of two, or the only one: the holder stands there with the device, and their papers were seen."""

    token_id: TokenId
    hold: Hold
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveLift:
    """The second of two."""

    token_id: TokenId
    hold: Hold
    operator: Operator


def lift_hold(ask: LiftHold, *, desk: Desk) -> Lifting:
    """Free a lost token at once; put anything graver before a second person.

    Raises:
        CannotLift, OwnLift, Denied: not this hold, not by this operator.
        ProofNeeded: this operator has not just seen the holder's papers, for this.
    """
    require(ask.operator.role, Permission.HAND_OVER)
    with desk.uow as uow:
        token, line = _standing(ask.token_id, ask.hold, ask.operator, desk=desk)
        spend_for_holder(Act.LIFT_LOSS, ask.token_id, ask.operator, desk=desk)
        if ask.hold is Hold.LOST:
            _free(token, line, ask.operator, desk=desk)
            uow.commit()
            return Lifting.DONE
        asked = uow.holds.save(replace(line, lift_asked_at=desk.now, lift_asked_by=ask.operator.member_id))
        uow.audit.append(
            AuditEvent.LIFT_ASKED,
            asked,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=token.institution_id,
            detail={"hold": ask.hold.value},
        )
        uow.commit()
    return Lifting.ASKED


def approve_lift(ask: ApproveLift, *, desk: Desk) -> None:
    """A second person agrees: the token is freed.

    Raises:
        CannotLift: nobody asked for it.
        OwnLift, Denied: asked by the same operator, their own token, or not this role.
    """
    require(ask.operator.role, Permission.APPROVE)
    with desk.uow as uow:
        token, line = _standing(ask.token_id, ask.hold, ask.operator, desk=desk)
        if line.lift_asked_by is None or line.lift_asked_at is None or desk.now > line.lift_asked_at + LIFT_WISH_LIFE:
            raise CannotLift("nobody asked to lift it, or too long ago")
        if line.lift_asked_by == ask.operator.member_id:
            raise OwnLift("a second person must agree")
        _free(token, line, ask.operator, desk=desk)
        uow.commit()


def _standing(token_id: TokenId, hold: Hold, operator: Operator, *, desk: Desk) -> tuple[Token, TokenHold]:
    """The token and the line of its hold, if this operator may lift it now."""
    token = desk.uow.tokens.get(token_id)
    line = desk.uow.holds.first(token_id=token_id, hold=hold, lifted_at=None, order="-placed_at")
    if hold not in LIFTABLE or hold not in token.holds or line is None or token.state not in ALIVE:
        raise CannotLift("no such stop stands")
    holders = [one.member_id for one in desk.uow.registrations.find(token_id=token_id, ended_at=None)]
    if operator.member_id in holders:
        raise OwnLift("an operator's own token")
    for case in desk.uow.cases.find(old_token_id=token_id):
        if case.state in OPEN and case.state not in EARLY:
            raise CannotLift(f"case {case.number} is under way; it would retire this token")
    return token, line


def _free(token: Token, line: TokenHold, operator: Operator, *, desk: Desk) -> None:
    """Lift the hold, and with the last one of a report the report and its case; the member is told. A phone that was
    reported lost stays distrusted: a found device says nothing of it."""
    uow, by = desk.uow, operator.actor
    free_token(token, line.hold, desk=desk, by=by)
    report = uow.losses.first(id=line.report_id) if line.report_id is not None else None
    if report is not None:
        _end_report(report, desk=desk, operator=operator)
    for registration in uow.registrations.find(token_id=token.id, ended_at=None):
        tell(uow.members.get(registration.member_id), NoticeKind.LOSS_LIFTED, desk=desk)


def _end_report(report: LossReport, *, desk: Desk, operator: Operator) -> None:
    uow, by = desk.uow, operator.actor
    reports = [report] if report.case_id is None else uow.losses.find(case_id=report.case_id, lifted_at=None)
    if any(uow.holds.first(report_id=one.id, lifted_at=None) is not None for one in reports):
        return
    for one in reports:
        lifted = uow.losses.save(replace(one, lifted_at=desk.now))
        uow.audit.append(
            AuditEvent.LOSS_LIFTED, lifted, by=by, at=desk.now, institution_id=one.institution_id, case_id=one.case_id
        )
    case = uow.cases.first(id=report.case_id) if report.case_id is not None else None
    if case is not None and case.state in EARLY:
        move_case(case, EARLY[case.state], desk=desk, by=by)
