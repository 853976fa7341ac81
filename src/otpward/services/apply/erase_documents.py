"""Pictures whose time is over are erased: those nobody kept after half an hour, those of ended applications by their class."""

from typing import Final

from otpward.clerk.documents import LIVING, erase_document
from otpward.core.audit import Actor, ActorKind
from otpward.core.lifecycle.document import DocumentState
from otpward.ports.desk import Desk
from otpward.ports.unit_of_work import Before

_BY: Final = Actor(kind=ActorKind.SYSTEM, source="deadline")
_AT_A_TIME: Final = 200


def erase_documents(*, desk: Desk) -> int:
    """Erase them; how many there were."""
    with desk.uow as uow:
        over = uow.documents.find(erase_at=Before(desk.now), state=LIVING, limit=_AT_A_TIME, order="erase_at")
        for document in over:
            kept = document.state is DocumentState.KEPT
            erase_document(document, desk=desk, by=_BY, why="kept_long_enough" if kept else "not_kept")
        uow.commit()
    return len(over)
