"""A temporary pass ends: its token retires with it, so that no number of it is good any more, at any door."""

from dataclasses import replace

from otpward.clerk.tokens import retire_token
from otpward.core.audit import Actor, AuditEvent
from otpward.core.ids import CaseId, MemberId
from otpward.core.lifecycle.token import TokenState
from otpward.core.model.temporary_pass import TemporaryPass
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import UnitOfWork


def running_pass(case_id: CaseId, *, uow: UnitOfWork) -> TemporaryPass | None:
    """The one that was given for this case and has not ended."""
    return uow.passes.first(case_id=case_id, ended_at=None)


def end_passes_of_case(case_id: CaseId, why: str, *, desk: Desk, by: Actor) -> None:
    """The pass of this case ends."""
    for one in desk.uow.passes.find(case_id=case_id, ended_at=None):
        _end(one, why, desk=desk, by=by)


def end_passes_of_member(member_id: MemberId, why: str, *, desk: Desk, by: Actor) -> None:
    """Every pass of this member ends."""
    for one in desk.uow.passes.find(member_id=member_id, ended_at=None):
        _end(one, why, desk=desk, by=by)


def _end(one: TemporaryPass, why: str, *, desk: Desk, by: Actor) -> None:
    ended = desk.uow.passes.save(replace(one, ended_at=desk.now, ended_why=why))
    token = desk.uow.tokens.get(one.token_id)
    if token.state is TokenState.ACTIVE:
        retire_token(token, desk=desk, by=by, case_id=one.case_id)
    desk.uow.audit.append(
        AuditEvent.PASS_ENDED,
        ended,
        by=by,
        at=desk.now,
        institution_id=ended.institution_id,
        case_id=ended.case_id,
        result=why,
    )
