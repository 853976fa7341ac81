"""Passkeys: added on this device, named, tried at once, removed."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import Invalid, NotFound
from otpward.core.model.backup import Passkey
from otpward.core.model.member import Level
from otpward.core.policy.backup import ConfirmFirst, LastMethod
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.passkeys import FIELD, ask_for, ask_to_make, signal_of, site
from otpward.edges.http.portal.backup import Backup, backup_of, confirm_at, passkey_id
from otpward.edges.http.portal.backup_codes import is_confirmed
from otpward.edges.http.words import later
from otpward.services.backup.add_passkey import AddAnswer, AddPasskey, add_passkey, asked_to_add
from otpward.services.backup.remove_passkey import RemovePasskey, remove_passkey
from otpward.services.backup.rename_passkey import RenamePasskey, rename_passkey
from otpward.services.backup.try_passkey import TryPasskey, asked_to_try, try_passkey
from otpward.services.backup.wake_passkey import WakePasskey, wake_passkey
from otpward.services.sign_in.sessions import Seat

_HANDLE_OCTETS: Final = 32
_DONE: Final = {
    "added": later("The passkey is added. Try it now: only then it lets you in"),
    "works": later("The passkey works"),
    "renamed": later("The name is saved"),
    "woken": later("The passkey lets you in again"),
    "removed": later("The passkey is removed. You can delete it on your device, too"),
}
_REFUSED: Final = {
    AddAnswer.STALE: later("That took too long. Try again"),
    AddAnswer.KNOWN: later("This device already has a passkey of yours"),
    AddAnswer.REFUSED: later("That passkey was not accepted. Try again, or choose another way"),
    AddAnswer.TOO_MANY: later("You have as many passkeys as can be kept. Remove one first"),
}


def show_passkeys(visit: Visit) -> Response:
    """Those there are, and the way to one more."""
    return _passkeys(visit)


def send_passkeys(visit: Visit) -> Response:
    """A new one is kept, if the browser made it for us."""
    seat, form, _ = visit.need(Level.FULL), visit.form, visit.words._
    ask = AddPasskey(
        session_id=seat.session.id,
        answer=form.get(FIELD, ""),
        name=form.get("name", "").strip() or _("Passkey"),
        user_handle=_handle_in(form),
        browser=visit.browser,
        source=visit.source,
    )
    try:
        answer, passkey = visit.do(lambda desk: add_passkey(ask, site=site(visit), desk=desk))
    except ConfirmFirst:
        return visit.go(confirm_at("passkeys"))
    if passkey is None:
        return _passkeys(visit, {"": _(_REFUSED[answer])})
    return visit.go(f"/backup/passkeys/{passkey.id}?done=added")


def show_passkey(visit: Visit) -> Response:
    """One: its name, how it stands, and what can be done with it."""
    return _passkey(visit)


def send_name(visit: Visit) -> Response:
    """It is called something else."""
    ask = RenamePasskey(
        session_id=_seat(visit).session.id, passkey_id=_key(visit), name=visit.form.get("name", ""), source=visit.source
    )
    try:
        visit.do(lambda desk: rename_passkey(ask, desk=desk))
    except Invalid:
        return _passkey(visit, {"name": visit.words._("Enter a name, such as My phone")})
    return visit.go(f"/backup/passkeys/{_key(visit)}?done=renamed")


def send_try(visit: Visit) -> Response:
    """It is tried."""
    ask = TryPasskey(
        session_id=_seat(visit).session.id,
        passkey_id=_key(visit),
        answer=visit.form.get(FIELD, ""),
        browser=visit.browser,
        source=visit.source,
    )
    if visit.do(lambda desk: try_passkey(ask, site=site(visit), desk=desk)):
        return visit.go(f"/backup/passkeys/{_key(visit)}?done=works")
    return _passkey(visit, {"": visit.words._("That passkey was not accepted. Try again, or choose another way")})


def send_wake(visit: Visit) -> Response:
    """One whose removal was undone lets in again, after another factor."""
    ask = WakePasskey(session_id=_seat(visit).session.id, passkey_id=_key(visit), source=visit.source)
    try:
        visit.do(lambda desk: wake_passkey(ask, desk=desk))
    except ConfirmFirst:
        return visit.go(confirm_at(f"wake:{_key(visit)}"))
    return visit.go(f"/backup/passkeys/{_key(visit)}?done=woken")


def show_remove(visit: Visit) -> Response:
    """The last question; before it another factor, and no question at all about the last way in."""
    seat, (mine, passkey) = _seat(visit), _own(visit)
    try:
        mine.methods.without(passkey.id)
    except LastMethod:
        return _passkey(visit, {"": _last(visit)})
    now = visit.front.house.clock.now()
    if not is_confirmed(seat, now) or seat.session.confirmed_by == passkey.id:
        return visit.go(confirm_at(f"remove:{passkey.id}"))
    return visit.page("portal/backup/remove.html", passkey=passkey)


def send_remove(visit: Visit) -> Response:
    """It opens nothing any more."""
    ask = RemovePasskey(session_id=_seat(visit).session.id, passkey_id=_key(visit), source=visit.source)
    try:
        visit.do(lambda desk: remove_passkey(ask, desk=desk))
    except ConfirmFirst:
        return visit.go(confirm_at(f"remove:{_key(visit)}"))
    except LastMethod:
        return _passkey(visit, {"": _last(visit)})
    return visit.go("/backup/passkeys?done=removed")


def _passkeys(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    seat, mine = _seat(visit), backup_of(visit)
    member, confirmed = seat.member, is_confirmed(seat, visit.front.house.clock.now())
    known = visit.look(lambda uow: uow.passkeys.first(member_id=member.id))
    handle = visit.front.house.entropy.octets(_HANDLE_OCTETS) if known is None else known.user_handle
    asked = asked_to_add(seat.session.id, handle, visit.browser)
    return visit.page(
        "portal/backup/passkeys.html",
        errors=errors,
        mine=mine,
        done=_done(visit) if not errors else None,
        confirm=None if confirmed else confirm_at("passkeys"),
        ask=ask_to_make(visit, asked, member, handle, mine.passkeys) if confirmed else None,
        handle=handle.hex(),
        signal=signal_of(visit, mine.passkeys, b"" if known is None else known.user_handle),
    )


def _passkey(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    seat, (_mine, passkey) = _seat(visit), _own(visit)
    return visit.page(
        "portal/backup/passkey.html",
        errors=errors,
        values=visit.form if errors and "name" in errors else {"name": passkey.name.reveal()},
        passkey=passkey,
        done=_done(visit) if not errors else None,
        ask=ask_for(visit, asked_to_try(seat.session.id, passkey.id, visit.browser), [passkey]),
    )


def _own(visit: Visit) -> tuple[Backup, Passkey]:
    mine, key = backup_of(visit), _key(visit)
    passkey = next((one for one in mine.passkeys if one.id == key), None)
    if passkey is None:
        raise NotFound("no such passkey of this member")
    return mine, passkey


def _last(visit: Visit) -> str:
    return visit.words._("This is your last way in. Add another one before you remove it")


def _done(visit: Visit) -> str | None:
    sentence = _DONE.get(visit.query.get("done", ""))
    return None if sentence is None else visit.words._(sentence)


def _handle_in(form: Mapping[str, str]) -> bytes:
    try:
        return bytes.fromhex(form.get("handle", ""))
    except ValueError:
        return b""


def _seat(visit: Visit) -> Seat:
    return visit.need(Level.FULL)


def _key(visit: Visit) -> UUID:
    return passkey_id(visit.path("key"))


def routes(front: Front) -> list[BaseRoute]:
    """The list, one passkey, and what is done with it."""
    one = "/backup/passkeys/{key}"
    return [
        page_route(front, "/backup/passkeys", get=show_passkeys, post=send_passkeys, explain=explain),
        page_route(front, one, get=show_passkey, post=send_name, explain=explain),
        page_route(front, f"{one}/try", post=send_try, explain=explain),
        page_route(front, f"{one}/wake", post=send_wake, explain=explain),
        page_route(front, f"{one}/remove", get=show_remove, post=send_remove, explain=explain),
    ]
