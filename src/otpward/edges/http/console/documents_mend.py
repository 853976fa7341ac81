"""From the viewer: more of a picture is covered, or it is erased. Both ask why, and can be done to no paper of one's own."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound
from otpward.core.model.document import Document
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.documents import PATH, address_of, document_here, has_pass, title_of
from otpward.edges.http.console.door import admit
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.squares import grid_of, ticked
from otpward.edges.http.words import later
from otpward.ports.documents import PaperReader
from otpward.services.apply.mend_document import MendDocument, StaleDocument, mend_document
from otpward.services.apply.see_document import REASON_LONGEST

COVERS: Final = {
    "number": later("A number that nobody may keep can still be read"),
    "others": later("It shows data of somebody else"),
}
ERASES: Final = {
    "wrong": later("It is another paper than was asked for"),
    "unfit": later("It cannot be read"),
    "number": later("It shows what nobody may keep, and covering is not enough"),
    "asked": later("The member wants it erased"),
}


def show_cover(visit: Visit) -> Response:
    """The picture under squares; only for who opened it a moment ago."""
    _operator, document = _opened(visit)
    _reader(visit)
    return _cover_page(visit, document)


def send_cover(visit: Visit) -> Response:
    """The ticked squares are painted over."""
    operator, document = _opened(visit)
    reader = _reader(visit)
    pages = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
    patches = ticked(visit.form.get("cell", ""), pages)
    errors = {} if patches else {"cell": visit.words._("Tick the squares that are to be covered")}
    errors |= _reason_flaw(visit, COVERS)
    if errors:
        return _cover_page(visit, document, errors=errors)
    if not _is_as_seen(visit, document):
        return _cover_page(visit, document, errors={"": _changed(visit)})
    painted = reader.cover([page.picture for page in pages], patches)
    ask = MendDocument(
        operator=operator,
        case_number=visit.path("no"),
        document_id=document.id,
        seen=document.version,
        reason=_reason(visit, COVERS),
        pages=painted,
    )
    try:
        visit.do(lambda desk: mend_document(ask, desk=desk))
    except StaleDocument:
        return _cover_page(visit, document_here(visit, operator), errors={"": _changed(visit)})
    return visit.go(f"{address_of(visit)}?{_kept(visit)}&done=covered")


def show_erase(visit: Visit) -> Response:
    """Why it is to be erased, and what follows."""
    _operator, document = _opened(visit)
    return _erase_page(visit, document)


def send_erase(visit: Visit) -> Response:
    """It is erased, and the application is shown."""
    operator, document = _opened(visit)
    errors = _reason_flaw(visit, ERASES)
    if errors:
        return _erase_page(visit, document, errors=errors)
    if not _is_as_seen(visit, document):
        return _erase_page(visit, document, errors={"": _changed(visit)})
    ask = MendDocument(
        operator=operator,
        case_number=visit.path("no"),
        document_id=document.id,
        seen=document.version,
        reason=_reason(visit, ERASES),
    )
    try:
        visit.do(lambda desk: mend_document(ask, desk=desk))
    except StaleDocument:
        return _erase_page(visit, document_here(visit, operator), errors={"": _changed(visit)})
    return visit.go(f"/console/cases/{visit.path('no')}?done=erased")


def _opened(visit: Visit) -> tuple[Operator, Document]:
    """The picture, for an operator who has opened it just now with a reason; raises `NotFound`."""
    operator = admit(visit, Permission.REVIEW)
    document = document_here(visit, operator)
    if document.member_id == operator.member_id or not has_pass(visit, operator, document.id):
        raise NotFound("not opened")
    return operator, document


def _reader(visit: Visit) -> PaperReader:
    if visit.front.uploads is None:
        raise NotFound("pictures are not painted here")
    return visit.front.uploads.reader


def _reason(visit: Visit, reasons: Mapping[str, str]) -> str:
    chosen = visit.form.get("reason", "")
    return chosen if chosen in reasons else visit.form.get("words", "")


def _reason_flaw(visit: Visit, reasons: Mapping[str, str]) -> dict[str, str]:
    chosen = visit.form.get("reason", "")
    if chosen in reasons:
        return {}
    if chosen != "other":
        return {"reason": visit.words._("Choose why")}
    if not 1 < len(visit.form.get("words", "").strip()) <= REASON_LONGEST:
        return {"words": visit.words._("Write why, in 2 to {n} letters", n=REASON_LONGEST)}
    return {}


def _is_as_seen(visit: Visit, document: Document) -> bool:
    return visit.form.get("seen") == str(document.version)


def _changed(visit: Visit) -> str:
    return visit.words._("The picture has changed meanwhile. Look at it again.")


def _kept(visit: Visit) -> str:
    return urlencode({"pass": visit.query["pass"]})


def _cover_page(visit: Visit, document: Document, *, errors: Mapping[str, str] | None = None) -> Response:
    pages = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
    grids, about = [grid_of(page) for page in pages], _about(visit, document, COVERS)
    return visit.page("console/cases/document_cover.html", errors=errors, pages=pages, grids=grids, **about)


def _erase_page(visit: Visit, document: Document, *, errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("console/cases/document_erase.html", errors=errors, **_about(visit, document, ERASES))


def _about(visit: Visit, document: Document, reasons: Mapping[str, str]) -> dict[str, Any]:
    _ = visit.words._
    choices = [{"value": key, "label": _(text)} for key, text in reasons.items()]
    return {
        "title": title_of(visit, document),
        "document": document,
        "here": address_of(visit),
        "allowed": _kept(visit),
        "reasons": [*choices, {"value": "other", "label": _("Another reason")}],
        "longest": REASON_LONGEST,
    }


def routes(front: Front) -> list[BaseRoute]:
    """What is done to a picture; before the viewer's own addresses, of which a page's number is one."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH + "/cover", area=area, get=show_cover, post=send_cover, explain=explain),
        page_route(front, PATH + "/erase", area=area, get=show_erase, post=send_erase, explain=explain),
    ]
