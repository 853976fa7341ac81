"""Seed files at the console: sent, looked at row by row, taken in, and taken back as one act."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.places import keeper_of
from otpward.core.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from otpward.core.model.institution import ImportState
from otpward.core.model.member import Area, Operator
from otpward.core.model.seed_upload import SeedUpload, UploadState
from otpward.core.policy.roles import Permission
from otpward.edges.http.console.door import admit, told
from otpward.edges.http.console.seed_words import DOUBLES, FAULTS, FAULTS_OF, FORMATS, STATES, reasons
from otpward.edges.http.console.stock_words import branch_here
from otpward.edges.http.faults import explain
from otpward.edges.http.front import ForgedForm, Front, Visit, make_visit, page_route
from otpward.edges.http.seed_room import SeedRoom
from otpward.edges.http.words import later
from otpward.ports.unit_of_work import UnitOfWork
from otpward.services.sign_in.sessions import find_seat
from otpward.services.stock.change_upload import ChangeUpload, begin_taking, change_upload
from otpward.services.stock.keep_upload import OPEN, OPEN_MOST, KeepUpload, Opener, answer_for, keep_upload
from otpward.services.stock.read_upload import ReadUpload
from otpward.services.stock.take_rows import Doubles
from otpward.services.stock.undo_import import UndoImport, undo_import

PATH: Final = "/console/stock/import"
_LISTED: Final = 30
_SILENT: Final = timedelta(minutes=2)
"""Without a sign of life for so long, the process that read it is gone."""
_REFRESH_S: Final = "2"
_DONE: Final = {
    "dropped": later("Discarded. Nothing of the file was kept."),
    "undone": later("Taken back. Devices that were used since stayed."),
}


def show_imports(visit: Visit) -> Response:
    """What was taken in, what waits, and a form for the next file."""
    return _imports(visit, admit(visit, Permission.KEEP_STOCK), {})


def send_file(visit: Visit) -> Response:
    """Keep the file that has come, and have it read."""
    operator = admit(visit, Permission.KEEP_STOCK)
    room, _ = _room(visit), visit.words._
    key, name, octets = visit.request.state.seeds
    if not octets:
        return _imports(visit, operator, {"file": _("Choose a seed file")})
    code = visit.form.get("branch", "")
    branch = visit.look(lambda uow: uow.branches.first(code=code)) if code else None
    doubles = visit.form.get("doubles", "")
    ask = KeepUpload(
        institution_id=visit.institution.id,
        upload_id=key,
        operator=operator,
        file_name=name,
        octets=octets,
        doubles=Doubles(doubles) if doubles in set(Doubles) else Doubles.REFUSE,
        branch_id=None if branch is None else branch.id,
        opener=_opener(visit),
    )
    try:
        visit.do(lambda desk: keep_upload(ask, desk=desk))
    except Invalid as error:
        room.files.drop(key)
        return _imports(visit, operator, _wrong(error, visit))
    except Exception:
        room.files.drop(key)
        raise
    room.read(ReadUpload(institution_id=visit.institution.id, upload_id=key, source=visit.source))
    return visit.go(f"{PATH}/{key}")


def show_undo(visit: Visit) -> Response:
    """What taking back means, before it is done."""
    operator, key = admit(visit, Permission.KEEP_STOCK), _key(visit.query.get("import", ""))
    visit.look(lambda uow: _need(_sent_as(key, uow), operator, uow))
    found = visit.look(lambda uow: uow.imports.get(key))
    return visit.page("console/stock/undo.html", values={}, found=found)


def send_undo(visit: Visit) -> Response:
    """Take an import back."""
    operator = admit(visit, Permission.KEEP_STOCK)
    key = _key(visit.form.get("import", ""))
    visit.look(lambda uow: _need(_sent_as(key, uow), operator, uow))
    ask = UndoImport(institution_id=visit.institution.id, import_id=key, by=operator.actor)
    undo_import(ask, house=visit.front.house)
    return visit.go(f"{PATH}?done=undone")


def show_upload(visit: Visit) -> Response:
    """How far a file is, the verdict on its rows, and what can be done with it."""
    operator, key = admit(visit, Permission.KEEP_STOCK), _key(visit.path("upload"))
    visit.look(lambda uow: _need(uow.uploads.get(key), operator, uow))
    return _upload(visit, {})


def send_act(visit: Visit) -> Response:
    """Take it in, try another key, go on, or discard it."""
    operator = admit(visit, Permission.KEEP_STOCK)
    room, key = _room(visit), _key(visit.path("upload"))
    upload = visit.look(lambda uow: uow.uploads.get(key))
    visit.look(lambda uow: _need(upload, operator, uow))
    reading = ReadUpload(institution_id=visit.institution.id, upload_id=key, source=visit.source)
    match visit.form.get("act"):
        case "drop":
            visit.do(lambda desk: change_upload(ChangeUpload(upload_id=key, operator=operator), desk=desk, files=room.files))
            return visit.go(f"{PATH}?done=dropped")
        case "open":
            ask = ChangeUpload(upload_id=key, operator=operator, opener=_opener(visit))
            try:
                visit.do(lambda desk: change_upload(ask, desk=desk, files=room.files))
            except Invalid as error:
                return _upload(visit, _wrong(error, visit))
            room.read(reading)
        case "take" if upload.state is UploadState.READ:
            visit.do(lambda desk: begin_taking(upload, operator, desk=desk))
            room.read(replace(reading, take=True))
        case "go_on" if _silent(upload, visit):
            room.read(replace(reading, take=upload.state is UploadState.TAKING))
        case _:
            raise Conflict("not now")
    return visit.go(f"{PATH}/{key}")


def _imports(visit: Visit, operator: Operator, errors: dict[str, str]) -> Response:
    _branch, branches = branch_here(visit, operator)
    waiting, found, everywhere = visit.look(
        lambda uow: (
            uow.uploads.find(state=OPEN, order="at"),
            uow.imports.find(order="-at", limit=_LISTED),
            {one.id: one for one in uow.branches.find()},
        )
    )
    mine = visit.look(lambda uow: [one for one in waiting if _answers(one, operator, uow)])
    back = visit.look(lambda uow: {one.id for one in found if one.taken and _answers(_sent_as(one.id, uow), operator, uow)})
    kept = {name: visit.form.get(name, "") for name in ("doubles", "branch")}
    return visit.page(
        "console/stock/imports.html",
        errors=errors,
        values=kept if visit.form else {"doubles": Doubles.REFUSE, "branch": ""},
        waiting=mine,
        imports=found,
        all=everywhere,
        branches=branches,
        state=_words(visit, STATES),
        formats=FORMATS,
        doubles=[(str(value), visit.words._(word)) for value, word in DOUBLES.items()],
        full=len(waiting) >= OPEN_MOST,
        ready=visit.front.seeds is not None,
        undoable=lambda one: one.state in {ImportState.DONE, ImportState.RUNNING} and one.id in back,
        done=None if errors else told(visit, _DONE),
    )


def _sent_as(import_id: UUID, uow: UnitOfWork) -> SeedUpload | None:
    return uow.uploads.first(import_id=import_id)


def _need(upload: SeedUpload | None, operator: Operator, uow: UnitOfWork) -> None:
    """Let them handle it; what came by command belongs to no branch."""
    if upload is None:
        keeper_of(operator, None)
    else:
        answer_for(upload, operator, uow=uow)


def _answers(upload: SeedUpload | None, operator: Operator, uow: UnitOfWork) -> bool:
    try:
        _need(upload, operator, uow)
    except Denied:
        return False
    return True


def _upload(visit: Visit, errors: dict[str, str]) -> Response:
    upload = visit.look(lambda uow: uow.uploads.get(_key(visit.path("upload"))))
    found: dict[str, Any] = json.loads(upload.told or "{}")
    silent = _silent(upload, visit)
    waits = upload.state is UploadState.KEPT and not upload.fault
    running = not silent and (waits or upload.state in {UploadState.READING, UploadState.TAKING})
    branch = visit.look(lambda uow: uow.branches.first(id=upload.branch_id)) if upload.branch_id else None
    page = visit.page(
        "console/stock/upload.html",
        errors=errors,
        values={},
        upload=upload,
        found=found,
        branch=branch,
        running=running,
        silent=silent,
        state=_words(visit, STATES),
        formats=FORMATS,
        fault=_fault(upload.fault, found.get("field", ""), visit),
        why=lambda text: reasons(text, visit.words),
        doubles=visit.words._(DOUBLES[Doubles(upload.doubles)]),
        action=f"{PATH}/{upload.id}",
    )
    if running:
        page.headers["refresh"] = _REFRESH_S
    return page


def _fault(code: str, field: str, visit: Visit) -> str | None:
    """What is wrong with the file, and what to enter; nothing where no sentence fits."""
    sentence = FAULTS_OF.get((code, field)) or FAULTS.get(code)
    return visit.words._(sentence) if sentence else None


def _silent(upload: SeedUpload, visit: Visit) -> bool:
    doing = upload.state in {UploadState.READING, UploadState.TAKING} or (upload.state is UploadState.KEPT and not upload.fault)
    return doing and visit.front.house.clock.now() - upload.beat_at > _SILENT


def _opener(visit: Visit) -> Opener:
    form = visit.form
    return Opener(
        key="".join(form.get("key", "").split()),
        password=form.get("password", ""),
        private_key=form.get("private_key", ""),
        signer=form.get("signer", ""),
        unverified=form.get("unverified") == "yes",
    )


def _wrong(error: Invalid, visit: Visit) -> dict[str, str]:
    _ = visit.words._
    match error.field:
        case "key":
            return {"key": _("A transport key is written in hexadecimal: digits and the letters a to f")}
        case "password" | "private_key" | "signer":
            return {error.field: _("Too long")}
        case _:
            return {"file": _("Choose a seed file")}


def _room(visit: Visit) -> SeedRoom:
    if visit.front.seeds is None:
        raise Unavailable("no folder for seed files")
    return visit.front.seeds


def _words(visit: Visit, words: Mapping[Any, str]) -> dict[str, str]:
    return {str(key): visit.words._(word) for key, word in words.items()}


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("no such file") from None


def _reader(front: Front) -> Callable[[Request], Awaitable[Mapping[str, str]]]:
    """Reads the form with the file, once it is known who sends it."""

    async def read(request: Request) -> Mapping[str, str]:
        visit = await run_in_threadpool(_known, front, request)
        return await _room(visit).receive(request, visit.institution.id, visit.csrf)

    return read


def _known(front: Front, request: Request) -> Visit:
    visit = make_visit(front, request, Area.CONSOLE)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForgedForm("not from our page")
    secret = front.cookies.session(request, Area.CONSOLE)
    if secret:
        visit.seat = find_seat(visit.institution.id, secret, Area.CONSOLE, house=front.house)
    admit(visit, Permission.KEEP_STOCK)
    return visit


def takes_files(path: str) -> bool:
    """Whether a form that goes there carries a file, and bounds what comes by itself."""
    return path == PATH


def routes(front: Front) -> list[BaseRoute]:
    """The pages of this room."""
    area = Area.CONSOLE
    return [
        page_route(front, PATH, area=area, get=show_imports, post=send_file, explain=explain, read=_reader(front)),
        page_route(front, f"{PATH}/undo", area=area, get=show_undo, post=send_undo, explain=explain),
        page_route(front, PATH + "/{upload}", area=area, get=show_upload, post=send_act, explain=explain, files=2),
    ]
