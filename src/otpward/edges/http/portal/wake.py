"""Not used for long, so it rests: its holder shows who they are, and one number wakes it."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from otpward.core.ids import MemberId
from otpward.core.lifecycle.token import Hold
from otpward.core.model.member import Level
from otpward.core.model.proof import Act
from otpward.core.oath.typed_code import normalise_code
from otpward.core.policy.proofs import ProofNeeded
from otpward.core.policy.verification import Verdict
from otpward.edges.http.faults import explain
from otpward.edges.http.front import Front, Visit, page_route
from otpward.edges.http.portal.own_devices import OwnDevice, own_devices
from otpward.edges.http.portal.purposes import progress
from otpward.edges.http.portal.verdicts import refusal
from otpward.services.health.wake_token import NotAtRest, WakeToken, wake_token

_PROVE = f"/prove?for={Act.UNLOCK}"
_DESPITE = frozenset({Hold.DORMANT})


def show_wake(visit: Visit) -> Response:
    """The field for the number, for who has shown who they are; others are sent to do so."""
    member_id = _proven(visit)
    if member_id is None:
        return visit.go(_PROVE)
    resting = _resting(visit, member_id)
    return _page(visit, resting) if resting else visit.go("/check/test")


def send_wake(visit: Visit) -> Response:
    """The number is judged; if it is good, the device works again."""
    member_id = _proven(visit)
    if member_id is None:
        return visit.go(_PROVE)
    resting = _resting(visit, member_id)
    if not resting:
        return visit.go("/check/test")
    named = visit.form.get("device", "")
    chosen = resting[0] if len(resting) == 1 else next((own for own in resting if own.serial == named), None)
    if chosen is None:
        return _page(visit, resting, {"device": visit.words._("Choose one")})
    if normalise_code(visit.form.get("code", ""), chosen.token.digits) is None:
        return _page(visit, resting, {"code": visit.words._("Enter the {n}-digit OTP number", n=chosen.token.digits)})
    ask = WakeToken(
        token_id=chosen.token.id,
        member_id=member_id,
        browser=visit.browser,
        code=visit.form["code"],
        source=visit.source,
    )
    try:
        verdict = visit.do(lambda desk: wake_token(ask, desk=desk))
    except ProofNeeded:
        return visit.go(_PROVE)
    except NotAtRest:
        return visit.go("/check/test")
    if verdict is Verdict.ACCEPTED:
        return visit.page("portal/reminder/awake.html", own=chosen, values={})
    after = [own.token for own in own_devices(visit, member_id) if own.serial == chosen.serial]
    return _page(visit, resting, {"code": refusal(visit, verdict, after, despite=_DESPITE)})


def _page(visit: Visit, resting: Sequence[OwnDevice], errors: Mapping[str, str] | None = None) -> Response:
    return visit.page(
        "portal/reminder/wake.html", errors=errors, resting=resting, values={"device": visit.form.get("device", "")}
    )


def _proven(visit: Visit) -> MemberId | None:
    seat = visit.seat
    if seat is None or seat.session.level not in {Level.PROVEN, Level.FULL}:
        return None
    return seat.member.id if progress(visit, Act.UNLOCK).standing.enough else None


def _resting(visit: Visit, member_id: MemberId) -> list[OwnDevice]:
    return [own for own in own_devices(visit, member_id) if Hold.DORMANT in own.token.holds and not own.stopped]


def routes(front: Front) -> list[BaseRoute]:
    """One page."""
    return [page_route(front, "/check/wake", get=show_wake, post=send_wake, explain=explain)]
