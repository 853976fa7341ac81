"""What came back travels once more: to the same address or another one, or it is collected at a branch."""

from dataclasses import dataclass, replace

from otpward.core.audit import Actor, AuditEvent
from otpward.core.errors import Conflict, Invalid, NotFound
from otpward.core.ids import BranchId, CaseId, MemberId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.secret import NOTHING, Personal
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among, UnitOfWork

_BACK = Among(frozenset({ShipmentState.RETURNED, ShipmentState.MISSING, ShipmentState.DELIVERED}))
_ADDRESS_LONGEST = 300


class NothingCameBack(Conflict):
    """No parcel of this application came back, or another device is set aside for it already."""

    code = "nothing_came_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseAgain:
    """The member, or staff who talked to them, say how the next device travels. `member_id` where it must be their own case."""

    case_id: CaseId
    by: Actor
    delivery: Delivery
    branch_id: BranchId | None = None
    address: str = ""
    member_id: MemberId | None = None


def came_back(case: Case, *, uow: UnitOfWork) -> Shipment | None:
    """The parcel of this case that came back or got lost, while nothing was chosen since."""
    if case.state is not CaseState.APPROVED or case.new_token_id is not None:
        return None
    last = uow.shipments.first(case_id=case.id, state=_BACK, order="-planned_at")
    return last if last is not None and last.chosen_at is None else None


def choose_again(ask: ChooseAgain, *, desk: Desk) -> Case:
    """The case with its new way; the fee that was asked for the old one stays.

    Raises:
        NothingCameBack: see there.
        Invalid: no branch, no address (field `branch`, `address`), or not a way for a device (field `how`).
        NotFound: not this member's case, or no such branch.
    """
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if ask.member_id is not None and case.member_id != ask.member_id:
            raise NotFound("not this member's case")
        back = came_back(case, uow=uow)
        if back is None:
            raise NothingCameBack("nothing came back")
        if ask.delivery is Delivery.BRANCH:
            if ask.branch_id is None:
                raise Invalid("no branch", field="branch")
            chosen = {"branch_id": uow.branches.get(ask.branch_id).id, "address": NOTHING}
        elif ask.delivery is Delivery.POST:
            if not ask.address.strip():
                raise Invalid("no address", field="address")
            chosen = {"branch_id": None, "address": Personal(ask.address.strip()[:_ADDRESS_LONGEST])}
        else:
            raise Invalid("a device travels by post or is collected", field="how")
        saved = uow.cases.save(replace(case, delivery=ask.delivery, **chosen))  # type: ignore[arg-type]
        uow.shipments.save(replace(back, chosen_at=desk.now))
        detail = {"delivery": ask.delivery.value}
        uow.audit.append(
            AuditEvent.SHIPMENT_REROUTED,
            back,
            by=ask.by,
            at=desk.now,
            institution_id=saved.institution_id,
            case_id=saved.id,
            detail=detail,
        )
        uow.commit()
    return saved
