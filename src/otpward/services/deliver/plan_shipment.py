"""A device is put into its envelope."""

from dataclasses import dataclass, replace

from otpward.clerk.parcels import plan_parcel
from otpward.core.errors import Conflict
from otpward.core.ids import CaseId
from otpward.core.lifecycle.others import ShipmentEvent, ShipmentState, advance_shipment
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk


class InABatch(Conflict):
    """The parcel is packed with others; it leaves with them, or is left out there."""

    code = "in_a_batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShipment:
    """The parcel of this case is to be made ready."""

    case_id: CaseId
    operator: Operator


def plan_shipment(ask: PlanShipment, *, desk: Desk) -> Shipment:
    """The packed parcel of the case's device; asked again, the same one.

    Raises:
        NothingToSend: not for the post, or not in preparation.
        InABatch: it is packed with others.
        Denied: not this role.
    """
    require(ask.operator.role, Permission.SHIP)
    with desk.uow as uow:
        shipment = plan_parcel(uow.cases.get(ask.case_id), desk=desk, operator=ask.operator)
        if shipment.state is not ShipmentState.PLANNED:
            return shipment
        if shipment.batch_id is not None:
            raise InABatch("packed with others")
        packed = uow.shipments.save(replace(shipment, state=advance_shipment(shipment.state, ShipmentEvent.PACK)))
        uow.commit()
    return packed
