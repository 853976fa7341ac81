"""The recovery code: made when it is asked for, shown on one page, and gone from here when that page is left."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.recovery import fold_code, live_code
from otpward.core.errors import Invalid
from otpward.core.model.member import Level, Member
from otpward.core.model.proof import Act
from otpward.core.policy.backup import ConfirmFirst, refuse_unconfirmed
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.backup import confirm_at
from otpward.edges.http.portal.purposes import progress, unfolded
from otpward.services.backup.is_own_code import is_own_code
from otpward.services.backup.make_recovery_code import MakeRecoveryCode, make_recovery_code
from otpward.services.sign_in.sessions import Seat

_KEPT: Final = "/backup/codes/kept"
_FILE: Final = "/backup/codes/file"
_ERRAND: Final = "errand:"
BACKUP: Final = "backup"
APPLY: Final = "apply"


def show_codes(visit: Visit) -> Response:
    """Whether there is one, and the button that makes one."""
    return _codes(visit)


def send_codes(visit: Visit) -> Response:
    """A new one is made, and shown."""
    seat = visit.need(Level.FULL)
    ask = MakeRecoveryCode(institution_id=visit.institution.id, session_id=seat.session.id, source=visit.source)
    try:
        code = make_recovery_code(ask, house=visit.front.house)
    except ConfirmFirst:
        return visit.go(confirm_at("codes"))
    return new_code_page(visit, seat.member, code, BACKUP)


def send_kept(visit: Visit) -> Response:
    """It is in a safe place: on to what came before. Without the tick the page stays."""
    seat, code, then = _seat(visit), fold_code(visit.form.get("code", "")), visit.form.get("then", BACKUP)
    if visit.form.get("kept"):
        return visit.go(_next(visit, then))
    if not _is_own(visit, seat, code):
        return visit.go("/backup/codes")
    errors = {"kept": visit.words._("Save the code first, then tick this box")}
    return new_code_page(visit, seat.member, code, then, errors=errors)


def send_file(visit: Visit) -> Response:
    """The code as a file of text, with whose it is and where it is for."""
    seat, code = _seat(visit), fold_code(visit.form.get("code", ""))
    if not _is_own(visit, seat, code):
        raise Invalid("not the code that was shown")
    _, show = visit.words._, visit.front.pages.show(visit.lang)
    lines = [
        visit.institution.name(visit.lang),
        _("Recovery code"),
        "",
        " ".join(code[at : at + 4] for at in range(0, len(code), 4)),
        "",
        f"{_('Member')}: {seat.member.name.reveal()}",
        f"{_('Date')}: {show.date(visit.front.house.clock.now()).striptags()}",
        "",
        _("It works once. Keep it where only you can find it."),
        _("Questions: {phone}", phone=visit.institution.phone),
    ]
    headers = {"Content-Disposition": 'attachment; filename="recovery-code.txt"', "Cache-Control": "no-store"}
    return Response("\r\n".join(lines) + "\r\n", media_type="text/plain; charset=utf-8", headers=headers)


def new_code_page(
    visit: Visit, member: Member, code: str, then: str, *, errors: Mapping[str, str] | None = None, used: bool = False
) -> Response:
    """The page that shows a code. `used`: the one before it has just been spent. `then` says where it goes on."""
    more: dict[str, Any] = {"code": code, "member": member, "then": then, "used": used}
    return visit.page(
        "portal/backup/code.html", errors=errors, values={}, now=visit.front.house.clock.now(), kept=_KEPT, file=_FILE, **more
    )


def after_errand(folded: str) -> str:
    """The word for going on with this errand."""
    return _ERRAND + folded


def _codes(visit: Visit) -> Response:
    seat, now = visit.need(Level.FULL), visit.front.house.clock.now()
    row = visit.look(lambda uow: live_code(seat.member.id, uow))
    return visit.page("portal/backup/codes.html", row=row, confirm=None if is_confirmed(seat, now) else confirm_at("codes"))


def is_confirmed(seat: Seat, now: Any) -> bool:
    """Whether a factor was shown just now."""
    try:
        refuse_unconfirmed(seat.session, now=now)
    except ConfirmFirst:
        return False
    return True


def _seat(visit: Visit) -> Seat:
    return visit.need(Level.PROVEN, Level.FULL)


def _is_own(visit: Visit, seat: Seat, code: str) -> bool:
    return bool(code) and is_own_code(visit.institution.id, seat.member.id, code, house=visit.front.house)


def _next(visit: Visit, then: str) -> str:
    """Where it goes on; no other address is followed."""
    if then.startswith(_ERRAND):
        where = unfolded(visit, then.removeprefix(_ERRAND))
        enough = where.act is Act.FOLLOW or progress(visit, where.act, where.report).standing.enough
        return where.then if enough else where.at("/prove")
    return {APPLY: "/apply"}.get(then, "/backup")


def routes(front: Front) -> list[BaseRoute]:
    """The code's own pages."""
    return [
        page_route(front, "/backup/codes", get=show_codes, post=send_codes, explain=explain),
        page_route(front, _KEPT, post=send_kept, explain=explain),
        page_route(front, _FILE, post=send_file, explain=explain),
    ]
