"""The member covers by hand what the reader left."""

from otpward.core.model.document import OFFERED, Document
from otpward.core.model.proof import Act
from otpward.edges.http.front import Visit
from otpward.edges.http.portal.own import proven
from otpward.edges.http.squares import ticked
from otpward.ports.documents import PaperReader
from otpward.services.apply.cover_more import CoverMore, cover_more


def send_cover(visit: Visit, document: Document, *, seen: int, reader: PaperReader) -> dict[str, str]:
    """Paint the ticked squares over; what is wrong, by field, if nothing was ticked."""
    seat = proven(visit, Act.APPLY)
    pages = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
    patches = ticked(visit.form.get("cell", ""), pages)
    if not patches:
        return {"cell": visit.words._("Tick the squares that are to be covered")}
    if document.state not in OFFERED:
        return {}
    painted = reader.cover([page.picture for page in pages], patches)
    ask = CoverMore(document_id=document.id, member_id=seat.member.id, seen=seen, pages=painted, source=visit.source)
    visit.do(lambda desk: cover_more(ask, desk=desk))
    return {}
