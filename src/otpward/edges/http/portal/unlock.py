"""Locked after wrong numbers: the member shows who they are and opens it at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.errors import NotFound
from otpward.core.ids import MemberId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import LIMITS
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.check import JUST_NOW
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.purposes import progress
from otpward.services.resync.unlock_token import CannotUnlock, UnlockToken, unlock_token

_PROVE = f"/prove?for={Act.UNLOCK}"


def show_unlock(visit: Visit) -> Response:
    """The button that opens it, for who has shown who they are for this; others are sent to do so."""
    member_id = _proven(visit)
    if member_id is None:
        return visit.go(_PROVE)
    locked = _locked(visit, member_id)
    return _page(visit, locked) if locked else visit.go("/check/test")


def send_unlock(visit: Visit) -> Response:
    """The lock is lifted; the proof is spent by it."""
    member_id = _proven(visit)
    if member_id is None:
        return visit.go(_PROVE)
    locked = _locked(visit, member_id)
    if not locked:
        return visit.go("/check/test")
    named = visit.form.get("device", "")
    chosen = locked[0] if len(locked) == 1 else next((own for own in locked if own.serial == named), None)
    if chosen is None:
        return _page(visit, locked, {"device": visit.words._("Choose one")})
    ask = UnlockToken(token_id=chosen.token.id, member_id=member_id, browser=visit.browser, source=visit.source)
    try:
        visit.do(lambda desk: unlock_token(ask, desk=desk))
    except ProofNeeded:
        return visit.go(_PROVE)
    except CannotUnlock:
        return visit.go("/check/test")
    return visit.go(f"/check/unlocked?device={quote(chosen.serial)}")


def show_unlocked(visit: Visit) -> Response:
    """That it is open, told from how the device stands now."""
    member_id = _seated(visit)
    own = None if member_id is None else _named(visit, member_id)
    at = None if own is None else _unlocked_at(visit, own)
    if own is None or at is None or own.locked:
        return visit.go("/check/test")
    return visit.page("portal/check/unlocked.html", own=own, unlocked_at=at)


def _page(visit: Visit, locked: Sequence[OwnDevice], errors: Mapping[str, str] | None = None) -> Response:
    return visit.page("portal/check/unlock.html", errors=errors, locked=locked, limits=LIMITS, values=visit.form)


def _seated(visit: Visit) -> MemberId | None:
    seat = visit.seat
    return seat.member.id if seat is not None and seat.session.level in {Level.PROVEN, Level.FULL} else None


def _proven(visit: Visit) -> MemberId | None:
    """Who sits here, if they have shown enough for this act in this browser."""
    member_id = _seated(visit)
    if member_id is None:
        return None
    return member_id if progress(visit, Act.UNLOCK).standing.enough else None


def _locked(visit: Visit, member_id: MemberId) -> list[OwnDevice]:
    return [own for own in own_devices(visit, member_id) if own.locked]


def _named(visit: Visit, member_id: MemberId) -> OwnDevice:
    named = visit.query.get("device")
    own = next((own for own in own_devices(visit, member_id) if own.serial == named), None)
    if own is None:
        raise NotFound("no such device of this member")
    return own


def _unlocked_at(visit: Visit, own: OwnDevice) -> datetime | None:
    """When its newest lock was lifted, if that was just now."""
    line = visit.look(lambda uow: uow.holds.first(token_id=own.token.id, hold=Hold.LOCKED, order="-placed_at"))
    at = None if line is None else line.lifted_at
    return at if at is not None and visit.front.house.clock.now() - at <= JUST_NOW else None


def routes(front: Front) -> list[BaseRoute]:
    """The button, and what came of it."""
    return [
        page_route(front, "/check/unlock", get=show_unlock, post=send_unlock, explain=explain),
        page_route(front, "/check/unlocked", get=show_unlocked, explain=explain),
    ]
