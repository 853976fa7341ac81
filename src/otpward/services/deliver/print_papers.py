"""Covering letters, and the list for the carrier: personal data leaves the house on paper or as a file, and that is written
down."""

from dataclasses import dataclass
from typing import Final

from otpward.core.audit import AuditEvent
from otpward.core.model.delivery import Shipment
from otpward.core.model.member import Operator
from otpward.core.model.shipping import Batch
from otpward.ports.desk import Desk
from otpward.services.deliver.batches import parcels_of, take_batch

PAPERS: Final = {"letters": AuditEvent.BATCH_LETTERS, "list": AuditEvent.BATCH_LISTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintPapers:
    """Which papers of which batch: `letters` or `list`."""

    batch: str
    paper: str
    operator: Operator


def print_papers(ask: PrintPapers, *, desk: Desk) -> tuple[Batch, list[Shipment]]:
    """The parcels that they are about, in the order of the pick list.

    Raises:
        NotFound, Denied: no such batch, not this role or branch.
    """
    with desk.uow as uow:
        batch = take_batch(ask.batch, ask.operator, desk=desk)
        parcels = parcels_of(batch, uow=uow)
        by, event, detail = ask.operator.actor, PAPERS[ask.paper], {"parcels": len(parcels)}
        uow.audit.append(event, batch, by=by, at=desk.now, institution_id=batch.institution_id, detail=detail)
        uow.commit()
    return batch, parcels
