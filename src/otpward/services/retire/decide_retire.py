"""The second of two agrees, and the device ends; or does not, and it stays as it is."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.clerk.cases import StaleCase
from otpward.clerk.tokens import retire_token
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.model.member import Operator
from otpward.core.model.retirement import Retirement
from otpward.core.model.token import Token
from otpward.core.policy.rates import REQUEST_LIFE
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.services.retire.ask_retire import OwnRetirement, refuse_holder


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRetire:
    """Which wish, as it was seen."""

    wish_id: UUID
    operator: Operator
    seen_version: int


def approve_retire(ask: DecideRetire, *, desk: Desk) -> Token:
    """The device, retired; every registration of it ends in the same moment.

    Raises:
        OwnRetirement: asked by the same operator, or their own device.
        Conflict: decided already, lapsed, or the device is in nobody's hands any more (`IllegalTransition`).
        StaleCase, NotFound, Denied.
    """
    with desk.uow as uow:
        wish = _open(ask, desk=desk)
        if wish.asked_by == ask.operator.member_id:
            raise OwnRetirement("a second person must agree")
        refuse_holder(wish.token_id, ask.operator, desk=desk)
        retired = retire_token(uow.tokens.get(wish.token_id), desk=desk, by=ask.operator.actor)
        uow.retirements.save(replace(wish, open_key=None, decided_by=ask.operator.member_id, decided_at=desk.now))
        uow.commit()
    return retired


def send_back_retire(ask: DecideRetire, *, desk: Desk) -> None:
    """The wish is gone. Raises as `approve_retire`, but for `OwnRetirement`: who asked may think better of it."""
    with desk.uow as uow:
        wish = _open(ask, desk=desk)
        saved = uow.retirements.save(replace(wish, open_key=None, decided_by=ask.operator.member_id, decided_at=desk.now))
        uow.audit.append(
            AuditEvent.RETIRE_SENT_BACK, saved, by=ask.operator.actor, at=desk.now, institution_id=saved.institution_id
        )
        uow.commit()


def _open(ask: DecideRetire, *, desk: Desk) -> Retirement:
    require(ask.operator.role, Permission.APPROVE)
    wish = desk.uow.retirements.get(ask.wish_id)
    if wish.open_key is None or desk.now > wish.asked_at + REQUEST_LIFE:
        raise Conflict("nobody asks for it any more")
    if wish.version != ask.seen_version:
        raise StaleCase("the wish changed since it was shown")
    return wish
