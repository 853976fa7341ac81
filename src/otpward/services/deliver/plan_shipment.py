"""A device is put into its envelope."""

from dataclasses import dataclass, replace

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict
from otpward.core.ids import CaseId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentEvent, ShipmentState, advance_shipment
from otpward.core.model.case import Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

_OPEN = frozenset({ShipmentState.PLANNED, ShipmentState.PACKED, ShipmentState.DISPATCHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShipment:
    """The parcel of this case is to be made ready."""

    case_id: CaseId
    operator: Operator


def plan_shipment(ask: PlanShipment, *, desk: Desk) -> Shipment:
    """The packed parcel of the case's device; asked again, the same one.

    Raises:
        Conflict: not for the post, or not in preparation.
        Denied: not this role.
    """
    require(ask.operator.role, Permission.SHIP)
    with desk.uow as uow:
        case = uow.cases.get(ask.case_id)
        if case.delivery is not Delivery.POST or case.state is not CaseState.PREPARING or case.new_token_id is None:
            raise Conflict("nothing to send in this case")
        running = uow.shipments.first(case_id=case.id, state=Among(_OPEN))
        if running is not None:
            return running
        uow.cases.save(case)  # two presses at once meet here, and the second finds the parcel of the first
        branch_id = uow.devices.get(case.new_token_id).branch_id
        if branch_id is None:
            raise Conflict("the device lies nowhere")
        shipment = Shipment(
            id=desk.new_id(),
            institution_id=case.institution_id,
            case_id=case.id,
            member_id=case.member_id,
            token_id=case.new_token_id,
            branch_id=branch_id,
            state=ShipmentState.PLANNED,
            planned_at=desk.now,
        )
        packed = replace(shipment, state=advance_shipment(shipment.state, ShipmentEvent.PACK))
        uow.shipments.add(packed)
        uow.audit.append(
            AuditEvent.SHIPMENT_PLANNED,
            packed,
            by=ask.operator.actor,
            at=desk.now,
            institution_id=case.institution_id,
            case_id=case.id,
        )
        uow.commit()
    return packed
