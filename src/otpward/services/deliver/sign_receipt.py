"""Whoever was handed the device signs for it, on the screen or on paper."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from otpward.clerk.in_person import admit_to_counter
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.formats.signature import read_signature
from otpward.core.lifecycle.others import PickUpState
from otpward.core.model.delivery import PickUp, Signed
from otpward.core.model.member import Operator
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk


class NothingToSign(Conflict):
    """Nothing was handed over, or it is signed for already."""

    code: ClassVar[str] = "nothing_to_sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReceipt:
    """How it was signed; on the screen, with the strokes."""

    pick_up_id: UUID
    operator: Operator
    how: Signed
    strokes: str = ""


def sign_receipt(ask: SignReceipt, *, desk: Desk) -> PickUp:
    """The pick-up, signed for. The strokes are sealed under the member's key; signed on paper, the paper is the record.

    Raises:
        NoSignature: on the screen, but hardly a stroke (field `signature`).
        NothingToSign: not handed over, or signed already.
        Denied, OwnPerson: not this role, not this branch, or the operator's own device.
    """
    signature = Personal(read_signature(ask.strokes)) if ask.how is Signed.SCREEN else NOTHING
    with desk.uow as uow:
        pick_up = uow.pick_ups.get(ask.pick_up_id)
        admit_to_counter(ask.operator, pick_up.member_id)
        if ask.operator.branch_id is not None and pick_up.branch_id != ask.operator.branch_id:
            raise Denied("it was handed over at another branch")
        if pick_up.state is not PickUpState.HANDED_OVER or pick_up.signed is not None:
            raise NothingToSign("not handed over, or signed already")
        signed = uow.pick_ups.save(replace(pick_up, signed=ask.how, signed_at=desk.now, signature=signature))
        uow.audit.append(
            AuditEvent.PICKUP_SIGNED,
            signed,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=signed.institution_id,
            case_id=signed.case_id,
            result=ask.how,
        )
        uow.commit()
    return signed
