"""Parcels: put together for a case, and checked before they leave."""

from dataclasses import replace

from otpward.clerk.fees import refuse_unpaid
from otpward.clerk.policy import policy_of
from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, Denied
from otpward.core.ids import BranchId
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.case import Case, Delivery
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Among

RUNNING = Among(frozenset({ShipmentState.PLANNED, ShipmentState.PACKED, ShipmentState.DISPATCHED}))


class NothingToSend(Conflict):
    """The case is not for the post, not in preparation, or has no device yet."""

    code = "nothing_to_send"


def refuse_elsewhere(operator: Operator, branch_id: BranchId) -> None:
    """Who sits at one branch packs there and nowhere else; raises `Denied`."""
    if operator.branch_id is not None and operator.branch_id != branch_id:
        raise Denied("it lies at another branch")


def refuse_unsendable(case: Case, shipment: Shipment | None, *, desk: Desk) -> None:
    """Let a parcel go on only while its application waits for this very device and nothing is due.

    Raises:
        NothingToSend, FeeDue.
    """
    if case.delivery is not Delivery.POST or case.state is not CaseState.PREPARING or case.new_token_id is None:
        raise NothingToSend("nothing to send in this case")
    if shipment is not None and shipment.token_id != case.new_token_id:
        raise NothingToSend("the case has another device now")
    refuse_unpaid(case, desk=desk)


def plan_parcel(case: Case, *, desk: Desk, operator: Operator) -> Shipment:
    """The parcel of the case's device; asked again, the same one.

    Raises:
        NothingToSend: see above; FeeDue is for later, when it leaves.
    """
    uow = desk.uow
    if case.delivery is not Delivery.POST or case.state is not CaseState.PREPARING or case.new_token_id is None:
        raise NothingToSend("nothing to send in this case")
    running = uow.shipments.first(case_id=case.id, token_id=case.new_token_id, state=RUNNING)
    if running is not None:
        return running
    branch_id = uow.devices.get(case.new_token_id).branch_id
    if branch_id is None:
        raise Conflict("the device lies nowhere")
    uow.cases.save(case)  # two presses at once meet here, and the second finds the parcel of the first
    planned = Shipment(
        id=desk.new_id(),
        institution_id=case.institution_id,
        case_id=case.id,
        member_id=case.member_id,
        token_id=case.new_token_id,
        branch_id=branch_id,
        state=ShipmentState.PLANNED,
        planned_at=desk.now,
        mail_class=policy_of(case, uow=uow, now=desk.now).post.mail_class,
    )
    uow.shipments.add(planned)
    uow.audit.append(
        AuditEvent.SHIPMENT_PLANNED,
        planned,
        by=operator.actor,
        at=desk.now,
        institution_id=case.institution_id,
        case_id=case.id,
    )
    return planned


def note(shipment: Shipment, event: AuditEvent, *, desk: Desk, operator: Operator, **detail: str | int) -> None:
    """Write one line about a parcel."""
    desk.uow.audit.append(
        event,
        shipment,
        by=operator.actor,
        at=desk.now,
        institution_id=shipment.institution_id,
        case_id=shipment.case_id,
        detail=detail,
    )


def unbatched(shipment: Shipment) -> Shipment:
    """The parcel, in no batch any more; what was packed is packed again when it goes into the next."""
    return replace(shipment, batch_id=None, position=0, packed_at=None, labelled_at=None)
