"""Sending a picture of a paper: it is taken, read, covered, looked at, and only then kept."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from otpward.clerk.consents import ConsentNeeded, pictures_allowed
from otpward.core.errors import Invalid, NotFound, OtpwardError, TooOften
from otpward.core.lifecycle.case import CaseState
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.case import Case
from otpward.core.model.document import OFFERED, Document, Flaw
from otpward.core.model.member import Area
from otpward.core.model.proof import Act
from otpward.core.policy.asked_papers import AskedPaper, NotFresh, asked_paper, day_flaw
from otpward.core.policy.papers import Paper
from otpward.core.policy.versions import day_of
from otpward.edges.http.address import key_of, pick
from otpward.edges.http.documents_words import FLAWS, KINDS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, SignInFirst, Visit, make_visit, page_route
from otpward.edges.http.intake import hear_out
from otpward.edges.http.pictures import picture
from otpward.edges.http.portal.apply_papers import LISTED, day_typed, for_papers, stale, way_to_show
from otpward.edges.http.portal.documents_by_hand import send_cover
from otpward.edges.http.portal.own import proven
from otpward.edges.http.portal.terms import asked_here
from otpward.edges.http.squares import grid_of
from otpward.edges.http.uploads import AGAIN_S, Crowded, Uploads, UploadTooBig, Waiting
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.cover_more import NotOffered
from otpward.services.apply.drop_document import drop_document
from otpward.services.apply.keep_document import KeepDocument, keep_document
from otpward.services.apply.send_document import SendDocument, send_document
from otpward.services.sign_in.sessions import find_seat

PATH: Final = "/apply/documents/"
_WAIT_S: Final = 2
_LONGEST_WAIT: Final = timedelta(minutes=2)
"""Longer than the longest paper takes; the server that read it was stopped."""
_NEWEST: Final = "-sent_at"


def takes_files(path: str) -> bool:
    """Whether this is where a file is sent to."""
    return path.startswith(PATH) and "/" not in path.removeprefix(PATH)


def show_upload(visit: Visit) -> Response:
    """Where a picture of this paper is taken or chosen."""
    case, asked = _asked(visit)
    if not visit.look(lambda uow: pictures_allowed(case, uow=uow)):
        return visit.go(f"/apply/consent?item={asked.item}")
    return _upload_page(visit, case, asked)


def send_upload(visit: Visit) -> Response:
    """A file has come: it waits to be read, and its own page says how far it is."""
    case, asked = _asked(visit)
    paper = pick(Paper, visit.form.get("paper"))
    errors = _missing(visit, asked, paper)
    if errors:
        return _upload_page(visit, case, asked, errors=errors)
    ask = SendDocument(
        case_id=case.id,
        member_id=case.member_id,
        item=asked.item,
        paper=paper,
        source=visit.source,
        issued_on=day_typed(visit.form.get("issued_on", "")),
    )
    try:
        document = visit.do(lambda desk: send_document(ask, desk=desk))
    except NotFresh as error:
        return _upload_page(visit, case, asked, errors={"issued_on": stale(visit, asked, error.flaw)})
    waiting = Waiting(visit.institution.id, document.id, document.paper, visit.request.state.file)
    _uploads(visit).hand_over(waiting, visit.request)
    return visit.go(f"{PATH}{asked.item}/{document.id}")


def show_document(visit: Visit) -> Response:
    """How far the picture is: being read, to be looked at, refused with a reason, or kept."""
    case, asked = _asked(visit)
    document = _document(visit, case, asked)
    return document_page(visit, case, asked, document)


def document_page(
    visit: Visit, case: Case, asked: AskedPaper, document: Document, *, errors: Mapping[str, str] | None = None
) -> Response:
    """The page of one picture, as it stands."""
    title = asked.title.text(visit.lang)
    here = f"{PATH}{asked.item}/{document.id}"
    more: dict[str, Any] = {
        "title": title,
        "kind": visit.words._(KINDS[document.paper]) if document.paper else title,
        "here": here,
        "item": asked.item,
        "document": document,
        "asked": asked,
        "then": _then(case),
    }
    match document.state:
        case DocumentState.READING if visit.front.house.clock.now() - document.sent_at > _LONGEST_WAIT:
            flaw = visit.words._(FLAWS[Flaw.TOO_HEAVY])
            return _upload_page(visit, case, asked, errors={"file": flaw}, values=_values(document))
        case DocumentState.READING:
            page = visit.page("portal/apply/document_reading.html", **more)
            page.headers["Refresh"] = f"{_WAIT_S};url={here}"
            return page
        case DocumentState.REFUSED:
            flaw = visit.words._(FLAWS[document.flaw or Flaw.UNREADABLE])
            return _upload_page(visit, case, asked, errors={"file": flaw}, values=_values(document))
        case DocumentState.READ | DocumentState.BY_HAND | DocumentState.KEPT:
            pages = visit.look(lambda uow: uow.document_pages.find(document_id=document.id, order="number"))
            return visit.page(
                "portal/apply/document_look.html",
                errors=errors,
                values={name: visit.form.get(name, "") for name in ("right", "looked")},
                another=document.flaw is Flaw.ANOTHER_PAPER,
                **more,
                pages=pages,
                grids=[grid_of(page) for page in pages],
                by_hand="hand" in visit.query or document.state is DocumentState.BY_HAND,
            )
        case _:
            return _upload_page(visit, case, asked, errors={"file": visit.words._("This picture was erased. Send it again.")})


def send_keep(visit: Visit) -> Response:
    """The member gives the picture as it is covered."""
    case, asked = _asked(visit)
    document = _document(visit, case, asked)
    if visit.form.get("cell"):
        return send_more(visit)  # squares ticked and not yet covered: they are covered first, and looked at once more
    seat = proven(visit, Act.APPLY)
    ask = KeepDocument(
        document_id=document.id,
        member_id=seat.member.id,
        seen=_seen(visit),
        looked=bool(visit.form.get("looked")),
        right=bool(visit.form.get("right")),
        source=visit.source,
    )
    try:
        visit.do(lambda desk: keep_document(ask, desk=desk))
    except Invalid:
        return document_page(visit, case, asked, document, errors=_unsaid(visit, document))
    except NotOffered:
        return visit.go(f"{PATH}{asked.item}/{document.id}")
    return visit.go(_then(case))


def send_drop(visit: Visit) -> Response:
    """The picture is taken back, and another can be sent."""
    case, asked = _asked(visit)
    document = _document(visit, case, asked)
    seat = proven(visit, Act.APPLY)
    visit.do(lambda desk: drop_document(document.id, seat.member.id, visit.source, desk=desk))
    return visit.go(_then(case) if visit.form.get("shown") else f"{PATH}{asked.item}")


def send_more(visit: Visit) -> Response:
    """Squares that the member ticked are painted over."""
    case, asked = _asked(visit)
    document = _document(visit, case, asked)
    wrong = send_cover(visit, document, seen=_seen(visit), reader=_uploads(visit).reader)
    if wrong:
        return document_page(visit, case, asked, document, errors=wrong)
    return visit.go(f"{PATH}{asked.item}/{document.id}")


def show_page(visit: Visit) -> Response:
    """One page of the picture itself."""
    case, asked = _asked(visit)
    document = _document(visit, case, asked)
    number = visit.path("page")
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    if document.state not in OFFERED | {DocumentState.KEPT}:
        raise NotFound("no such page")
    return picture(visit.look(lambda uow: _picture(uow, document.id, wanted)))


def _picture(uow: UnitOfWork, document_id: UUID, number: int) -> bytes:
    page = uow.document_pages.first(document_id=document_id, number=number)
    if page is None or not page.picture:
        raise NotFound("no such page")
    return page.picture.reveal()


def _asked(visit: Visit) -> tuple[Case, AskedPaper]:
    """The application that can be written, and which of its papers the address names; raises `NotFound`."""
    case = for_papers(visit, proven(visit, Act.APPLY))
    asked = asked_paper(asked_here(visit, case), visit.path("item")) if case is not None else None
    if case is None or asked is None or not asked.sent or visit.front.uploads is None:
        raise NotFound("no such paper")
    return case, asked


def _document(visit: Visit, case: Case, asked: AskedPaper) -> Document:
    key = key_of(visit.path("document"))
    found = visit.look(lambda uow: uow.documents.first(id=key, case_id=case.id, item=asked.item))
    if found is None:
        raise NotFound("no such document")
    return found


def _unsaid(visit: Visit, document: Document) -> dict[str, str]:
    """What the member has to say before a doubtful picture is kept."""
    _, unsaid = visit.words._, {}
    if document.flaw is Flaw.ANOTHER_PAPER and not visit.form.get("right"):
        unsaid["right"] = _("Tick this if it is the right paper. Otherwise send the right one")
    if document.state is DocumentState.BY_HAND and not visit.form.get("looked"):
        unsaid["looked"] = _("Tick this when you see no number any more")
    return unsaid


def _uploads(visit: Visit) -> Uploads:
    if visit.front.uploads is None:
        raise NotFound("pictures are not taken here")
    return visit.front.uploads


def _seen(visit: Visit) -> int:
    version = visit.form.get("seen", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1


def _missing(visit: Visit, asked: AskedPaper, paper: Paper | None) -> dict[str, str]:
    errors: dict[str, str] = {}
    if asked.kinds and paper not in asked.kinds:
        errors["paper"] = visit.words._("Choose which paper it is")
    flaw = day_flaw(day_typed(visit.form.get("issued_on", "")), asked.months, day_of(visit.front.house.clock.now()))
    if flaw is not None:
        errors["issued_on"] = stale(visit, asked, flaw)
    if not visit.request.state.file:
        chosen = bool(visit.form.get("chosen"))
        errors["file"] = visit.words._(FLAWS[Flaw.EMPTY if chosen else Flaw.NONE_CHOSEN])
    return errors


def _upload_page(
    visit: Visit,
    case: Case,
    asked: AskedPaper,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, object] | None = None,
) -> Response:
    kept = visit.look(
        lambda uow: uow.documents.first(case_id=case.id, item=asked.item, state=DocumentState.KEPT, order=_NEWEST)
    )
    kinds = [{"value": kind.value, "label": visit.words._(KINDS[kind])} for kind in asked.kinds]
    return visit.page(
        "portal/apply/document_send.html",
        errors=errors,
        values={"paper": asked.kinds[0]} if values is None and not errors and len(asked.kinds) == 1 else values,
        title=asked.title.text(visit.lang),
        asked=asked,
        item=asked.item,
        kinds=kinds,
        kept=kept,
        then=_then(case),
        way=visit.words._(way) if (way := way_to_show(case, asked)) else "",
    )


def _then(case: Case) -> str:
    """Where the papers of this application are listed: while it is written, or where more of it was asked for."""
    return LISTED if case.state is CaseState.DRAFT else f"/cases/{case.number}/answer"


def _values(document: Document) -> dict[str, object]:
    return {"paper": document.paper or "", "issued_on": document.issued_on or ""}


def explain_upload(visit: Visit, error: OtpwardError) -> Response:
    """The page where a file was not even taken."""
    again_s = 0
    match error:
        case Crowded():
            text = visit.words._(
                "Many people are sending pictures just now. Yours was not taken; send it again in half a minute."
            )
            status, again_s = 503, AGAIN_S
        case UploadTooBig():
            text, status = visit.words._(FLAWS[Flaw.TOO_BIG]), 413
        case TooOften():
            text = visit.words._("You have sent many pictures. Try again in an hour, or show the paper at the branch.")
            status, again_s = 429, max(1, ceil((error.until - visit.front.house.clock.now()).total_seconds()))
        case SignInFirst():
            return visit.go(error.where)
        case ConsentNeeded():
            return visit.go(f"/apply/consent?item={visit.path('item')}")
        case _:
            return explain(visit, error)
    page = visit.page("portal/apply/document_not_taken.html", status=status, values={}, text=text, back=visit.request.url.path)
    if again_s:
        page.headers["Retry-After"] = str(again_s)
    return page


def _reader(front: Front, uploads: Uploads) -> Callable[[Request], Awaitable[Mapping[str, str]]]:
    """Reads the form with the file, once somebody has shown who they are: strangers take up no room."""

    async def read(request: Request) -> Mapping[str, str]:
        try:
            await run_in_threadpool(_known, front, request)
        except SignInFirst:
            await hear_out(request)
            raise
        return await uploads.receive(request)

    return read


def _known(front: Front, request: Request) -> None:
    visit = make_visit(front, request, Area.PORTAL)
    secret = front.cookies.session(request, Area.PORTAL)
    if secret:
        visit.seat = find_seat(visit.institution.id, secret, Area.PORTAL, house=front.house)
    proven(visit, Act.APPLY)


def routes(front: Front) -> list[BaseRoute]:
    """The pages of a picture; none where pictures cannot be read."""
    if front.uploads is None:
        return []
    uploads, one = front.uploads, f"{PATH}{{item}}/{{document}}"
    taking = page_route(
        front, PATH + "{item}", get=show_upload, post=send_upload, explain=explain_upload, read=_reader(front, uploads)
    )
    return [
        Route(taking.path, uploads.minded(taking.endpoint), methods=["GET", "POST"]),
        page_route(front, one, get=show_document, explain=explain),
        page_route(front, one + "/keep", post=send_keep, explain=explain),
        page_route(front, one + "/drop", post=send_drop, explain=explain),
        page_route(front, one + "/cover", post=send_more, explain=explain),
        page_route(front, one + "/page/{page}", get=show_page, explain=explain),
    ]
