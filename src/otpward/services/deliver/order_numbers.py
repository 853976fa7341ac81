"""The carrier is asked for the registered numbers of a batch."""

from dataclasses import dataclass, replace
from uuid import UUID

from otpward.core.audit import Actor, ActorKind, AuditEvent
from otpward.core.errors import Conflict, Invalid, NotFound, Unavailable
from otpward.core.formats.tracking import check_tracking_number
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.ports.carrier import Order, OrderTaker
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.deliver.batches import OPEN, change_batch, parcels_of
from otpward.services.deliver.number_parcel import put_number

_BY = Actor(kind=ActorKind.SYSTEM, source="carrier")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskNumbers:
    """The carrier shall give the numbers of this batch."""

    batch: str
    operator: Operator


def ask_numbers(ask: AskNumbers, *, desk: Desk) -> Batch:
    """The batch, with the question on its way; it is asked until the carrier answers, however long that takes.

    Raises:
        NotFound, Denied, IllegalTransition: no such batch, not this role or branch, handed in already.
    """
    with desk.uow as uow:
        batch = change_batch(ask.batch, ask.operator, desk=desk)
        batch = uow.batches.save(replace(batch, asked_at=desk.now))
        uow.outbox.order_numbers(batch.id, batch.version)
        by = ask.operator.actor
        uow.audit.append(AuditEvent.BATCH_NUMBERS_ASKED, batch, by=by, at=desk.now, institution_id=batch.institution_id)
        uow.commit()
    return batch


def order_numbers(institution_id: InstitutionId, batch_id: UUID, *, house: House, carrier: OrderTaker) -> int:
    """Ask for each parcel of the batch that has no number; how many got one. An address that the carrier does not take waits
    for somebody to look at it.

    Raises:
        Unavailable: the carrier does not answer; what it gave so far is kept.
    """
    given = 0
    for key, order in house.look(institution_id, lambda uow: _orders(batch_id, uow)):
        try:
            number = check_tracking_number(carrier.take_order(order))
            house.do(institution_id, lambda desk, key=key, number=number: _keep(key, number, desk=desk))  # type: ignore[misc]
            given += 1
        except Unavailable:
            raise
        except (Invalid, Conflict, NotFound):
            house.do(institution_id, lambda desk, key=key: _mark(key, desk=desk))  # type: ignore[misc]
    return given


def _orders(batch_id: UUID, uow: UnitOfWork) -> list[tuple[UUID, Order]]:
    batch = uow.batches.first(id=batch_id)
    if batch is None or batch.state not in OPEN:
        return []
    return [(one.id, _order(one, uow)) for one in parcels_of(batch, uow=uow) if _is_due(one)]


def _is_due(parcel: Shipment) -> bool:
    return not parcel.tracking_number and parcel.look_at is None and parcel.state is not ShipmentState.DISPATCHED


def _order(parcel: Shipment, uow: UnitOfWork) -> Order:
    member, case = uow.members.get(parcel.member_id), uow.cases.get(parcel.case_id)
    return Order(
        reference=parcel.id.hex,
        name=member.name,
        phone=member.phone,
        address=case.address,
        mail_class=parcel.mail_class,
    )


def _keep(key: UUID, number: str, *, desk: Desk) -> None:
    with desk.uow as uow:
        parcel = uow.shipments.get(key)
        if _is_due(parcel):
            _written(put_number(parcel, number, desk=desk), "done", desk=desk)
            uow.commit()


def _mark(key: UUID, *, desk: Desk) -> None:
    with desk.uow as uow:
        parcel = uow.shipments.get(key)
        if _is_due(parcel):
            _written(uow.shipments.save(replace(parcel, look_at=desk.now)), "refused", desk=desk)
            uow.commit()


def _written(parcel: Shipment, result: str, *, desk: Desk) -> None:
    desk.uow.audit.append(
        AuditEvent.SHIPMENT_NUMBERED,
        parcel,
        by=_BY,
        at=desk.now,
        institution_id=parcel.institution_id,
        case_id=parcel.case_id,
        result=result,
    )
