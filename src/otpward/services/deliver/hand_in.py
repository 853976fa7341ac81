"""A batch is handed in at the post office: every parcel of it is on its way, and each member is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from otpward.core.audit import AuditEvent
from otpward.core.errors import Conflict, NotFound
from otpward.core.ids import InstitutionId
from otpward.core.lifecycle.batch import BatchEvent, BatchState, advance_batch
from otpward.core.lifecycle.others import ShipmentState
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.core.policy.roles import Permission, require
from otpward.ports.desk import Desk, House
from otpward.ports.unit_of_work import Among
from otpward.services.deliver.batches import parcels_of, take_batch
from otpward.services.deliver.dispatch import send_off
from otpward.services.deliver.print_labels import NotAllMatch

_HERE = Among(frozenset({ShipmentState.PLANNED, ShipmentState.PACKED}))


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """The carrier took the box of this batch."""

    batch: str
    operator: Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """How many went, and of those that could not, why: place in the pick list and code."""

    batch: Batch
    sent: int
    stuck: Mapping[int, str] = field(default_factory=dict)


def hand_in(ask: HandIn, institution_id: InstitutionId, *, house: House) -> HandedIn:
    """Each parcel leaves in a transaction of its own, so that a long batch holds up nobody; cut off half way, it is done
    again and goes on with the rest. One that cannot leave stays, and so does the batch until that one is left out.

    Raises:
        NotAllMatch: before the first leaves: an envelope is not ready.
        NotFound, Denied, IllegalTransition: no such batch, not this role or branch, no labels yet or handed in already.
    """
    require(ask.operator.role, Permission.SHIP)
    waiting = house.do(institution_id, lambda desk: _waiting(ask, desk=desk))
    sent, stuck = 0, dict[int, str]()
    for position, key in waiting:
        try:
            house.do(institution_id, lambda desk, key=key: _send(key, ask, desk=desk))  # type: ignore[misc]
            sent += 1
        except (Conflict, NotFound) as error:
            stuck[position] = error.code
    batch = house.do(institution_id, lambda desk: _close(ask, sent, desk=desk))
    return HandedIn(batch=batch, sent=sent, stuck=stuck)


def _waiting(ask: HandIn, *, desk: Desk) -> list[tuple[int, UUID]]:
    """What is still here of a batch that may go."""
    with desk.uow as uow:
        batch = take_batch(ask.batch, ask.operator, desk=desk)
        advance_batch(batch.state, BatchEvent.HAND_IN)
        parcels = [one for one in parcels_of(batch, uow=uow) if one.state is not ShipmentState.DISPATCHED]
        unready = [one.position for one in parcels if not _labelled(one)]
        if unready:
            raise NotAllMatch(unready)
        return [(one.position, one.id) for one in parcels]


def _labelled(parcel: Shipment) -> bool:
    return parcel.packed_at is not None and bool(parcel.tracking_number) and parcel.labelled_at is not None


def _send(key: UUID, ask: HandIn, *, desk: Desk) -> None:
    with desk.uow as uow:
        parcel, batch = uow.shipments.get(key), take_batch(ask.batch, ask.operator, desk=desk)
        if parcel.batch_id != batch.id or not _labelled(parcel):
            raise NotAllMatch([parcel.position])  # it was left out, or numbered anew, since the batch was looked through
        send_off(parcel, desk=desk, by=ask.operator.actor)
        uow.commit()


def _close(ask: HandIn, sent: int, *, desk: Desk) -> Batch:
    """The batch is over once nothing of it is here."""
    with desk.uow as uow:
        batch = take_batch(ask.batch, ask.operator, desk=desk)
        here = uow.shipments.count(batch_id=batch.id, state=_HERE)
        if not here and batch.state is BatchState.LABELLED:
            state = advance_batch(batch.state, BatchEvent.HAND_IN)
            batch = uow.batches.save(replace(batch, state=state, handed_in_at=desk.now))
        by, detail = ask.operator.actor, {"sent": sent, "left": here}
        uow.audit.append(
            AuditEvent.BATCH_HANDED_IN, batch, by=by, at=desk.now, institution_id=batch.institution_id, detail=detail
        )
        uow.commit()
    return batch
