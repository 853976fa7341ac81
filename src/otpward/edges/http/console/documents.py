"""A picture of a paper, opened by staff: asked why, written down, and then shown with ways to enlarge and turn it.

What was covered was painted over before anything was kept; nobody can uncover it. What is asked about is opening it at all.
"""

import hmac
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.policy import policy_of
from otpward.core.errors import Invalid, NotFound
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import Document, DocumentPage
from otpward.core.model.member import Area, Operator
from otpward.core.policy.roles import Permission
from otpward.edges.http.address import key_of
from otpward.edges.http.console.case_view import read_case
from otpward.edges.http.console.door import admit, told
from otpward.edges.http.documents_words import KINDS, item_title
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.pictures import picture
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.ports.vault import Print
from otpward.services.apply.see_document import REASON_LONGEST, SeeDocument, see_document

PATH: Final = "/console/cases/{no}/documents/{document}"
REASONS: Final = {
    "check": later("To check this application"),
    "question": later("The member asked about it"),
    "doubt": later("There is doubt about the paper"),
}
DONE: Final = {"covered": later("Covered. Nothing under it is kept.")}
_PASS: Final = timedelta(minutes=15)
"""A picture that was opened can be looked at for so long, to twice as long; then the reason is asked for again."""
_ZOOMS: Final = (1, 2, 3)
_TURNS: Final = (0, 90, 180, 270)


def show_why(visit: Visit) -> Response:
    """Why it is to be opened; or, with a pass that was just given, the picture."""
    operator = admit(visit, Permission.REVIEW)
    document = document_here(visit, operator)
    if has_pass(visit, operator, document.id):
        return _viewer(visit, operator, document)
    return _why(visit, document)


def send_why(visit: Visit) -> Response:
    """The reason is written down, and the picture opens."""
    operator = admit(visit, Permission.REVIEW)
    document = document_here(visit, operator)
    reason = visit.form.get("reason", "")
    words = visit.form.get("words", "").strip()
    if reason not in REASONS and reason != "other":
        return _why(visit, document, errors={"reason": visit.words._("Choose why you open it")})
    ask = SeeDocument(
        operator=operator,
        case_number=visit.path("no"),
        document_id=document.id,
        reason=reason if reason in REASONS else words,
    )
    try:
        visit.do(lambda desk: see_document(ask, desk=desk))
    except Invalid:
        wrong = visit.words._("Write why, in 2 to {n} letters", n=REASON_LONGEST)
        return _why(visit, document, errors={"words": wrong})
    return visit.go(
        f"{address_of(visit)}?{urlencode({'pass': _pass(visit, operator, document.id, visit.front.house.clock.now())})}"
    )


def show_picture(visit: Visit) -> Response:
    """One page of it, for whoever opened it a moment ago."""
    operator = admit(visit, Permission.REVIEW)
    document = document_here(visit, operator)
    if not has_pass(visit, operator, document.id):
        raise NotFound("no such page")
    number = visit.path("page")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    page = visit.look(lambda uow: uow.document_pages.first(document_id=document.id, number=wanted))
    if page is None or not page.picture:
        raise NotFound("no such page")
    return picture(page.picture.reveal())


def kept_documents(uow: UnitOfWork, case_id: UUID) -> list[Document]:
    """The pictures of a case that can be opened."""
    return uow.documents.find(case_id=case_id, state=DocumentState.KEPT, order="sent_at")


def _viewer(visit: Visit, operator: Operator, document: Document) -> Response:
    pages: list[DocumentPage] = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
    zoom, turn = _one_of(visit, "zoom", _ZOOMS), _one_of(visit, "turn", _TURNS)
    kept = {"pass": visit.query["pass"]}

    def at(zoom: int, turn: int) -> str:
        return f"{address_of(visit)}?{urlencode({**kept, 'zoom': zoom, 'turn': turn})}"

    return visit.page(
        "console/cases/document.html",
        title=title_of(visit, document),
        kind=visit.words._(KINDS[document.paper]) if document.paper else "",
        document=document,
        pages=pages,
        here=address_of(visit),
        number=visit.path("no"),
        allowed=urlencode(kept),
        zoom=zoom,
        turn=turn,
        mends=_mends(visit, operator, document),
        done=told(visit, DONE),
        larger=at(min(zoom + 1, _ZOOMS[-1]), turn) if zoom < _ZOOMS[-1] else None,
        smaller=at(zoom - 1, turn) if zoom > 1 else None,
        turned=at(zoom, (turn + 90) % 360),
    )


def _mends(visit: Visit, operator: Operator, document: Document) -> list[tuple[str, str]]:
    """What can be done to the picture from here; nothing to one's own."""
    if document.member_id == operator.member_id:
        return []
    kept, here = urlencode({"pass": visit.query["pass"]}), address_of(visit)
    cover = [(visit.words._("Cover more"), f"{here}/cover?{kept}")] if visit.front.uploads is not None else []
    return [*cover, (visit.words._("Erase this picture"), f"{here}/erase?{kept}")]


def _why(visit: Visit, document: Document, *, errors: dict[str, str] | None = None) -> Response:
    _ = visit.words._
    reasons = [{"value": key, "label": _(text)} for key, text in REASONS.items()]
    return visit.page(
        "console/cases/document_why.html",
        errors=errors,
        title=title_of(visit, document),
        number=visit.path("no"),
        here=address_of(visit),
        reasons=[*reasons, {"value": "other", "label": _("Another reason")}],
        longest=REASON_LONGEST,
    )


def title_of(visit: Visit, document: Document) -> str:
    """What the case's policy calls the paper."""
    now = visit.front.house.clock.now()
    policy = visit.look(lambda uow: policy_of(uow.cases.get(document.case_id), uow=uow, now=now))
    return item_title(document, policy, visit.words)


def document_here(visit: Visit, operator: Operator) -> Document:
    """The picture that the address names, in a case this operator may see; raises `NotFound`."""
    key, now = key_of(visit.path("document")), visit.front.house.clock.now()

    def look(uow: UnitOfWork) -> Document | None:
        case = read_case(visit.path("no"), operator=operator, uow=uow, now=now).case
        return uow.documents.first(id=key, case_id=case.id, state=DocumentState.KEPT)

    found = visit.look(look)
    if found is None:
        raise NotFound("no such document")
    return found


def address_of(visit: Visit) -> str:
    """Where the picture of this address is opened."""
    return f"/console/cases/{visit.path('no')}/documents/{visit.path('document')}"


def _one_of(visit: Visit, name: str, values: tuple[int, ...]) -> int:
    return next((value for value in values if visit.query.get(name) == str(value)), values[0])


def _pass(visit: Visit, operator: Operator, document_id: UUID, at: datetime) -> str:
    """Good for this operator, in this browser, for this picture, for a while; worth nothing to anybody else."""
    window = int(at.timestamp() // _PASS.total_seconds())
    parts = (str(document_id), str(operator.member_id), visit.browser_secret, str(window))
    return visit.front.house.vault.fingerprint(Print.PICTURE, *parts).hex()[:40]


def has_pass(visit: Visit, operator: Operator, document_id: UUID) -> bool:
    """Whether this operator opened it a moment ago in this browser, with a reason."""
    given, now = visit.query.get("pass", ""), visit.front.house.clock.now()
    good = (_pass(visit, operator, document_id, at) for at in (now, now - _PASS))
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in good)


def routes(front: Front) -> list[BaseRoute]:
    """The viewer of one picture."""
    one = PATH
    return [
        page_route(front, one, area=Area.CONSOLE, get=show_why, post=send_why, explain=explain),
        page_route(front, one + "/{page}", area=Area.CONSOLE, get=show_picture, explain=explain),
    ]
