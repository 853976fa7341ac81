"""What a second person was asked and nobody answered in time is over, and has to be asked again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from otpward.clerk.cases import move_case
from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.lifecycle.case import CaseEvent, CaseState
from otpward.core.lifecycle.policy import PolicyEvent, PolicyState, advance_policy
from otpward.core.policy.rates import LIFT_WISH_LIFE, REQUEST_LIFE
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME: Final = 200


def lapse_requests(*, desk: Desk) -> Sequence[UUID]:
    """Applications go back to be checked, wishes to lift a stop are dropped, policies are drafts again; what that was."""
    with desk.uow as uow:
        lapsed = [*_cases(desk), *_lifts(desk), *_retirements(desk), *_policies(desk)]
        uow.commit()
    return lapsed


def _cases(desk: Desk) -> list[UUID]:
    over = desk.uow.cases.find(state=CaseState.AWAITING_APPROVAL, approval_until=Before(desk.now), limit=_AT_A_TIME)
    return [
        move_case(case, CaseEvent.LAPSE, desk=desk, by=_BY, checked_by=None, assigned_to=case.checked_by).id for case in over
    ]


def _lifts(desk: Desk) -> list[UUID]:
    wished = desk.uow.holds.find(lift_asked_at=Before(desk.now - LIFT_WISH_LIFE), lifted_at=None, limit=_AT_A_TIME)
    for line in wished:
        saved = desk.uow.holds.save(replace(line, lift_asked_at=None, lift_asked_by=None))
        desk.uow.audit.append(
            AuditEvent.LIFT_LAPSED, saved, by=_BY, at=desk.now, institution_id=saved.institution_id,
            detail={"hold": saved.hold.value},
        )  # fmt: skip
    return [line.id for line in wished]


def _retirements(desk: Desk) -> list[UUID]:
    wished = desk.uow.retirements.find(asked_at=Before(desk.now - REQUEST_LIFE), decided_at=None, limit=_AT_A_TIME)
    for wish in wished:
        saved = desk.uow.retirements.save(replace(wish, open_key=None, decided_at=desk.now))
        desk.uow.audit.append(AuditEvent.RETIRE_LAPSED, saved, by=_BY, at=desk.now, institution_id=saved.institution_id)
    return [wish.id for wish in wished]


def _policies(desk: Desk) -> list[UUID]:
    put = desk.uow.policies.find(state=PolicyState.PROPOSED, proposed_at=Before(desk.now - REQUEST_LIFE))
    for version in put:
        state = advance_policy(version.state, PolicyEvent.SEND_BACK)
        saved = desk.uow.policies.save(replace(version, state=state, proposed_by="", proposed_at=None, effective_at=None))
        desk.uow.audit.append(
            AuditEvent.POLICY_LAPSED, saved, by=_BY, at=desk.now, institution_id=saved.institution_id,
            detail={"number": saved.number},
        )  # fmt: skip
    return [version.id for version in put]
