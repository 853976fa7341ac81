"""What a member falls back on: the list of it, and the factor that is shown before any of it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.clerk.recovery import live_code
from otpward.core.errors import NotFound
from otpward.core.model.backup import Passkey, RecoveryCode
from otpward.core.model.member import Level
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.backup import Methods, methods_of, works
from otpward.core.policy.verification import Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.passkeys import FIELD, ask_for, site
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.backup.confirm_by_code import ConfirmByCode, confirm_by_code
from otpward.services.backup.confirm_by_passkey import ConfirmByPasskey, asked_to_confirm, confirm_by_passkey

_THEN: Final = {"codes": "/backup/codes", "passkeys": "/backup/passkeys"}
_REMOVE: Final = "remove:"
_WAKE: Final = "wake:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A member's devices, passkeys and recovery code, and which of them let them in now."""

    devices: Sequence[OwnDevice]
    passkeys: Sequence[Passkey]
    code: RecoveryCode | None
    methods: Methods

    @property
    def enough(self) -> bool:
        """Whether losing one thing does not mean a way to a branch."""
        return self.code is not None or self.methods.count > 1


def backup_of(visit: Visit) -> Backup:
    """What the member who sits here falls back on."""
    member, now = visit.need(Level.FULL).member, visit.front.house.clock.now()
    passkeys, code = visit.look(
        lambda uow: (uow.passkeys.find(member_id=member.id, removed_at=None, order="added_at"), live_code(member.id, uow))
    )
    devices = own_devices(visit, member.id)
    methods = methods_of([own.token for own in devices], passkeys, now=now)
    return Backup(devices=devices, passkeys=passkeys, code=code, methods=methods)


def show_backup(visit: Visit) -> Response:
    """Each way in: since when, and when it was last used."""
    return visit.page("portal/backup/backup.html", mine=backup_of(visit))


def confirm_at(then: str) -> str:
    """Where a factor is shown before this change."""
    return f"/backup/confirm?{urlencode({'then': then})}"


def show_confirm(visit: Visit) -> Response:
    """An OTP number or a passkey: it vouches for five minutes."""
    return _confirm(visit)


def send_confirm(visit: Visit) -> Response:
    """The number is judged, as at any other door."""
    seat, code = visit.need(Level.FULL), visit.form.get("code", "")
    tokens = [own.token for own in own_devices(visit, seat.member.id)]
    if not any(normalise_code(code, token.digits) for token in tokens):
        digits = tokens[0].digits if tokens else 6
        return _confirm(visit, visit.words._("Enter the {n}-digit OTP number", n=digits))
    ask = ConfirmByCode(session_id=seat.session.id, code=code, source=visit.source)
    verdict = visit.do(lambda desk: confirm_by_code(ask, desk=desk))
    if verdict is Verdict.ACCEPTED:
        return visit.go(_then(visit))
    return _confirm(visit, refusal(visit, verdict, [own.token for own in own_devices(visit, seat.member.id)]))


def send_confirm_passkey(visit: Visit) -> Response:
    """The passkey is judged."""
    seat = visit.need(Level.FULL)
    ask = ConfirmByPasskey(
        session_id=seat.session.id, answer=visit.form.get(FIELD, ""), browser=visit.browser, source=visit.source
    )
    if visit.do(lambda desk: confirm_by_passkey(ask, site=site(visit), desk=desk)):
        return visit.go(_then(visit))
    return _confirm(visit, visit.words._("That passkey was not accepted. Try again, or choose another way"), field="")


def _confirm(visit: Visit, error: str = "", *, field: str = "code") -> Response:
    seat, mine, then = visit.need(Level.FULL), backup_of(visit), visit.query.get("then", "")
    gone = _removed(then)
    usable = [one for one in mine.passkeys if works(one) and one.id != gone]
    where = _then(visit)
    return visit.page(
        "portal/backup/confirm.html",
        errors={field: error} if error else None,
        values={},
        then=then,
        back=where.removesuffix("/remove") if where.endswith("/remove") else "/backup",
        digits=next((own.token.digits for own in mine.devices if own.works), 0),
        ask=ask_for(visit, asked_to_confirm(seat.session.id, visit.browser), usable) if usable else None,
        can=bool(usable),
    )


def _then(visit: Visit) -> str:
    """Where the confirmed change is made; no other address is followed."""
    then = visit.query.get("then", "")
    gone = _removed(then)
    if gone is not None:
        return f"/backup/passkeys/{gone}" + ("/remove" if then.startswith(_REMOVE) else "")
    return _THEN.get(then, "/backup")


def _removed(then: str) -> UUID | None:
    """The passkey that it is about, which does not vouch for itself."""
    what, _, key = then.partition(":")
    return passkey_id(key) if f"{what}:" in {_REMOVE, _WAKE} else None


def passkey_id(text: str) -> UUID:
    """The key in an address; raises `NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("no such passkey") from None


def routes(front: Front) -> list[BaseRoute]:
    """The list, and the factor before a change."""
    return [
        page_route(front, "/backup", get=show_backup, explain=explain),
        page_route(front, "/backup/confirm", get=show_confirm, post=send_confirm, explain=explain),
        page_route(front, "/backup/confirm/passkey", post=send_confirm_passkey, explain=explain),
    ]
