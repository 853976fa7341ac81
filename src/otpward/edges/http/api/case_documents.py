"""`/v1/cases/{number}/documents`: pictures of papers, sent by an application of the institution for its member, with the same
checks and the same covering as at the portal; and opened, with a reason, in the name of a member of staff.

A picture is taken (202), read and covered behind the answer, looked at by the member, and only then kept.
"""

import base64
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from otpward.core.errors import NotFound
from otpward.core.lifecycle.document import DocumentState
from otpward.core.model.document import OFFERED, Document
from otpward.core.policy.keys import CASES_DECIDE, CASES_READ, CASES_WRITE, DOCUMENTS_REVEAL
from otpward.edges.http.api.case_decisions import IfMatch, Once, in_one_sentence
from otpward.edges.http.api.cases import Number, case_named
from otpward.edges.http.api.keys import Caller, caller_with
from otpward.edges.http.api.once import Asked, once
from otpward.edges.http.api.problems import declare
from otpward.edges.http.api.said import KEY, said, seen_version, stamp
from otpward.edges.http.api.staff import Login, operator_named, source_of
from otpward.edges.http.documents_words import FLAWS
from otpward.edges.http.front import Front
from otpward.edges.http.pictures import picture
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.apply.drop_document import drop_document
from otpward.services.apply.keep_document import KeepDocument, keep_document
from otpward.services.apply.see_document import SeeDocument, see_document

Key = Annotated[UUID, Path(description="The document's id")]
_READS: Final = declare(400, 401, 403, 404, 422, 500, 503)
_WRITES: Final = declare(400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 500, 503)


class DocumentAnswer(BaseModel):
    """One paper. `state` is `reading`, `read` or `by_hand` (to be looked at; by hand, the member must say that no number is
    left), `refused` (`flaw` says why, `problem` in a sentence), `kept`, or `erased`."""

    id: str
    item: str
    state: str
    paper: str | None = None
    flaw: str | None = None
    problem: str | None = None
    issued_on: str | None = None
    covers: int
    pages: int
    by_hand: bool
    sent_at: str
    kept_at: str | None = None
    erase_at: str | None = None


class DocumentListAnswer(BaseModel):
    """Every paper of the application, the oldest first."""

    documents: list[DocumentAnswer]


class KeepAsk(BaseModel):
    """The member's own word on what they looked at: `looked`, that no number is left, where the reader was not sure; `right`,
    that it is the paper that was asked for, where it seemed another."""

    model_config = ConfigDict(extra="forbid")

    looked: bool = False
    right: bool = False


class RevealAsk(BaseModel):
    """Who opens it (a login), and why: 2 to 200 characters, with nothing about a person. Both are in the audit."""

    model_config = ConfigDict(extra="forbid")

    by: Login
    reason: Annotated[str, StringConstraints(strict=True, min_length=2, max_length=200)]


class PageAnswer(BaseModel):
    """One page: a JPEG in base64, with the numbers painted over."""

    number: int
    width: int
    height: int
    picture: str


class RevealAnswer(BaseModel):
    """The pages, in their order."""

    pages: list[PageAnswer]


def router(front: Front) -> APIRouter:
    """The routes of this room, but for the one that takes a file (`case_upload`)."""
    routes = APIRouter(prefix="/v1/cases/{number}/documents", tags=["apply"])
    _add_reading(routes, front)
    _add_deciding(routes, front)
    return routes


def _add_reading(routes: APIRouter, front: Front) -> None:
    house = front.house
    reads = Depends(caller_with(CASES_READ, CASES_WRITE, CASES_DECIDE, house=house))
    writes = Depends(caller_with(CASES_WRITE, house=house))

    @routes.get("", response_model=DocumentListAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def list_documents(number: Number, caller: Annotated[Caller, reads]) -> Response:
        """The papers of an application."""

        def every(uow: UnitOfWork) -> list[dict[str, Any]]:
            return [told(one) for one in uow.documents.find(case_id=case_named(number, uow).id, order="sent_at")]

        return said({"documents": house.look(caller.key.institution_id, every)})

    @routes.get("/{key}", response_model=DocumentAnswer, response_model_exclude_none=True, responses=_READS, openapi_extra=KEY)
    def read_document(number: Number, key: Key, caller: Annotated[Caller, reads]) -> Response:
        """How far a paper has come. Ask again after two seconds while it is `reading`."""
        document = house.look(caller.key.institution_id, lambda uow: document_named(number, key, uow))
        return said(told(document), version=document.version)

    @routes.get(
        "/{key}/pages/{page}",
        response_class=Response,
        responses={**_READS, 200: {"content": {"image/jpeg": {}}, "description": "The page as it is covered"}},
        openapi_extra=KEY,
    )
    def read_page(
        number: Number, key: Key, page: Annotated[int, Path(ge=0, le=99)], caller: Annotated[Caller, writes]
    ) -> Response:
        """One page, for its member to look at before it is kept. Afterwards it is opened by `reveal` only."""

        def octets(uow: UnitOfWork) -> bytes:
            document = document_named(number, key, uow)
            found = uow.document_pages.first(document_id=document.id, number=page) if document.state in OFFERED else None
            if found is None or not found.picture:
                raise NotFound("no such page")
            return found.picture.reveal()

        return picture(house.look(caller.key.institution_id, octets))


def _add_deciding(routes: APIRouter, front: Front) -> None:
    house = front.house
    writes = Depends(caller_with(CASES_WRITE, house=house))
    reveals = Depends(caller_with(DOCUMENTS_REVEAL, house=house))

    @routes.post(
        "/{key}/keep", response_model=DocumentAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY
    )
    def keep(
        number: Number,
        key: Key,
        ask: KeepAsk,
        caller: Annotated[Caller, writes],
        once_key: Once = None,
        if_match: IfMatch = None,
    ) -> Response:
        """The member has looked at the covered picture and gives it. An earlier one of the same paper is erased."""

        def act(seen: int) -> Response:
            document = house.look(caller.key.institution_id, lambda uow: document_named(number, key, uow))
            wanted = KeepDocument(
                document_id=document.id,
                member_id=document.member_id,
                seen=seen,
                looked=ask.looked,
                right=ask.right,
                source=source_of(caller),
            )
            kept = house.do(caller.key.institution_id, lambda desk: keep_document(wanted, desk=desk))
            return said(told(kept), version=kept.version)

        def answer() -> Response:
            seen = seen_version(if_match)
            asked = Asked(caller=caller, once=once_key, where=f"keep {number} {key}", body=ask, version=seen)
            return once(asked, house, lambda: act(seen))

        return in_one_sentence(answer)

    @routes.delete(
        "/{key}", response_model=DocumentAnswer, response_model_exclude_none=True, responses=_WRITES, openapi_extra=KEY
    )
    def drop(number: Number, key: Key, caller: Annotated[Caller, writes]) -> Response:
        """The member takes a picture back; it is erased."""
        inside = caller.key.institution_id
        document = house.look(inside, lambda uow: document_named(number, key, uow))
        source = source_of(caller)
        dropped = house.do(inside, lambda desk: drop_document(document.id, document.member_id, source, desk=desk))
        return said(told(dropped), version=dropped.version)

    @routes.post("/{key}/reveal", response_model=RevealAnswer, responses=_WRITES, openapi_extra=KEY)
    def reveal(number: Number, key: Key, ask: RevealAsk, caller: Annotated[Caller, reveals]) -> Response:
        """Open a kept picture in the name of a member of staff. Each time is a line in the audit, with the reason."""

        def answer() -> Response:
            operator = operator_named(ask.by, caller, house=house)
            wanted = SeeDocument(operator=operator, case_number=number.upper(), document_id=key, reason=ask.reason)
            seen = house.do(caller.key.institution_id, lambda desk: see_document(wanted, desk=desk))
            pages = [
                {
                    "number": one.number,
                    "width": one.width,
                    "height": one.height,
                    "picture": base64.b64encode(one.picture.reveal()).decode(),
                }
                for one in seen.pages
            ]
            return said({"pages": pages})

        return in_one_sentence(answer)


def document_named(number: str, key: UUID, uow: UnitOfWork) -> Document:
    """The document of this application; raises `NotFound`."""
    found = uow.documents.first(id=key, case_id=case_named(number, uow).id)
    if found is None:
        raise NotFound("no such document")
    return found


def told(document: Document) -> dict[str, Any]:
    """A paper as this interface tells it."""
    flaw = document.flaw if document.state is DocumentState.REFUSED else None
    every = {
        "id": str(document.id),
        "item": document.item,
        "state": document.state.value,
        "paper": document.paper,
        "flaw": document.flaw,
        "problem": None if flaw is None else FLAWS.get(flaw),
        "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        "covers": document.covers,
        "pages": document.pages,
        "by_hand": document.by_hand,
        "sent_at": stamp(document.sent_at),
        "kept_at": stamp(document.kept_at),
        "erase_at": stamp(document.erase_at),
    }
    return {name: value for name, value in every.items() if value is not None}
